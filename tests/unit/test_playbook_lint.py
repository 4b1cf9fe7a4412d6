"""Playbooks that would leave people waiting, or steps nobody ever sees, are refused with line and fix."""

from pathlib import Path

import pytest

from tests.unit.test_playbook_files import PAGES, PLAYBOOK, refused_playbook

MEET = "    wait: 1bd\n    only_if: no_reply\n"
FALLBACK_FIX = "write go_on, skip, or the name of a later step that says `after: fallback`"


def refused(folder: Path, old: str, new: str) -> list[tuple[int, str, str]]:
    assert old in PLAYBOOK
    return [(line, what, fix) for _, line, what, fix in refused_playbook(folder, PLAYBOOK.replace(old, new, 1))]


@pytest.mark.parametrize(
    ("new", "complaint"),
    [
        (
            "    after: fallback\n",
            (
                25,
                "step 'meet' is never reached: no step before it names it as what happens otherwise",
                "write `otherwise: meet` in the `until` of an earlier step, or remove `after: fallback`",
            ),
        ),
        (
            "    after: [wrote]\n",
            (25, "step 'meet' is never reached: it follows 'wrote', which is no step", "name one of write"),
        ),
        (
            "    after: [meet]\n",
            (
                25,
                "step 'meet' is never reached: it follows 'meet', which stands behind it",
                "move it behind 'meet', or name an earlier step",
            ),
        ),
        ("    after: []\n", (25, "step 'meet' follows nothing", "write `after: launch`, or name a step")),
        (
            "    only_if: replied\n",
            (25, "step 'meet' is never reached: 'replied' ends the play before it", "remove the exit 'replied', or the condition"),
        ),
        (
            "    until: {condition: replied, at_most: 3d, otherwise: go_on}\n",
            (25, "step 'meet' is never reached: 'replied' ends the play before it", "remove the exit 'replied', or the condition"),
        ),
        (
            "    after: launch\n    only_if: no_reply\n",
            (
                26,
                "step 'meet' depends on 'no_reply', but no step before it writes to anybody",
                "give an earlier step a `message`, or remove the condition",
            ),
        ),
        (
            "    only_if: no_meeting\n",
            (
                25,
                "step 'meet' depends on 'no_meeting', but no step before it is a meeting",
                "let an earlier step be a meeting or an enablement session, or remove the condition",
            ),
        ),
        (
            "    only_for: {touch_model: [hihg]}\n",
            (
                25,
                "step 'meet' is never reached: no account is as 'touch_model' of its `only_for` says",
                "name what accounts can be (touch_model: high, mid, tech), or remove it",
            ),
        ),
        (
            "    only_for: {acv: {at_least: 9, below: 9}}\n",
            (
                25,
                "step 'meet' is never reached: no account is as 'acv' of its `only_for` says",
                "name what accounts can be (touch_model: high, mid, tech), or remove it",
            ),
        ),
    ],
)
def test_a_step_that_is_never_reached_is_refused(tmp_path: Path, new: str, complaint: tuple[int, str, str]) -> None:
    assert refused(tmp_path, MEET, new) == [complaint]


def test_a_step_after_the_resolution_of_a_play_that_recovery_ends_is_refused(tmp_path: Path) -> None:
    text = PLAYBOOK.replace(MEET, "    until: {condition: resolved, at_most: 3d, otherwise: skip}\n").replace(
        "when: replied", "when: recovered"
    )

    assert refused_playbook(tmp_path, text) == [
        (
            "hello.yaml",
            25,
            "step 'meet' is never reached: a ticket that is resolved has recovered, and that ends the play before it",
            "remove the exit 'recovered', or the condition",
        )
    ]


@pytest.mark.parametrize(
    ("new", "complaint"),
    [
        (
            "    until: {condition: resolved}\n",
            (
                25,
                "step 'meet' waits without end for 'resolved'",
                "add `at_most: 10bd` and `otherwise`: go_on, skip, or the name of a step",
            ),
        ),
        (
            "    until: {condition: resolved, at_most: 3d}\n",
            (
                25,
                "step 'meet' does not say what happens when 'resolved' has not come by then",
                "add `otherwise`: go_on, skip, or the name of a step",
            ),
        ),
        (
            "    until: {condition: resolved, at_most: 3d, otherwise: write}\n",
            (25, "step 'meet' falls back to 'write', which is no fallback step behind it", FALLBACK_FIX),
        ),
        (
            "    wait: 1bd\n    until: {condition: resolved, at_most: 3d, otherwise: skip}\n",
            (26, "step 'meet' has `wait` and `until`", "keep one: `until` begins when the condition holds"),
        ),
        (
            "    repeat: {every: 2h, until: resolved}\n",
            (25, "step 'meet' is repeated without end until 'resolved'", "add `at_most: 30d`, the longest it goes on"),
        ),
        (
            "    repeat: {every: 2d, until: resolved, at_most: 2d}\n",
            (25, "step 'meet' is never repeated: 2d are over when 2d are", "make `at_most` longer than `every`, or remove `repeat`"),
        ),
    ],
)
def test_a_wait_without_end_is_refused(tmp_path: Path, new: str, complaint: tuple[int, str, str]) -> None:
    assert refused(tmp_path, MEET, new) == [complaint]


@pytest.mark.parametrize("otherwise", ["skip", "tell"])
def test_a_step_that_waits_for_what_it_must_not_see_is_refused(tmp_path: Path, otherwise: str) -> None:
    tail = (
        f"    until: {{condition: resolved, at_most: 3d, otherwise: {otherwise}}}\n    only_if: unresolved\n"
        "    due: 3bd\n    instruction: Meet the champion.\n"
    )
    if otherwise == "tell":
        tail += "  - {name: tell, kind: task, owner_role: csm, after: fallback, due: 1d, instruction: Tell the champion.}\n"
    what = "step 'meet' is never reached: it waits for 'resolved', and is only to be done where 'unresolved'"
    old = MEET + "    due: 3bd\n    instruction: Meet the champion.\n"

    assert refused(tmp_path, old, tail) == [(26, what, "remove one of the two, or write `otherwise: go_on`")]


