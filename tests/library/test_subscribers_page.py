"""docs/subscribers.md names everything a subscriber can meet or send."""

from pathlib import Path
from typing import get_args

import pytest

from plays.loading.run_policy import load_run_policy
from schemas.records.play_message import Channel, Clock, ClosureCode, Kind, OwnerReason, Step, StepCondition, StepKind
from streams.router.updates import HANDLERS

PAGE = (Path(__file__).parents[2] / "docs" / "subscribers.md").read_text()


@pytest.mark.parametrize(
    "word",
    [
        *get_args(Kind),
        *get_args(Clock),
        *get_args(ClosureCode),
        *get_args(OwnerReason),
        *get_args(StepKind),
        *get_args(Channel),
        *get_args(StepCondition),
        *Step.model_fields,
        *HANDLERS,
        "unknown_run",
        "wrong_state",
        "unknown_play",
        "bad_request",
    ],
)
def test_the_page_names(word: str) -> None:
    assert f"`{word}`" in PAGE


def test_the_figures_of_the_page_are_those_of_the_policy() -> None:
    sla = load_run_policy().sla
    assert (sla.acknowledge_percent, sla.resolve_percent, sla.warnings_percent) == (25, 400, (50, 80))
    assert f"at most {sla.longest_snooze_days} days" in PAGE
    assert f"within the last {sla.forget_closed_days} days" in PAGE
    assert f"`no_response` {sla.idle_close_days} days after" in PAGE
    assert f"a run of automation after {sla.idle_close_automation_days} days" in PAGE
