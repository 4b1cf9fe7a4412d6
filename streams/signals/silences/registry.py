"""Every silence, by name; `plays/rules/silences.py` says to authors what each means."""

from collections.abc import Mapping

from streams.signals.silences import breadth, features, meetings, people, plan, renewals
from streams.signals.silences.last import Silence

_ALL = (*meetings.SILENCES, *people.SILENCES, *breadth.SILENCES, *plan.SILENCES, *renewals.SILENCES, *features.SILENCES)

SILENCES: Mapping[str, Silence] = {silence.name: silence for silence in _ALL}
