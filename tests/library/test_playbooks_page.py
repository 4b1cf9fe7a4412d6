"""docs/playbooks.md names everything an author can write."""

from pathlib import Path
from typing import get_args

import pytest

from plays.loading.links import load_links
from plays.playbooks.conditions import EXITS, MEANING
from plays.playbooks.model import Playbook
from plays.playbooks.step import FALLBACK, GO_ON, LAUNCH, OWNER, SKIP, PlayStep, Reach
from plays.playbooks.templates import FIELDS, FILTERS
from schemas.records.play_message import Channel, StepCondition, StepKind

PAGE = (Path(__file__).parents[2] / "docs" / "playbooks.md").read_text()


@pytest.mark.parametrize(
    "word",
    [
        *PlayStep.model_fields,
        *get_args(StepKind),
        *get_args(StepCondition),
        *get_args(Channel),
        *EXITS,
        *(f"{name}.{field}" for name, fields in FIELDS.items() for field in fields),
        *FILTERS,
        *load_links().links,
        *("subject", "requester", "named"),
        *(LAUNCH, FALLBACK, GO_ON, SKIP, OWNER),
    ],
)
def test_the_page_names(word: str) -> None:
    assert f"`{word}`" in PAGE


@pytest.mark.parametrize("field", Playbook.model_fields)
def test_the_page_shows_every_field_of_a_playbook(field: str) -> None:
    assert f"\n{field}:" in PAGE


def test_every_condition_and_exit_has_a_meaning() -> None:
    assert set(MEANING) == set(get_args(StepCondition))
    assert {"subject", "requester", "named", "champion"} <= set(get_args(Reach))
