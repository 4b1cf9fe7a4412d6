"""The jars of the local Kafka node: fetched once by Maven into the user's cache, shared by every checkout."""

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from importlib import resources
from pathlib import Path

from streams.broker.errors import BrokerError

KAFKA_VERSION = "4.1.0"
NEEDED_JAVA = 17
MAVEN_TIMEOUT_S = 600


def find_java() -> Path:
    """The java of JAVA_HOME, else of PATH. Raises BrokerError where there is none, or one older than 17."""
    home = os.environ.get("JAVA_HOME")
    found = str(Path(home) / "bin" / "java") if home else shutil.which("java")
    if found is None or not Path(found).is_file():
        where = f"JAVA_HOME={home} holds no bin/java" if home else "no java on PATH"
        raise BrokerError(f"{where}: install a JDK {NEEDED_JAVA} or newer (Debian: openjdk-17-jdk-headless), or set JAVA_HOME")
    said = subprocess.run([found, "-version"], capture_output=True, text=True, timeout=60, check=False).stderr
    match = re.search(r'version "(?:1\.)?(\d+)', said)
    if match is None or int(match[1]) < NEEDED_JAVA:
        raise BrokerError(
            f"{found} is Java {match[1] if match else 'of unknown version'}: Kafka {KAFKA_VERSION} needs JDK {NEEDED_JAVA} or newer"
        )
    return Path(found)


def cache_dir() -> Path:
    """PLAYCALL_CACHE_DIR, else the user's cache directory (XDG_CACHE_HOME, ~/.cache)."""
    own = os.environ.get("PLAYCALL_CACHE_DIR")
    return Path(own) if own else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "playcall"


def kafka_jars(progress: Callable[[str], None]) -> Path:
    """A folder with every jar of the node. Fetches them the first time (about 43 MB); two processes may do so at once.

    Raises BrokerError where Maven is missing or cannot fetch.
    """
    pom = resources.files("streams.broker").joinpath("pom.xml").read_text(encoding="utf-8")
    fingerprint = hashlib.sha256(f"{KAFKA_VERSION}\n{pom}".encode()).hexdigest()[:8]
    ready = cache_dir() / f"kafka-{KAFKA_VERSION}-{fingerprint}"
    if ready.is_dir():
        return ready
    maven = shutil.which("mvn")
    if maven is None:
        raise BrokerError("no mvn on PATH: install Maven (Debian: maven), which fetches the Kafka jars once")
    progress(f"fetching Apache Kafka {KAFKA_VERSION} with Maven (43 MB, once)")
    ready.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=ready.parent, prefix="fetching-") as scratch:
        pom_file, jars = Path(scratch) / "pom.xml", Path(scratch) / "jars"
        pom_file.write_text(pom, encoding="utf-8")
        command = [maven, "--batch-mode", "--quiet", "--strict-checksums", "--file", str(pom_file), f"-Dkafka.version={KAFKA_VERSION}"]
        try:
            done = subprocess.run(
                [*command, "dependency:copy-dependencies", f"-DoutputDirectory={jars}"],
                stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=MAVEN_TIMEOUT_S, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired as error:
            raise BrokerError(f"Maven did not fetch the Kafka jars within {MAVEN_TIMEOUT_S} s: is the network slow or blocked?") from error
        if done.returncode != 0:
            last = "\n".join((done.stdout + done.stderr).strip().splitlines()[-5:])
            raise BrokerError(f"Maven could not fetch the Kafka jars; a mirror or proxy belongs into its settings.xml. It said:\n{last}")
        try:
            jars.rename(ready)
        except OSError:
            if not ready.is_dir():  # else another process was first with the same jars
                raise
    return ready
