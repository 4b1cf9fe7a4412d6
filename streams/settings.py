"""Settings of a running Playcall: file < environment < flag. Unknown keys are errors, secrets never print.

File: `playcall.toml` in the working directory, or the one given by `--config` or PLAYCALL_CONFIG. Environment: PLAYCALL_ and
the field's name in capitals (PLAYCALL_BOOTSTRAP). Flags win over both.
"""

import json
import os
from collections.abc import Mapping
from difflib import get_close_matches
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import AwareDatetime, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from schemas.catalogue import read_topics
from streams.engine.logs import parse_recreated
from streams.engine.quarantine import Quarantine

PREFIX = "PLAYCALL_"
DEFAULT_FILE = "playcall.toml"
# Read by other parts of the project, not settings of a worker.
OTHER_VARIABLES = ("PLAYCALL_CONFIG", "PLAYCALL_CACHE_DIR")

SecurityProtocol = Literal["PLAINTEXT", "SSL", "SASL_SSL", "SASL_PLAINTEXT"]
SaslMechanism = Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]
Milliseconds = Annotated[int, Field(ge=1)]


class SettingsError(ValueError):
    """Settings that cannot be used; the text says which, where they came from as far as known, and what to write instead."""


class Settings(BaseSettings):
    """Everything a process needs to know before it starts. Immutable; times carry their unit in the name."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True, hide_input_in_errors=True)

    bootstrap: str = Field(default="127.0.0.1:9092", description="Kafka brokers to start from: host:port, comma separated.")
    app_id: str = Field(
        default="playcall", pattern=r"^[a-zA-Z0-9._-]{1,120}$", description="Consumer group; first part of transactional ids."
    )
    topic_prefix: str = Field(default="", pattern=r"^[a-zA-Z0-9._-]{0,100}$", description="Put before every topic name.")
    partitions: int = Field(default=4, ge=1, le=10_000, description="Partitions of every account-keyed topic.")
    replication_factor: int = Field(default=1, ge=1, le=32, description="Replicas of every topic that `topics apply` creates.")

    security_protocol: SecurityProtocol = Field(
        default="PLAINTEXT", description="How brokers are spoken to; without encryption only on this machine."
    )
    allow_plaintext: bool = Field(default=False, description="Permit unencrypted connections beyond this machine.")
    sasl_mechanism: SaslMechanism | None = Field(default=None, description="How the SASL user proves who they are.")
    sasl_username: str | None = Field(default=None, description="The SASL user.")
    sasl_password: SecretStr | None = Field(default=None, description="Their password; never printed. A file is better.")
    sasl_password_file: Path | None = Field(default=None, description="Read the password from this file instead.")
    ssl_cafile: Path | None = Field(default=None, description="Certificate authorities to trust; the system's if not given.")
    ssl_certfile: Path | None = Field(default=None, description="Our certificate, where brokers ask for one.")
    ssl_keyfile: Path | None = Field(default=None, description="Its private key, unless the certificate's file has it.")

    library: Path | None = Field(default=None, description="Directory of rules and playbooks; the packaged library if not given.")
    policy: Path | None = Field(default=None, description="Directory of segments, owners and defaults; the packaged one if not given.")
    rules: Annotated[tuple[str, ...], NoDecode] | None = Field(
        default=None, description="Packs (`starter`, `all`) and rules that run; the policy's rules.yaml if not given."
    )

    commit_interval_ms: Milliseconds = Field(default=200, description="Longest time between two transactions of a partition.")
    commit_max_events: int = Field(default=20_000, ge=1, description="Events of a transaction that end it early.")
    commit_max_bytes: int = Field(default=8_000_000, ge=1, description="Bytes of pending output and state that end a transaction early.")
    allow_rollback: bool = Field(default=False, description="Accept accounts planned by a newer library, and plan them by this older one.")
    activation_rate: int = Field(
        default=50, ge=1, description="Accounts per second and partition that rules with `on_activate: paced` look at after a change."
    )
    go_live_at: AwareDatetime | None = Field(default=None, description="Before it nothing launches; the first start if not given.")
    feeds_interval_s: float = Field(
        default=5.0, gt=0, le=60, description="How often a worker tells the others up to when its partitions have heard each feed."
    )
    silence_grace_s: int = Field(default=600, ge=0, description="How long after a deadline silence is believed.")
    usage_duplicates_horizon_s: int = Field(
        default=3600, ge=0, description="How long, in append time, a usage event sent again is known as a duplicate; 0 turns the check off."
    )
    usage_duplicates_max: int = Field(
        default=1_000_000, ge=1000, description="Usage events remembered per partition, about 30 bytes each; beyond it the oldest go early."
    )
    roster: Literal["run", "recorded", "off"] = Field(
        default="run",
        description="Who chooses owners: `run`: the roster, which one of the workers runs; `recorded`: one that ran before, its answers "
        "are in `assignments`; `off`: each worker by the owners file alone.",
    )
    lookahead: int = Field(default=1000, ge=1, description="Records per topic-partition that the merge by event time looks ahead.")
    instance_id: str | None = Field(
        default=None,
        pattern=r"^[a-zA-Z0-9._-]{1,120}$",
        description="Name of this worker in the group, of its own and the same at each start: a restart within session_timeout_ms then "
        "moves nothing. None: every start is a new member.",
    )
    session_timeout_ms: Milliseconds = Field(default=10_000, description="How long a silent worker keeps its partitions.")
    heartbeat_interval_ms: Milliseconds = Field(default=3000, description="How often it says that it lives: at most a third of that.")
    transaction_timeout_ms: Milliseconds = Field(default=15_000, description="How long a frozen transaction may hide other records.")
    quarantine: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="What always fails and is set aside: TOPIC:PARTITION:OFFSET or account:ID; a list, or comma separated."
    )
    poison_share: float = Field(
        default=0.5, ge=0, le=1, description="Dead letters among the last 1,000 records (never under 200) that pause a topic; 0: never."
    )
    recreated: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Topics that were deleted and created anew on purpose: TOPIC:keep (same records, same offsets) or TOPIC:begin.",
    )
    topic_watch_s: float = Field(default=30.0, gt=0, description="How often a running worker looks whether its topics changed.")
    catch_up_rate: int = Field(default=0, ge=0, description="Most events per second of one worker while catching up; 0 is no limit.")

    http_host: str = Field(default="127.0.0.1", description="Where health and metrics are served.")
    http_port: int | None = Field(default=0, ge=0, le=65_535, description="Health and metrics; 0 takes a free port, none turns it off.")
    clock_file: Path | None = Field(default=None, description="Virtual wall clock for demos and tests; the machine's if not given.")
    until: AwareDatetime | None = Field(default=None, description="Stop once everything before this event time is done.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(default="info", description="The least that is logged.")

    _file: ClassVar[Path | None] = None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 no .env files: one file format is enough
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 secrets name their file (sasl_password_file)
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Earlier wins: flag, environment, file."""
        if cls._file is None:
            return init_settings, env_settings
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, toml_file=cls._file)

    @field_validator("http_port", mode="before")
    @classmethod
    def _none_is_off(cls, value: object) -> object:
        return None if isinstance(value, str) and value.lower() in {"none", "off", ""} else value

    @field_validator("quarantine", "recreated", "rules", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        """An environment variable is one text: a JSON list (for ids with commas), or entries between commas."""
        if not isinstance(value, str):
            return value
        if value.startswith("["):
            return tuple(json.loads(value))
        return tuple(entry.strip() for entry in value.split(",") if entry.strip())

    @field_validator("quarantine")
    @classmethod
    def _understood(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        Quarantine.parse(value)
        return value

    @field_validator("poison_share", mode="before")
    @classmethod
    def _none_is_never(cls, value: object) -> object:
        return 0 if value is None or (isinstance(value, str) and value.lower() in {"none", "off"}) else value

    @field_validator("recreated")
    @classmethod
    def _known(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        parse_recreated(value, read_topics())
        return value

    @field_validator("bootstrap")
    @classmethod
    def _addresses_only(cls, value: str) -> str:
        if "@" in value or "://" in value:
            raise ValueError("give host:port only: no scheme, no user, no password (sasl_username and sasl_password_file carry those)")
        for address in value.split(","):
            host, _, port = address.strip().rpartition(":")
            if not host or not port.isdecimal() or not 0 < int(port) < 65_536:
                raise ValueError(f"{address.strip()!r} is not host:port")
        return ",".join(address.strip() for address in value.split(","))

    @model_validator(mode="after")
    def _secure(self) -> Self:
        sasl = self.security_protocol.startswith("SASL")
        tls = self.security_protocol.endswith("SSL")
        if self.sasl_password is not None and self.sasl_password_file is not None:
            raise ValueError("sasl_password and sasl_password_file are both given: keep one")
        given = {
            name for name in ("sasl_mechanism", "sasl_username", "sasl_password", "sasl_password_file") if getattr(self, name) is not None
        }
        if sasl and (self.sasl_mechanism is None or self.sasl_username is None or not given & {"sasl_password", "sasl_password_file"}):
            raise ValueError(f"{self.security_protocol} needs sasl_mechanism, sasl_username and sasl_password_file (or sasl_password)")
        if not sasl and given:
            raise ValueError(f"{', '.join(sorted(given))} would be ignored: security_protocol is {self.security_protocol}, set SASL_SSL")
        files = [name for name in ("ssl_cafile", "ssl_certfile", "ssl_keyfile") if getattr(self, name) is not None]
        if files and not tls:
            raise ValueError(f"{', '.join(files)} would be ignored: security_protocol is {self.security_protocol}, set SSL or SASL_SSL")
        if self.ssl_keyfile is not None and self.ssl_certfile is None:
            raise ValueError("ssl_keyfile needs ssl_certfile beside it")
        far = [address for address in self.bootstrap.split(",") if not _is_loopback(address.rpartition(":")[0])]
        if not tls and far and not self.allow_plaintext:
            raise ValueError(
                f"{self.security_protocol} to {', '.join(far)} would travel unencrypted: set security_protocol to SSL or SASL_SSL, "
                "or allow_plaintext if the network is yours"
            )
        return self

    @model_validator(mode="after")
    def _timeouts_fit(self) -> Self:
        if self.heartbeat_interval_ms * 3 > self.session_timeout_ms:
            raise ValueError(
                f"heartbeat_interval_ms {self.heartbeat_interval_ms} is more than a third of session_timeout_ms {self.session_timeout_ms}: "
                "one lost heartbeat would cost the partitions"
            )
        return self

    def password(self) -> str | None:
        """The SASL password, from the setting or its file (read anew each time, so that it can be rotated); None without SASL.

        Raises SettingsError where the file cannot be read.
        """
        if self.sasl_password is not None:
            return self.sasl_password.get_secret_value()
        if self.sasl_password_file is None:
            return None
        try:
            return self.sasl_password_file.read_text(encoding="utf-8").strip()
        except OSError as error:
            raise SettingsError(f"sasl_password_file {self.sasl_password_file}: {error.strerror}") from error

    def topic(self, name: str) -> str:
        """The name on the broker of a logical topic."""
        return self.topic_prefix + name


def load_settings(flags: Mapping[str, Any] | None = None, config: Path | None = None) -> Settings:
    """Settings from flags (None values count as not given), PLAYCALL_ variables and the file. Raises SettingsError."""
    file = _find_file(config)
    _refuse_unknown_variables(os.environ)
    given = {name: value for name, value in (flags or {}).items() if value is not None}

    class FromFile(Settings):
        _file: ClassVar[Path | None] = file

    try:
        loaded = FromFile(**given)
    except ValidationError as error:
        raise SettingsError(_explain(error, given, file)) from None
    except ValueError as error:  # the file is not TOML
        raise SettingsError(f"{file}: {error}") from None
    return Settings.model_construct(
        _fields_set=set(loaded.model_fields_set), **{name: getattr(loaded, name) for name in Settings.model_fields}
    )


def _find_file(config: Path | None) -> Path | None:
    asked = config or (Path(os.environ["PLAYCALL_CONFIG"]) if os.environ.get("PLAYCALL_CONFIG") else None)
    if asked is None:
        return Path(DEFAULT_FILE) if Path(DEFAULT_FILE).is_file() else None
    if not asked.is_file():
        raise SettingsError(f"settings file {asked} does not exist")
    return asked


def _refuse_unknown_variables(environ: Mapping[str, str]) -> None:
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    for name in sorted(environ):
        if name.upper().startswith(PREFIX) and name.upper() not in known and name not in OTHER_VARIABLES:
            close = get_close_matches(name.upper(), known, n=1)
            raise SettingsError(f"environment variable {name} is not a setting" + (f": did you mean {close[0]}?" if close else ""))


def _explain(error: ValidationError, flags: Mapping[str, Any], file: Path | None) -> str:
    lines = []
    for item in error.errors(include_url=False, include_context=False):
        name = ".".join(str(part) for part in item["loc"])
        text = item["msg"].removeprefix("Value error, ")
        if not name:
            lines.append(f"settings: {text}")
            continue
        if item["type"] == "extra_forbidden":
            close = get_close_matches(name, Settings.model_fields, n=1)
            text = "is not a setting" + (f": did you mean {close[0]}?" if close else "")
        lines.append(f"setting {name} ({_origin(name, flags, file)}): {text}")
    return "\n".join(lines)


def _origin(name: str, flags: Mapping[str, Any], file: Path | None) -> str:
    if name in flags:
        return f"from the flag --{name.replace('_', '-')}"
    if PREFIX + name.upper() in os.environ:
        return f"from {PREFIX}{name.upper()}"
    return f"from {file}"


def _is_loopback(host: str) -> bool:
    bare = host.strip("[]")
    if bare == "localhost":
        return True
    try:
        return ip_address(bare).is_loopback
    except ValueError:
        return False
