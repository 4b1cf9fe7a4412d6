"""What is kept of an episode that fired, as bytes."""

from streams.processing.cells import Cells
from streams.signals.standing import LEDGER, Standing, begin


def test_a_whole_level_is_kept_as_it_is_read_back() -> None:
    """Else the bytes of an account would tell whether its worker was restarted since."""
    raw: dict[str, bytes] = {}
    cells = Cells("acme", raw)
    begin(cells, "T43", Standing("step", "first_import", 1, 2, 3, level=20_755))
    list(cells.flush())
    written = raw["standing"]
    again = Cells("acme", raw)
    again.edit(LEDGER)
    list(again.flush())
    assert raw["standing"] == written
