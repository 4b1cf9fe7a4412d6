"""Settings: file < environment < flag; what is unknown, ignored or unsafe is refused with the way out."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from streams.settings import Settings, SettingsError, load_settings


@pytest.fixture(autouse=True)
def no_settings_around(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An empty working directory and no PLAYCALL_ variable."""
    monkeypatch.chdir(tmp_path)
    for name in ("PLAYCALL_CONFIG", *(f"PLAYCALL_{field.upper()}" for field in Settings.model_fields)):
        monkeypatch.delenv(name, raising=False)


def complaint(**flags: object) -> str:
    with pytest.raises(SettingsError) as caught:
        load_settings(flags)
    return str(caught.value)


def test_a_flag_beats_the_environment_which_beats_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("playcall.toml").write_text('app_id = "file"\ntopic_prefix = "file."\npartitions = 7\n')
    monkeypatch.setenv("PLAYCALL_APP_ID", "environment")
    monkeypatch.setenv("PLAYCALL_TOPIC_PREFIX", "environment.")

    loaded = load_settings({"app_id": "flag", "topic_prefix": None})

    assert (loaded.app_id, loaded.topic_prefix, loaded.partitions) == ("flag", "environment.", 7)
    assert type(loaded) is Settings


def test_the_file_can_be_named_by_flag_or_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    named = tmp_path / "other.toml"
    named.write_text('app_id = "named"\n')

    assert load_settings(config=named).app_id == "named"
    monkeypatch.setenv("PLAYCALL_CONFIG", str(named))
    assert load_settings().app_id == "named"


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"settings file .*gone\.toml does not exist"):
        load_settings(config=tmp_path / "gone.toml")


def test_a_file_that_is_not_toml_is_named() -> None:
    Path("playcall.toml").write_text("app_id = \n")

    assert complaint().startswith("playcall.toml: ")


def test_an_unknown_key_is_refused_wherever_it_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("playcall.toml").write_text("commit_interval = 5\n")
    assert complaint() == "setting commit_interval (from playcall.toml): is not a setting: did you mean commit_interval_ms?"
    Path("playcall.toml").unlink()

    assert complaint(partition=3) == "setting partition (from the flag --partition): is not a setting: did you mean partitions?"

    monkeypatch.setenv("PLAYCALL_BOOTSTRAPS", "127.0.0.1:9092")
    assert complaint() == "environment variable PLAYCALL_BOOTSTRAPS is not a setting: did you mean PLAYCALL_BOOTSTRAP?"


def test_a_bad_value_names_its_origin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAYCALL_PARTITIONS", "many")

    assert complaint() == (
        "setting partitions (from PLAYCALL_PARTITIONS): Input should be a valid integer, unable to parse string as an integer"
    )


@pytest.mark.parametrize("bootstrap", ["kafka://127.0.0.1:9092", "user:secret@broker:9092", "broker", "broker:", ":9092", "broker:99999"])
def test_a_bootstrap_that_is_no_plain_address_is_refused_without_repeating_a_password(bootstrap: str) -> None:
    said = complaint(bootstrap=bootstrap)

    assert said.startswith("setting bootstrap (from the flag --bootstrap): ")
    assert "secret" not in said


@pytest.mark.parametrize("bootstrap", ["127.0.0.1:9092", "localhost:9092,127.0.0.2:9093", "[::1]:9092"])
def test_plaintext_stays_on_this_machine(bootstrap: str) -> None:
    assert load_settings({"bootstrap": bootstrap}).bootstrap == bootstrap


@pytest.mark.parametrize("bootstrap", ["broker:9092", "10.0.0.1:9092", "127.0.0.1:9092,broker:9092", "localhost.example.com:9092"])
def test_plaintext_beyond_this_machine_needs_the_flag(bootstrap: str) -> None:
    assert "would travel unencrypted: set security_protocol to SSL or SASL_SSL, or allow_plaintext" in complaint(bootstrap=bootstrap)
    assert load_settings({"bootstrap": bootstrap, "allow_plaintext": True}).bootstrap == bootstrap
    assert load_settings({"bootstrap": bootstrap, "security_protocol": "SSL"}).bootstrap == bootstrap


