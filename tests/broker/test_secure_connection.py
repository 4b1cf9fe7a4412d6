"""TLS and SCRAM against a real listener: what is configured works, and nothing weaker is accepted."""

import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from streams.broker.errors import BrokerError
from streams.broker.local import local_node
from streams.broker.probe import probe
from streams.kafka.credentials import client_options
from streams.settings import Settings, load_settings

PASSWORD = "open sesame"
LISTENER = """
listeners=PLAINTEXT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$controller_port,SECURE://127.0.0.1:{port}
advertised.listeners=PLAINTEXT://127.0.0.1:$port,SECURE://localhost:{port}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SECURE:SASL_SSL
listener.name.secure.sasl.enabled.mechanisms=SCRAM-SHA-512
listener.name.secure.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
sasl.enabled.mechanisms=SCRAM-SHA-512
ssl.keystore.type=PEM
ssl.keystore.location={keystore}
"""


class Secured(NamedTuple):
    bootstrap: str
    certificate: Path


@pytest.fixture(scope="module")
def secured(own_node: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    """A local node with a SASL_SSL listener; its certificate, for localhost only, is its own authority."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed: no certificate for the test")
    folder = tmp_path_factory.mktemp("tls")
    key, certificate, keystore = folder / "key.pem", folder / "certificate.pem", folder / "keystore.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )  # fmt: skip
    keystore.write_text(key.read_text() + certificate.read_text())
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    user = ("--add-scram", f"SCRAM-SHA-512=[name=playcall,password={PASSWORD}]")
    with local_node(lambda _: None, properties=LISTENER.format(port=port, keystore=keystore), format_options=user):
        yield Secured(f"localhost:{port}", certificate)


def settings(secured: Secured, **otherwise: object) -> Settings:
    return load_settings(
        {
            "bootstrap": secured.bootstrap,
            "security_protocol": "SASL_SSL",
            "sasl_mechanism": "SCRAM-SHA-512",
            "sasl_username": "playcall",
            "sasl_password": PASSWORD,
            "ssl_cafile": secured.certificate,
            **otherwise,
        }
    )


def ask(chosen: Settings) -> int:
    return probe(chosen.bootstrap, timeout_s=5, client_options=client_options(chosen)).brokers


@pytest.mark.broker
def test_tls_and_scram_from_settings_alone(secured: Secured, tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text(PASSWORD + "\n")

    assert ask(settings(secured)) == 1
    assert ask(settings(secured, sasl_password=None, sasl_password_file=file)) == 1


@pytest.mark.broker
@pytest.mark.parametrize(
    "weakness",
    [
        {"sasl_password": "guessed"},
        {"ssl_cafile": None},  # the system's authorities do not know this certificate
        {"security_protocol": "SSL", "sasl_mechanism": None, "sasl_username": None, "sasl_password": None},
    ],
    ids=["wrong password", "unknown authority", "no credentials"],
)
def test_anything_less_is_refused(secured: Secured, weakness: dict[str, object]) -> None:
    with pytest.raises(BrokerError, match="does not answer"):
        ask(settings(secured, **weakness))


@pytest.mark.broker
def test_a_certificate_for_another_name_is_refused(secured: Secured) -> None:
    with pytest.raises(BrokerError, match="does not answer"):
        ask(settings(secured, bootstrap=secured.bootstrap.replace("localhost", "127.0.0.1")))
