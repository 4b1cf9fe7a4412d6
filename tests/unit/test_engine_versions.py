"""State that something newer has written is refused before anything is done with it, with a line that says what to do."""

import msgspec
import orjson
import pytest

from streams.cli.compose import load_configuration
from streams.engine.cursor import CURSOR_KEY, Cursor
from streams.engine.errors import StateError
from streams.engine.pipeline import Pipeline
from streams.engine.policy import EnginePolicy
from streams.engine.store import fingerprint, state_key
from streams.engine.task import PartitionTask
from streams.processing.library import Change, Library, Revision, change_between
from streams.signals.state import MILESTONES, Milestone, Milestones

POLICY = EnginePolicy(partitions=1, topics=("tickets",))


class OldMilestone(msgspec.Struct, array_like=True):
    kind: str | None = None
    open: bool = False
    began_ms: int = -1
    deadline_day: int = 0
    completed_ms: int = -1


def recover(cells: dict[bytes, bytes], revision: str, library: Library, *, allow_rollback: bool = False) -> PartitionTask:
    total = sum(fingerprint(key, value) for key, value in cells.items()) & ((1 << 64) - 1)
    processors = load_configuration(only=("core",)).pipeline().processors
    policy = EnginePolicy(partitions=1, topics=("tickets",), allow_rollback=allow_rollback)
    task = PartitionTask(0, Pipeline(processors, None, library), policy)
    for key, value in cells.items():
        task.restore(key, value)
    task.restore(CURSOR_KEY, Cursor({"tickets": 0}, 1, revision=revision, cells=len(cells), sum=total).encode())
    task.recovered()
    return task


def test_a_cell_of_a_newer_release_is_refused_at_recovery() -> None:
    newer = bytes((MILESTONES.version + 1,)) + MILESTONES.encode(Milestones())[1:]

    with pytest.raises(StateError, match=r"partition 0.*cell 'milestones' was written in version 3.*knows up to 2: run the newer"):
        recover({state_key("acme", "milestones"): newer}, "1:a", Library("1:a"))


def test_a_cell_that_no_processor_knows_is_kept() -> None:
    task = recover({state_key("acme", "of_tomorrow"): b"\xffwhatever"}, "1:a", Library("1:a"))

    assert task.cells == 1


def test_a_cell_of_an_older_release_is_read() -> None:
    body = msgspec.msgpack.encode([{"T03": {"m1": OldMilestone("data", open=True, began_ms=5, deadline_day=9)}}, 7])

    found = MILESTONES.decode(b"\x01" + body)

    assert found == Milestones({"T03": {"m1": Milestone("data", open=True, began_ms=5, deadline_day=9)}}, 7)


def test_an_older_library_refuses_what_a_newer_one_has_planned() -> None:
    with pytest.raises(StateError, match=r"revision 8 of the library, this worker has revision 7: deploy the newer .*--allow-rollback"):
        recover({}, "8:aaa", Library("7:bbb"))

    assert recover({}, "8:aaa", Library("7:bbb"), allow_rollback=True).sweep_remaining == 0
    assert recover({}, "8:aaa", Library("8:bbb")).sweep_remaining == 0


def test_a_cursor_of_before_revisions_has_number_zero() -> None:
    assert Revision.parse("0123456789ab") == Revision(0, "0123456789ab")
    assert Revision.parse(str(Revision(7, "1a2b"))) == Revision(7, "1a2b")
    recover({}, "0123456789ab", Library("0:bbb"))


def test_the_cursor_names_the_sweep_only_while_there_is_one() -> None:
    assert b"sweep" not in Cursor().encode()
    state = {state_key(account, "profile"): b"\x01\x80" for account in ("a", "b")}
    task = recover(state, "1:a", Library("2:b", {"T07": (1, "x")}))

    cursor = orjson.loads(dict(task.prepare().cells)[CURSOR_KEY] or b"")

    assert cursor["sweep"] == {"after": "", "to": "2:b", "began_ms": 0, "done": 0}
    assert Cursor.decode(orjson.dumps(cursor)).sweep is not None


def test_changes_are_named_rule_by_rule() -> None:
    old = Library("1:a", {"T01": (1, "a"), "T02": (1, "b"), "T03": (1, "c")}, "s", ("k1",))
    new = Library("2:b", {"T01": (1, "a"), "T02": (2, "bb"), "T04": (1, "d")}, "s", ("k1", "k2"))
    everything = frozenset({"T01", "T02", "T04"})

    assert change_between(old, new) == Change(frozenset({"T04"}), frozenset({"T02"}), frozenset({"T03"}), frozenset({"k2"}))
    assert change_between(new, msgspec.structs.replace(new, segments="t")).edited == everything
    assert change_between(Library("x", None), new) == Change(frozenset(), everything, frozenset(), frozenset())
    assert change_between(new, msgspec.structs.replace(new, revision="3:c")).empty
