"""The closure codes file of a policy folder."""

from collections.abc import Iterable
from pathlib import Path

from plays.loading.document import read_document
from plays.loading.errors import ConfigError
from plays.loading.segments import POLICY
from plays.policy.closure_codes import ClosureCodes

CODES_FILE = "closure-codes.yaml"


def load_closure_codes(folder: Path, plays: Iterable[str] | None = None) -> ClosureCodes:
    """`closure-codes.yaml` of the folder, or the one shipped where there is none. Raises `ConfigError` with every complaint.

    With `plays` it may name only those; where the shipped one stands in, it is not held against them.
    """
    path = folder / CODES_FILE
    if not path.is_file():
        path, plays = POLICY / CODES_FILE, None
    document = read_document(path)
    codes = document.validate(ClosureCodes, ClosureCodes.problems)
    unknown = [] if plays is None else list(codes.unknown_plays(plays))
    if unknown:
        raise ConfigError([document.complain(problem) for problem in unknown])
    return codes
