"""Bounds checked before anything is parsed."""

import re

from schemas.decoding.record import Headers

VALUE_MAX = 256 * 1024
"""Bytes of a value."""
HEADERS_MAX = 64 * 1024
"""Bytes of all headers of a record, names included, and some for each."""
DEPTH_MAX = 32
"""Levels of nesting."""

_PER_HEADER = 8

_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)  # the closing quote is optional: otherwise a cut-off text costs O(n^2)
_ROUND = bytes.maketrans(b"[{]}", b"(())")
_REST = bytes(byte for byte in range(256) if byte not in b"[]{}")


def header_bytes(headers: Headers) -> int:
    """What `HEADERS_MAX` bounds."""
    return sum(_PER_HEADER + len(name) + len(value or b"") for name, value in headers)


def too_deep(value: bytes) -> bool:
    """Whether brackets nest deeper than `DEPTH_MAX`. Linear in the size of the value, and two counts in the usual case."""
    if value.count(b"{") + value.count(b"[") <= DEPTH_MAX:
        return False
    brackets = _STRING.sub(b"", value).translate(_ROUND, _REST)
    for _ in range(DEPTH_MAX):  # each round takes the innermost level away
        brackets = brackets.replace(b"()", b"")
        if not brackets:
            return False
    return b"()" in brackets or brackets.count(b"(") > DEPTH_MAX
