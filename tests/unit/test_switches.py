"""Which rules run: packs, single rules, and what is said of names that mean nothing."""

from pathlib import Path

import pytest

from plays.loading.errors import ConfigError
from plays.loading.rules import LIBRARY, load_rules
from plays.loading.segments import POLICY, load_segments
from plays.loading.switches import load_switches
from plays.policy.switches import Switches
from streams.cli.compose import load_configuration

SHIPPED = load_switches(POLICY)
IDS = [rule.id for rule in load_rules(LIBRARY, load_segments(POLICY).names)]


def test_eight_rules_run_unless_the_policy_says_otherwise() -> None:
    assert SHIPPED.running(IDS) == {"T02", "T03", "T04", "T07", "T16", "T19", "T20", "T21"}
    assert {compiled.rule.id for compiled in load_configuration().rules} == SHIPPED.running(IDS)


def test_all_is_the_whole_library() -> None:
    assert [compiled.rule.id for compiled in load_configuration(only=("all",)).rules] == sorted(IDS)


def test_off_takes_out_of_a_pack() -> None:
    switches = Switches(packs={"few": ("T01", "T02")}, on=("few", "T03"), off=("T02",))

    assert switches.running(["T01", "T02", "T03", "T04"]) == {"T01", "T03"}


def test_a_pack_may_name_rules_a_library_does_not_have() -> None:
    assert Switches(packs={"few": ("T01", "T02")}, on=("few",)).running(["T01"]) == {"T01"}


def test_a_policy_that_names_no_pack_of_that_name_is_refused_with_the_line(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text("off: []\non:\n  - starters\n")

    with pytest.raises(ConfigError, match=r"rules.yaml:3: .*no pack 'starters'"):
        load_switches(tmp_path)


@pytest.mark.parametrize(("only", "says"), [(("nobody",), "no pack 'nobody'"), (("T99",), "has no rule T99")])
def test_an_option_that_names_nothing_is_refused(only: tuple[str, ...], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        load_configuration(only=only)
