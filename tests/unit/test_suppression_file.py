"""The suppression file: what is read, what is refused with line and fix, and how silences are listed."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from plays.loading.errors import ConfigError
from plays.loading.run_policy import DEFAULT_POLICY
from plays.loading.suppression import expired_silences, load_suppression
from plays.suppression.policy import SuppressionPolicy
from schemas.records.wire import epoch_ms
from streams.cli import rules, silences
from streams.cli.compose import load_configuration

SEGMENTS, RULES, PLAYS = ("all", "tech"), ("T04", "T07"), ("usage-review", "swat")


def load(tmp_path: Path, text: str) -> SuppressionPolicy:
    (tmp_path / "suppression.yaml").write_text(text, encoding="utf-8")
    return load_suppression(tmp_path, SEGMENTS, RULES, PLAYS)


SILENCE = """\
silences:
  - name: migration of acme
    author: maya.lindqvist
    reason: they move to the new product
    expires: 2026-12-15T09:00:00Z
    accounts: [acme]
    rules: [T04, churn-model]
"""

INHIBITION = "inhibitions:\n  - name: one\n    reason: because\n"


def test_a_silence_is_read_and_may_name_rules_of_others(tmp_path: Path) -> None:
    (silence,) = load(tmp_path, SILENCE).silences
    assert (silence.author, silence.accounts, silence.rules, silence.drop) == ("maya.lindqvist", ("acme",), ("T04", "churn-model"), False)
    assert epoch_ms(silence.expires) == 1_797_325_200_000


def test_times_of_day_are_read_quoted_and_unquoted(tmp_path: Path) -> None:
    """YAML 1.1 makes the number 1200 of an unquoted 20:00."""
    for written in ("20:00", '"20:00"'):
        quiet = load(tmp_path, f"quiet_hours: {{starts: {written}, ends: 08:30}}\n").quiet_hours
        assert quiet is not None
        assert (quiet.starts, quiet.ends) == (1200, 510)


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        (SILENCE.replace("    expires: 2026-12-15T09:00:00Z\n", ""), 2, "expires"),
        (SILENCE.replace("T09:00:00Z", "T09:00:00"), 5, "with its offset"),
        (SILENCE.replace("    author: maya.lindqvist\n", ""), 2, "author"),
        (SILENCE.replace("T04", "T05"), 7, "no rule 'T05'"),
        (SILENCE.replace("accounts: [acme]", "segments: [teck]"), 6, "no segment 'teck'"),
        (SILENCE.replace("accounts: [acme]", "plays: [swot]"), 6, "no play 'swot'"),
        (SILENCE.split("    accounts", maxsplit=1)[0], 2, "mutes everything"),
        (SILENCE + "    starts: 2026-12-16T09:00:00Z\n", 5, "expires before it starts"),
        (SILENCE + SILENCE.removeprefix("silences:\n"), 2, "there 2 times"),
        ("contact_budget: {window: 7d, per_contact: 3, per_account: 2}\n", 1, "that many never come"),
        ("quiet_hours: {starts: 20:00, ends: 20:00}\n", 1, "same time of day"),
        ("quiet_hours: {starts: 25:00, ends: 08:00}\n", 1, "write a time of day"),
        ("quiet_hours:\n  starts: 20:00\n  ends: 08:00\n  zone: Europe/Bern\n", 4, "no timezone 'Europe/Bern'"),
        ("quiet_hours:\n  starts: 20:00\n  ends: 08:00\n  days_off: [mon, tue, wed, thu, fri, sat, sun]\n", 4, "every day is off"),
        ("maintenance:\n  - {name: one, reason: because, starts: 2026-12-02T00:00:00Z, ends: 2026-12-01T00:00:00Z}\n", 2, "ends before"),
        (INHIBITION + "    while_open: {priorities: [P1]}\n    mute:\n      - {priorities: [P1]}\n", 6, "a P1 is never inhibited"),
        (INHIBITION + "    while_open: {}\n    mute:\n      - {priorities: [P4]}\n", 4, "anything at all"),
        (INHIBITION + "    while_open: {priorities: [P1]}\n    mute:\n      - {}\n", 6, "mutes everything"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused_with_its_line(tmp_path: Path, text: str, line: int, what: str) -> None:
    with pytest.raises(ConfigError) as refused:
        load(tmp_path, text)
    first = refused.value.complaints[0]
    assert first.path == tmp_path / "suppression.yaml"
    assert first.line == line
    assert what in first.what
    assert first.fix


def test_what_is_shipped_inhibits_keeps_a_budget_and_silences_nothing() -> None:
    policy = load_configuration(only=("all",)).suppression
    assert [one.name for one in policy.inhibitions] == ["trouble first"]
    assert (policy.silences, policy.maintenance) == ((), ())
    assert policy.contact_budget is not None
    assert policy.quiet_hours is not None


def own_policy(tmp_path: Path, text: str) -> Path:
    for name in ("segments.yaml", "owners.yaml", "overrides.yaml", "health.yaml", "links.yaml", "rules.yaml"):
        (tmp_path / name).write_bytes((DEFAULT_POLICY / name).read_bytes())
    (tmp_path / "suppression.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def test_another_silence_is_another_revision(tmp_path: Path) -> None:
    one = load_configuration(policy=own_policy(tmp_path, SILENCE), only=("T04",)).revision
    other = load_configuration(policy=own_policy(tmp_path, SILENCE.replace("12-15", "12-16")), only=("T04",)).revision
    assert one.number == other.number
    assert one.digest != other.digest


def test_an_expired_silence_is_a_warning_with_its_line(tmp_path: Path) -> None:
    folder = own_policy(tmp_path, SILENCE)
    assert expired_silences(folder, 1_797_325_200_000 - 1) == []
    (warning,) = expired_silences(folder, 1_797_325_200_000)
    assert (warning.line, warning.what, warning.fix) == (2, "silence 'migration of acme' expired at 2026-12-15T09:00:00.000Z", "remove it")


def test_lint_warns_of_expired_silences_and_still_passes(tmp_path: Path) -> None:
    folder = own_policy(tmp_path, SILENCE.replace("2026-12", "2020-12"))
    answer = CliRunner().invoke(rules.app, ["lint", "--policy", str(folder), "--json"])
    assert answer.exit_code == 0, answer.output
    (warning,) = json.loads(answer.stdout)["warnings"]
    assert "suppression.yaml:2: silence 'migration of acme' expired" in warning


def test_silences_are_listed_by_how_they_stand(tmp_path: Path) -> None:
    text = "silences:\n" + "".join(
        f"  - {{name: {name}, author: maya, reason: because, starts: {starts}, expires: {expires}, rules: [T04]}}\n"
        for name, starts, expires in (
            ("gone", "2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z"),
            ("now", "2026-10-01T00:00:00Z", "2026-12-24T00:00:00Z"),
            ("soon over", "2026-10-01T00:00:00Z", "2026-12-02T00:00:00Z"),
            ("later", "2026-12-20T00:00:00Z", "2026-12-24T00:00:00Z"),
        )
    )
    command = ["ls", "--policy", str(own_policy(tmp_path, text)), "--at", "2026-12-01T12:00:00+01:00"]
    answer = CliRunner().invoke(silences.app, [*command, "--json"])
    assert answer.exit_code == 0, answer.output
    assert [(one["name"], one["state"]) for one in json.loads(answer.stdout)] == [
        ("soon over", "expiring"), ("now", "active"), ("later", "to come"), ("gone", "expired"),
    ]  # fmt: skip
    plain = CliRunner().invoke(silences.app, command).stdout
    assert plain.splitlines()[0] == "soon over: expiring, until 2026-12-02T00:00:00.000Z, by maya"
    assert CliRunner().invoke(silences.app, ["ls", "--at", "2026-12-01"]).exit_code == 2