SASL = {"security_protocol": "SASL_SSL", "sasl_mechanism": "SCRAM-SHA-512", "sasl_username": "playcall", "sasl_password": "geheim"}


@pytest.mark.parametrize("missing", ["sasl_mechanism", "sasl_username", "sasl_password"])
def test_sasl_needs_all_its_parts(missing: str) -> None:
    assert complaint(**{**SASL, missing: None}) == (
        "settings: SASL_SSL needs sasl_mechanism, sasl_username and sasl_password_file (or sasl_password)"
    )


def test_credentials_that_would_be_ignored_are_refused(tmp_path: Path) -> None:
    assert complaint(sasl_username="playcall") == ("settings: sasl_username would be ignored: security_protocol is PLAINTEXT, set SASL_SSL")
    assert complaint(ssl_cafile=tmp_path / "ca.pem") == (
        "settings: ssl_cafile would be ignored: security_protocol is PLAINTEXT, set SSL or SASL_SSL"
    )


def test_two_passwords_are_one_too_many(tmp_path: Path) -> None:
    assert complaint(**SASL, sasl_password_file=tmp_path / "password") == (
        "settings: sasl_password and sasl_password_file are both given: keep one"
    )


def test_a_password_never_prints() -> None:
    loaded = load_settings(SASL)

    assert loaded.sasl_password == SecretStr("geheim")
    assert loaded.password() == "geheim"
    assert "geheim" not in f"{loaded!r} {loaded} {loaded.model_dump()} {loaded.model_dump_json()}"


def test_a_password_file_is_read_anew_each_time(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("one\n")
    loaded = load_settings({**SASL, "sasl_password": None, "sasl_password_file": file})

    assert loaded.password() == "one"
    file.write_text("two\n")
    assert loaded.password() == "two"
    file.unlink()
    with pytest.raises(SettingsError, match=r"sasl_password_file .*password: No such file or directory"):
        loaded.password()


def test_heartbeats_must_fit_the_session() -> None:
    assert "heartbeat_interval_ms 4000 is more than a third of session_timeout_ms 10000" in complaint(heartbeat_interval_ms=4000)


def test_a_time_without_an_offset_is_refused() -> None:
    assert complaint(go_live_at="2026-01-01T00:00:00") == (
        "setting go_live_at (from the flag --go-live-at): Input should have timezone info"
    )


@pytest.mark.parametrize(("given", "port"), [("none", None), ("off", None), ("8080", 8080)])
def test_the_http_port_can_be_turned_off(monkeypatch: pytest.MonkeyPatch, given: str, port: int | None) -> None:
    monkeypatch.setenv("PLAYCALL_HTTP_PORT", given)

    assert load_settings().http_port == port


def test_the_prefix_stands_before_every_topic() -> None:
    assert load_settings({"topic_prefix": "staging."}).topic("tickets") == "staging.tickets"


@pytest.mark.parametrize(
    ("text", "entries"),
    [
        ("tickets:3:1234, account:acme", ("tickets:3:1234", "account:acme")),
        ('["account:a, b"]', ("account:a, b",)),
        ("", ()),
    ],
)
def test_quarantine_from_the_environment_is_a_list_of_entries(text: str, entries: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAYCALL_QUARANTINE", text)

    assert load_settings().quarantine == entries


def test_a_bad_quarantine_entry_is_refused_with_the_expected_form() -> None:
    with pytest.raises(SettingsError) as refused:
        load_settings({"quarantine": ["tickets:3"]})

    assert str(refused.value).startswith(
        "setting quarantine (from the flag --quarantine): 'tickets:3' is no place of a record: expected TOPIC"
    )
