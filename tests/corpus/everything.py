"""The corpus: several hundred nasty records, each with its name and the outcome it must have."""

from functools import cache

from tests.corpus import envelopes, fields, json_torture, requests, times
from tests.corpus.nasty import Nasty


@cache
def corpus() -> tuple[Nasty, ...]:
    """All of them, names unique."""
    found = tuple(nasty for module in (json_torture, fields, times, envelopes, requests) for nasty in module.everything())
    names = [nasty.name for nasty in found]
    assert len(set(names)) == len(names), sorted(name for name in set(names) if names.count(name) > 1)
    return found
