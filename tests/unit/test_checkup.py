"""The examination of state, record by record, and the registry of cells it decodes with."""

import importlib
import pkgutil

import streams
from streams.cli.cells import CELLS
from streams.engine.checkup import AT_MOST, Checkup
from streams.engine.cursor import CURSOR_KEY, Cursor
from streams.engine.duplicates import SEEN, Seen
from streams.engine.store import fingerprint
from streams.processing.cell import Cell


def checkup(*records: tuple[bytes | None, bytes | None], cursor: Cursor | None = None) -> Checkup:
    found = Checkup("state", 0, 1, CELLS)
    for offset, (key, value) in enumerate(records):
        found.take(offset, key, value)
    if cursor is not None:
        found.take(len(records), CURSOR_KEY, cursor.encode())
    return found


def vouched(*records: tuple[bytes, bytes]) -> Checkup:
    """With a cursor that agrees with the cells."""
    total = sum(fingerprint(key, value) for key, value in records) % (1 << 64)
    return checkup(*records, cursor=Cursor(cells=len(records), sum=total))


GOOD = (b"acme\x00seen", SEEN.encode(Seen({1: 2})))


def test_every_cell_that_is_declared_anywhere_is_known_to_the_doctor() -> None:
    declared = {}
    for module in pkgutil.walk_packages(streams.__path__, "streams."):
        if module.name.split(".")[1] in {"engine", "processing", "signals", "router", "roster"}:
            values = vars(importlib.import_module(module.name)).values()
            declared.update({value.name: value for value in values if isinstance(value, Cell)})

    assert declared == CELLS


def test_sound_state_has_no_findings() -> None:
    assert vouched(GOOD).findings() == []
    assert checkup().findings() == []


def test_damage_is_named_by_account_cell_bytes_and_version() -> None:
    [finding] = vouched(GOOD, (b"beta\x00runs", b"\x01\xc1\xc1")).findings()

    assert (finding.severity, finding.where) == ("error", "state:0:1")
    assert finding.what.startswith("account 'beta': cell 'runs' is damaged (3 bytes, version 1): ")
    assert finding.remedy == "to go on without the account: `playcall worker --quarantine account:beta`"


def test_a_newer_version_is_named() -> None:
    [finding] = vouched((b"beta\x00runs", b"\x07\x80")).findings()

    assert "account 'beta': cell 'runs' was written in version 7, this worker knows up to 1" in finding.what
    assert finding.what.endswith("(2 bytes)")


def test_a_cell_that_nobody_knows_is_a_warning() -> None:
    [finding] = vouched((b"beta\x00horoscope", b"\x01\x80")).findings()

    assert (finding.severity, "cell 'horoscope' of account 'beta'" in finding.what) == ("warning", True)


def test_a_tombstone_takes_a_record_out() -> None:
    assert checkup((b"nonsense", b"x"), (b"nonsense", None)).findings() == []


def test_a_record_without_a_key_is_named_by_its_place() -> None:
    [finding] = checkup((None, b"x")).findings()

    assert (finding.where, finding.what) == ("state:0:0", "a record without a key")


def test_cells_without_a_cursor_and_a_cursor_that_disagrees() -> None:
    [alone] = checkup(GOOD).findings()
    [other] = checkup(GOOD, cursor=Cursor(cells=2, sum=7)).findings()
    [unread] = checkup((CURSOR_KEY, b"{}")).findings()

    assert "holds 1 cells but no cursor" in alone.what
    assert "records are missing or foreign" in other.what
    assert "the cursor record cannot be read" in unread.what


def test_many_of_a_kind_are_counted() -> None:
    records = [(f"a{number}\x00runs".encode(), b"") for number in range(AT_MOST + 30)]

    found = vouched(*records).findings()

    assert len(found) == AT_MOST + 1
    assert found[-1].what.startswith("and 30 more like it, such as: account 'a49': cell 'runs' is damaged (0 bytes, no version)")


def test_sizes_name_the_largest() -> None:
    sizes = vouched(GOOD, (b"beta\x00runs", b"\x01" * 100), (b"\x00partition\x00usage", b"\x01" * 50)).sizes()

    assert (sizes.cells, sizes.accounts) == (3, 2)
    assert sizes.largest_cells[:2] == [("beta", "runs", 109), ("(the partition itself)", "usage", 66)]
    assert sizes.largest_accounts == [("beta", 109), ("acme", len(GOOD[0]) + len(GOOD[1]))]
