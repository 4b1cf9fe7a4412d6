"""Every silence, by name; `plays/rules/silences.py` says to authors what each means."""

from collections.abc import Mapping

from streams.signals.silences import meetings, renewals
from streams.signals.silences.last import Silence

SILENCES: Mapping[str, Silence] = {silence.name: silence for silence in (*meetings.SILENCES, *renewals.SILENCES)}
