"""Words of other systems, made fit to be kept and published."""

import unicodedata

NOTE_AT_MOST = 1000
NAME_AT_MOST = 256
REASON_AT_MOST = 100

_KEPT = "\n\t"
# Marks that reverse or hide text around them: a name could be shown as another one.
_DIRECTIONS = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")


def cleaned(text: str, at_most: int, *, lines: bool = False) -> str | None:
    """The text without control characters and marks of direction, at most so many characters; None when nothing is left.

    Line breaks stay where `lines` says so, else they are spaces. A cut ends with an ellipsis.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(_one(character, lines) for character in text).strip()
    return (kept if len(kept) <= at_most else kept[: at_most - 1].rstrip() + "…") or None


def _one(character: str, lines: bool) -> str:
    if character in _KEPT:
        return character if lines else " "
    if character in "\u2028\u2029":
        return "\n" if lines else " "
    return "" if character in _DIRECTIONS or unicodedata.category(character) in ("Cc", "Cs") else character
