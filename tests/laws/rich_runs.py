"""One of everything the router and the roster keep, with something in every field: what the bytes of `first_runs` say."""

from plays.roster.ask import Load
from plays.roster.change import Stated
from plays.runs.asking import Asked, Holder
from plays.runs.case import Case
from plays.runs.course.facts import Facts, Opened
from plays.runs.course.state import Course, Stage, StepState
from plays.runs.grounds import Ground
from plays.runs.ladder import Climb, Rung
from plays.runs.rests import Rests, Word
from plays.runs.run import Assignee, Closed, Run, Runs
from plays.runs.tally import Tally
from plays.sla.clocks import Running
from plays.suppression.held import Held, HeldCause, Holds
from plays.suppression.touches import Touches
from streams.roster.cells import Changed, OfPerson, Question, Questions, Told, Turns

AT = 1_772_000_000_000

CASE = Case(
    trigger_id="t-1",
    rule="T04",
    subject_kind="contact",
    subject_id="c-1",
    episode="2026-02-25T06:13:20.000Z",
    priority="P2",
    owner_role="csm+account_executive",
    first_action="4bh",
    time_ms=AT + 1,
    summary="Usage fell by 41 %.",
    clears_when="usage is back",
    act_by_ms=AT + 2,
    observed=0.59,
    baseline=1.0,
    threshold=0.7,
    unit="events",
    context_link="https://crm.example/1",
    requester="c-2",
    named="omar.haddad",
    segment_path=("all", "enterprise"),
    note="held 2.0 days by launch freeze",
)

COURSE = Course(
    play="d1ge5t",
    left_out=[3],
    opened_ms=AT,
    trigger_ms=AT - 1,
    act_by_ms=AT + 3,
    steps=[
        StepState(
            stage=Stage.BEGUN, at_ms=AT + 4, came_ms=AT + 5, begun_ms=AT + 6, due_ms=AT + 7, next_ms=AT + 8, retry_ms=AT + 9, times=2,
            reported=1, owner="hana.sato", held=True, proven=3, late_said=True, vain=True, hushed="quiet_hours:quiet hours",
        ),
        *(StepState(stage=stage, ended_ms=AT + 10) for stage in (Stage.DONE, Stage.SKIPPED, Stage.CANCELLED, Stage.LAPSED)),
        StepState(),
    ],
    facts=Facts(
        written_ms=AT + 11, replied_ms=AT + 12, met_ms=AT + 13, answered=True, recovered_ms=AT + 14, subject_ended_ms=AT + 15,
        subject_opened_ms=AT + 16, opened=[Opened("ticket", "t-9", ended_ms=AT + 18, opened_ms=AT + 17)], reached=["c-1", "c-2"],
    ),
    finished_ms=AT + 19,
)  # fmt: skip

RUN = Run(
    id="r-1",
    play="usage-review",
    play_version=3,
    concern="adoption",
    subject_kind="account",
    subject_id="acme",
    priority="P2",
    owner=Assignee("aisha.rahman", "Aisha Rahman", "csm", "aisha@example.com", "account", "of the account", ("hana.sato: 40 minutes",)),
    ladder=["csm_manager", Rung(role="cs_lead", person="omar.haddad", after="4bh", channels=("call",))],
    triggers=["t-1", "t-2"],
    rules=["T04", "T05"],
    why="Usage fell by 41 %.",
    opened_ms=AT,
    touched_ms=AT + 20,
    sequence=7,
    acknowledge=Running(AT + 21, AT + 22, 5, 3_600_000),
    act=Running(AT + 23, AT + 24, 1, 7_200_000),
    resolve=Running(AT + 25, AT + 26),
    acknowledge_span_ms=27,
    paused_ms=AT + 28,
    acknowledged=True,
    started=True,
    steps_done=["usage review"],
    tally=Tally(
        segment_path=["all", "enterprise"], acknowledged_ms=AT + 29, acted_ms=AT + 30, replied_ms=AT + 31, closed_ms=AT + 32,
        breaches={"act": 1}, escalations=2, completed=3, skipped=4, cancelled=5,
    ),
    case=CASE,
    grounds=[Ground("T04", "account", "acme", "2026-02-25T06:13:20.000Z", cleared_ms=AT + 33), Ground("T05", "account", "acme", "e")],
    asked=[Asked("level-1", "csm_manager", AT + 34, AT + 35, 30_000, because="act was due", clock="act", channels=("pager",))],
    holders=[Holder("owner", "aisha.rahman", AT + 36)],
    rests=Rests(
        words=[Word(AT + 37, "paused", reason="waiting_on_customer"), Word(AT + 38, "snoozed", AT + 39, "PTO"), Word(AT + 40, "resumed")],
        floor_ms=AT + 36,
    ),
    anew_ms=AT + 41,
    owned_ms=AT + 42,
    acknowledge_work_ms=3_600_000,
    climb=Climb(AT + 43, AT + 44, "act", "act was due"),
    climbed=["hana.sato"],
    course=COURSE,
)  # fmt: skip

RICH = {
    "runs": Runs(
        open=[RUN],
        closed=[Closed(run_id="r-0", closed_ms=AT - 5, triggers=[17_293_822_569_102_704_640], code="resolved", said_ms=AT - 6)],
        armed_ms=AT + 22,
        quiet_ms={"engagement": AT + 45},
    ),
    "held": Holds(
        held=[
            Held(
                "t-3", "T44", "P3", AT + 46, AT + 47, AT + 48, [HeldCause("maintenance", "move", "until then", AT + 47)],
                b'{"kept": "as JSON"}',
            ),
            Held("t-4", "T44", "P3", AT + 46, None, None, [HeldCause("inhibited", "incident first", "while a P1 is open", None)], b"{}"),
        ],
        ended=[17_293_822_569_102_704_641],
    ),
    "touches": Touches(account=[AT, AT + 49], contacts={"c-1": [AT], "c-2": [AT + 49]}),
    "questions": Questions(
        asked=[
            Question(
                "r-1/owner", AT + 50, pool="csm_pool", holder="aisha.rahman", minutes=240, arr=120_000, held_ms=AT + 51,
                freed=[("hana.sato", AT + 52)],
                told=Told(
                    "r-1", "owner", AT + 50, "aisha.rahman", "Aisha Rahman", "aisha@example.com", "csm", "continuity", "had it last",
                    AT + 53, ["hana.sato: 40 minutes"],
                ),
            )
        ],
        handled={"csm_pool": ("aisha.rahman", AT + 54)},
        armed_ms=AT + 55,
    ),
    "load": Load(runs=2, minutes=480, arr=240_000, last_ms=AT + 56),
    "turns": Turns(owed={"aisha.rahman": 0.5, "hana.sato": -0.5}),
    "changed": Changed(people=["hana.sato"], version=4),
    "of_person": OfPerson(
        stated=Stated(
            name="Hana Sato", email="hana@example.com", pools=("csm_pool:0.5",), skills=("billing",), languages=("ja",), capacity_runs=5,
            capacity_minutes=600, calendar="tokyo", timezone="Asia/Tokyo", absences=("2026-03-02..2026-03-06",), active=True,
        )
    ),
}  # fmt: skip
"""By name of the cell."""
