"""Messages that plays send: none at night, none beyond the budget, none during maintenance; what waits goes when it may, and only once."""

from collections import Counter

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plays.playbooks.step import FACING
from plays.suppression.policy import SuppressionPolicy
from plays.suppression.suppression import Suppression
from schemas.records.decision import Reason
from schemas.records.play_message import PlayMessage
from schemas.records.wire import epoch_ms, utc
from tests.desk import DAY, HOUR, MINUTE, PLAYBOOKS, T0, Desk, trigger

WRITING = tuple(play for play, one in PLAYBOOKS.items() if any(step.kind in FACING for step in one.playbook.steps))
WINDOW = (T0 + 30 * HOUR, T0 + 50 * HOUR)
POLICY = SuppressionPolicy.model_validate(
    {
        "inhibitions": [
            {"name": "trouble", "reason": "a P1 is open", "while_open": {"concerns": ["support"], "priorities": ["P1"]},
             "mute": [{"concerns": ["expansion"]}, {"priorities": ["P4"]}]},
        ],
        "contact_budget": {"window": "2d", "per_contact": 1, "per_account": 2},
        "quiet_hours": {"starts": "20:00", "ends": "08:00"},
        "maintenance": [{"name": "upgrade", "reason": "the CRM rests", "starts": utc(WINDOW[0]), "ends": utc(WINDOW[1])}],
    }
)  # fmt: skip
ACTS = st.one_of(
    st.tuples(st.just("trigger"), st.sampled_from(WRITING), st.sampled_from(("support", "expansion", "adoption", "renewal")),
              st.sampled_from(("P1", "P2", "P3", "P4"))),
    st.tuples(st.just("wait"), st.sampled_from((MINUTE, HOUR, 5 * HOUR, DAY, 3 * DAY))),
    st.tuples(st.just("done"), st.integers(0, 5)),
    st.tuples(st.just("close"), st.integers(0, 5)),
    st.tuples(st.just("outage"), st.sampled_from((HOUR, DAY))),
)  # fmt: skip


def writes(message: PlayMessage) -> bool:
    return message.kind == "step_due" and message.steps[0].kind in FACING


@settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))
@given(acts=st.lists(ACTS, min_size=6, max_size=24))
def test_no_message_goes_out_when_it_may_not(acts: list[tuple[object, ...]]) -> None:
    desk = Desk(hush=Suppression(POLICY), timezone="Asia/Tokyo", csm="aisha.rahman", acv=20_000.0)
    for contact, role in (("ana", "champion"), ("bo", "decision_maker"), ("cem", "technical_admin"), ("dee", "user")):
        desk.meet(contact, name=contact, role=role)
    for number, act in enumerate(acts):
        match act:
            case ("trigger", str(play), str(concern), str(priority)):
                desk.trigger(
                    trigger(
                        f"R{number}", at_ms=desk.now_ms, play=play, concern=concern, priority=priority, subject=("ticket", f"t-{number}")
                    )
                )
            case ("wait", int(span)):
                desk.advance(span)
            case ("outage", int(span)):
                desk.outage(span)
            case ("done", int(place)):
                asked = [m for m in desk.messages if m.kind == "step_due"]
                if asked:
                    one = asked[place % len(asked)]
                    desk.update("step_completed", one.run_id, step=one.step)
            case ("close", int(place)):
                runs = list(dict.fromkeys(m.run_id for m in desk.messages))
                if runs:
                    desk.update("closed", runs[place % len(runs)], code="resolved")
        _check(desk)


def _check(desk: Desk) -> None:
    """What a subscriber can see, from the beginning."""
    sent: list[tuple[int, str | None]] = []
    trouble: set[str] = set()
    times: Counter[tuple[str, str | None, int | None]] = Counter()
    for message in desk.messages:
        at_ms = epoch_ms(message.time)
        if message.kind == "closed":
            trouble.discard(message.run_id)
        elif message.concern == "support" and message.priority == "P1":
            trouble.add(message.run_id)
        if not writes(message):
            continue
        contact = message.who_to_reach[0].id if message.who_to_reach else None
        times[message.run_id, message.step, message.time_of] += 1
        assert not WINDOW[0] <= at_ms < WINDOW[1]
        if message.priority != "P1":
            assert 8 <= (utc(at_ms).hour + 9) % 24 < 20  # Tokyo
            lately = [who for when, who in sent if when > at_ms - 2 * DAY]
            assert len(lately) < 2
            assert contact is None or contact not in lately
            assert not ((message.concern == "expansion" or message.priority == "P4") and trouble)
        sent.append((at_ms, contact))
    assert all(count == 1 for count in times.values())
    waits = [(d.run_id, d.facts["step"]) for d in desk.decisions if d.reason is Reason.STEP_HELD]
    for run_id, step in waits:
        assert any(m.run_id == run_id for m in desk.messages), step