def test_a_fallback_for_what_did_not_come_is_not_only_for_what_came(tmp_path: Path) -> None:
    tail = (
        "    until: {condition: resolved, at_most: 3d, otherwise: tell}\n    due: 3bd\n    instruction: Meet the champion.\n"
        "  - name: tell\n    kind: task\n    owner_role: csm\n    after: fallback\n    only_if: resolved\n    due: 1d\n"
        "    instruction: Tell the champion.\n"
    )
    what = "step 'tell' is never reached: it begins because 'resolved' did not come, and is only to be done where it did"
    old = MEET + "    due: 3bd\n    instruction: Meet the champion.\n"

    assert refused(tmp_path, old, tail) == [(32, what, "remove `only_if`, or give the step a `wait`")]


def test_what_stands_behind_a_fallback_says_what_it_follows(tmp_path: Path) -> None:
    tail = (
        "    until: {condition: resolved, at_most: 3d, otherwise: tell}\n    due: 3bd\n    instruction: Meet the champion.\n"
        "  - {name: tell, kind: task, owner_role: csm, after: fallback, due: 1d, instruction: Tell the champion.}\n"
        "  - {name: end, kind: task, owner_role: csm, due: 1d, instruction: Write it all down.}\n"
    )
    old = MEET + "    due: 3bd\n    instruction: Meet the champion.\n"

    assert refused(tmp_path, old, tail) == [
        (29, "step 'end' stands behind a fallback and does not say what it follows", "add `after: [name of a step]`")
    ]


@pytest.mark.parametrize("line", ["wait: 3bd", "after: [meet]", "only_for: {strategic: true}"])
def test_step_one_waits_for_nothing(tmp_path: Path, line: str) -> None:
    what, fix = (
        "step one waits, or is only for some",
        "step one is launched at once: remove `after`, `wait`, `until`, `only_if`, `only_for`",
    )

    assert (12, what, fix) in refused(tmp_path, "    due: 24h after trigger\n", f"    due: 24h after trigger\n    {line}\n")


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        (
            "    due: 3bd\n",
            "    due: 12h after trigger\n",
            (
                27,
                "step 'meet' is due 12h after the trigger, before it can begin",
                "make it due later, or count from its beginning: leave out `after trigger`",
            ),
        ),
        (
            MEET + "    due: 3bd\n",
            "    due: 12h after trigger\n",
            (25, "step 'meet' is due before 'write', which it follows", "make it due later than 24h after the trigger"),
        ),
        (
            "    due: 3bd\n",
            "    due: sla\n",
            (27, "step 'meet' waits, yet is due by the run's first-action time", "give it a span of its own, such as `due: 1bd`"),
        ),
    ],
)
def test_steps_that_are_due_out_of_order_are_refused(tmp_path: Path, old: str, new: str, complaint: tuple[int, str, str]) -> None:
    assert refused(tmp_path, old, new) == [complaint]


MESSAGE = PLAYBOOK[PLAYBOOK.index("    message: |") : PLAYBOOK.index("    links:")]


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        (
            "kind: message\n",
            "kind: task\n",
            (17, "step 'write' (task) reaches nobody outside", "make it a `briefing`, or another kind"),
        ),
        (MESSAGE, "", (12, "step 'write' (message) has no words for the customer", "add `message`")),
        ("reach: [champion]\n", "", (17 - 1, "step 'write' writes to nobody", "add `reach` to the step or the playbook")),
        (
            "      Subject: Hello\n\n",
            "",
            (17, "the mail of step 'write' has no subject", "begin it with a line `Subject: ...`"),
        ),
        (
            "kind: message\n",
            "kind: in_app\n    channel: email\n",
            (14, "step 'write' (in_app) has a channel", "only messages have one: remove it"),
        ),
        (
            "links: [knowledge_base]",
            "links: [wiki]",
            (
                21,
                "unknown link 'wiki'",
                f"use one of {PAGES}, or add it to links.yaml",
            ),
        ),
    ],
)
def test_what_a_step_says_fits_its_kind(tmp_path: Path, old: str, new: str, complaint: tuple[int, str, str]) -> None:
    assert refused(tmp_path, old, new)[0] == complaint


INTERNAL = (
    PLAYBOOK.replace(MESSAGE, "").replace("kind: message", "kind: task").replace("    links: [knowledge_base]\n", "").replace(MEET, "")
)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (INTERNAL, (10, "exit 'replied' can never come: no step writes to anybody", "give a step a `message`, or remove it")),
        (
            INTERNAL.replace("when: replied", "when: opted_out"),
            (10, "exit 'opted_out' can never come: no step writes to anybody", "give a step a `message`, or remove it"),
        ),
        (
            PLAYBOOK.replace("kind: meeting", "kind: task").replace("when: replied", "when: meeting_held"),
            (
                10,
                "exit 'meeting_held' can never come: no step is a meeting",
                "let a step be a meeting or an enablement session, or remove it",
            ),
        ),
        (
            PLAYBOOK.replace("code: resolved}\n", "code: resolved}\n  - {when: replied, code: no_response}\n"),
            (11, "exit 'replied' is there twice", "keep one of the two"),
        ),
    ],
)
def test_an_exit_that_can_never_come_is_refused(tmp_path: Path, text: str, complaint: tuple[int, str, str]) -> None:
    assert refused_playbook(tmp_path, text) == [("hello.yaml", *complaint)]
