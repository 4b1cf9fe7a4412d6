"""Which codes close which play: the policy file, and what lint says of a bad one."""

from pathlib import Path
from shutil import copytree

import pytest

from plays.loading.closure_codes import load_closure_codes
from plays.loading.errors import ConfigError
from plays.loading.playbooks import load_playbooks
from plays.loading.run_policy import DEFAULT_POLICY
from plays.policy.closure_codes import CODES
from streams.cli.compose import load_configuration

GENERAL = "every_play: [false_positive, resolved, customer_churned, no_response, superseded]\n"


def refused(tmp_path: Path, text: str) -> list[str]:
    (tmp_path / "closure-codes.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_closure_codes(tmp_path, ("PB1", "swat"))
    return [f"{one.line}: {one.what}: {one.fix}" for one in caught.value.complaints]


def test_the_shipped_file_lets_each_play_end_with_what_it_works_on() -> None:
    codes = load_closure_codes(DEFAULT_POLICY, load_playbooks())
    assert codes.allowed("swat") == ("false_positive", "resolved", "customer_churned", "no_response", "superseded")
    assert set(codes.allowed("PB1")) - set(codes.allowed("swat")) == {"adoption_recovered"}
    assert set(codes.allowed("renewal-plan")) - set(codes.allowed("swat")) == {"renewal_risk_reduced"}
    assert {code for code in CODES if any(code in codes.allowed(play) for play in load_playbooks())} == set(CODES)


def test_what_a_playbooks_own_exits_state_closes_it_even_where_the_file_is_silent(tmp_path: Path) -> None:
    (tmp_path / "closure-codes.yaml").write_text(GENERAL, encoding="utf-8")
    codes = load_closure_codes(tmp_path)
    assert "adoption_recovered" not in codes.allowed("PB1")
    assert "adoption_recovered" in codes.allowed("PB1", ("adoption_recovered",))


def test_without_a_file_the_shipped_one_counts_whatever_the_library(tmp_path: Path) -> None:
    assert load_closure_codes(tmp_path, ("mine",)) == load_closure_codes(DEFAULT_POLICY)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (
            "every_play: [resolved, no_response]\n",
            "1: customer_churned is missing: Playcall itself closes runs with it: add customer_churned",
        ),
        ("every_play: [resolved, done]\n", "1: every_play.1: input should be "),
        (GENERAL.replace("superseded", "resolved"), "1: resolved is listed twice: keep one of the two"),
        (f"{GENERAL}only_for:\n  resolved: [PB1]\n", "3: resolved closes every play already: take it out"),
        (f"{GENERAL}only_for:\n  adoption_recovered: []\n", "3: adoption_recovered closes no play: name a play"),
        (f"{GENERAL}only_for:\n  adoption_recovered:\n    - PB1\n    - PB1\n", "4: play 'PB1' is named 2 times: name it once"),
        (f"{GENERAL}only_for:\n  adoption_recovered:\n    - PB1\n    - PB9\n", "5: there is no play 'PB9': name one of PB1, swat"),
        (f"{GENERAL}only_for:\n  happy: [PB1]\n", "3: only_for.happy.[key]: input should be "),
    ],
)
def test_a_bad_file_is_refused_with_line_and_fix(tmp_path: Path, text: str, complaint: str) -> None:
    found = refused(tmp_path, text)
    assert any(one.startswith(complaint) for one in found), found


def test_the_codes_are_part_of_the_revision_and_a_bad_file_stops_the_whole_configuration(tmp_path: Path) -> None:
    policy = copytree(DEFAULT_POLICY, tmp_path / "policy")
    before = load_configuration(policy=policy).revision
    file = policy / "closure-codes.yaml"
    file.write_text(GENERAL, encoding="utf-8")
    assert load_configuration(policy=policy).revision != before
    file.write_text(f"{GENERAL}only_for:\n  expansion_progressed: [nobody-wrote-it]\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="there is no play 'nobody-wrote-it'"):
        load_configuration(policy=policy)
