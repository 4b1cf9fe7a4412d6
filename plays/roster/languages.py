"""Languages as publishers write them, and as people of the owners file have them."""

import re
from collections.abc import Iterable

LANGUAGES_AT_MOST = 10

_TAG = re.compile(r"([a-z]{2,3})(?:[-_].*)?", re.DOTALL)


def spoken(tags: Iterable[str]) -> list[str]:
    """The languages of BCP 47 tags (RFC 5646): the ISO 639 code alone, in small letters, each once, in order, the first ten.

    `de`, `DE` and `de-AT` are the same; what is no tag (`German`) says nothing.
    """
    found = [match[1] for tag in tags if (match := _TAG.fullmatch(tag.strip().lower())) is not None]
    return list(dict.fromkeys(found))[:LANGUAGES_AT_MOST]
