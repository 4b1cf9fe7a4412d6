"""Laws of the cell store: what was flushed restores to the same store, with the same count and sum."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.engine.partition_cells import PartitionCells
from streams.engine.store import CellStore
from streams.processing.cell import Cell


class Note(msgspec.Struct):
    """Something to keep."""

    text: str = ""


NOTE: Cell[Note] = Cell("note", Note, version=1)

NAMES = st.sampled_from(["sweep.a", "usage.1", "usage.2", "ü"])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), NAMES, st.binary(max_size=5)),
        st.tuples(st.just("delete"), NAMES, st.just(b"")),
        st.tuples(st.just("note"), st.sampled_from(["a", "partition", "cursor"]), st.binary(max_size=3)),
        st.tuples(st.just("drop"), st.sampled_from(["a", "partition", "cursor"]), st.just(b"")),
        st.tuples(st.just("flush"), st.just(""), st.just(b"")),
    ),
    max_size=40,
)


@given(steps=STEPS)
def test_a_store_restored_from_its_log_is_the_store(steps: list[tuple[str, str, bytes]]) -> None:
    store, log = CellStore(), list[tuple[bytes, bytes | None]]()
    model: dict[str, bytes] = {}
    for what, name, value in [*steps, ("flush", "", b"")]:
        match what:
            case "put":
                store.partition.put(name, value)
                model[name] = value
            case "delete":
                store.partition.delete(name)
                model.pop(name, None)
            case "note":
                store.cells(name).put(NOTE, Note(value.hex()))
            case "drop":
                store.cells(name).drop(NOTE)
            case _:
                log += store.flush()
        assert sorted(model) == store.partition.names()
    restored = CellStore()
    for key, new in log:
        restored.restore(key, new)

    assert (store.count, store.sum) == (restored.count, restored.sum)
    assert model == {name: restored.partition.get(name) for name in restored.partition.names()}
    assert sorted(store.each(NOTE), key=str) == sorted(restored.each(NOTE), key=str)
    assert restored.flush() == []


def test_cells_of_the_partition_are_no_account_and_go_out_by_name() -> None:
    store = CellStore()
    store.partition.put("b.2", b"two")
    store.cells("acme").put(NOTE, Note("hello"))
    store.partition.put("a.1", b"one")

    assert [key for key, _ in store.flush()] == [b"acme\x00note", b"\x00partition\x00a.1", b"\x00partition\x00b.2"]
    assert [("acme", Note("hello"))] == list(store.each(NOTE))
    assert store.partition.names("a.") == ["a.1"]
    store.partition.delete("a.1")
    store.partition.delete("never.was")
    assert store.flush() == [(b"\x00partition\x00a.1", None)]
    assert store.count == 2


def test_writing_the_same_bytes_again_writes_nothing() -> None:
    store = CellStore()
    store.partition.put("a", b"one")
    store.flush()
    store.partition.put("a", b"one")

    assert not store.partition.dirty
    assert store.flush() == []


@pytest.mark.parametrize("name", ["", "a\x00b"])
def test_a_name_that_cannot_be_a_key_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="partition cell"):
        PartitionCells().put(name, b"")
