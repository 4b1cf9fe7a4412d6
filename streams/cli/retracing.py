"""What its own events have made of an account up to a moment: by the engine, the router and the roster that read them live."""

from collections.abc import Sequence
from functools import partial

from schemas.catalogue import ASSIGNMENTS, input_topics
from schemas.decoding.record import FileRecord
from schemas.records.wire import rfc3339, utc
from streams.cli.account_file import AccountFile
from streams.cli.compose import Configuration
from streams.cli.known import Known
from streams.engine.policy import EnginePolicy
from streams.replay.run import RosterPlan, replay

_ALWAYS_MS = 1 << 60
_REASONS_SHOWN = 3


def retrace(configuration: Configuration, file: AccountFile, at_ms: int, wall_ms: int) -> Known:
    """The state of account and roster just before `at_ms`, by the rules of `configuration`. Exits for what no publisher could send.

    What has no date is known before anything else, and launches nothing. The events are taken to be all there were: silence counts.
    """
    first_ms = min((event.time_ms for event, _ in file.events(at_ms) if event.time_ms < at_ms), default=at_ms)
    logs: dict[str, list[FileRecord]] = {}
    read = later = 0
    for event, written in file.events(first_ms - 1):
        if event.time_ms >= at_ms:
            later += 1
            continue
        read += 1
        log = logs.setdefault(event.topic, [])
        log.append(FileRecord(event.account_id.encode(), written, len(log), event.time_ms))
    kept: tuple[dict[bytes, bytes], dict[bytes, bytes]] = {}, {}

    def keep(task: int, records: Sequence[tuple[bytes, bytes | None]]) -> None:
        for key, value in records:
            if value is None:
                kept[task].pop(key, None)
            else:
                kept[task][key] = value

    policy = EnginePolicy(
        partitions=1, topics=(*input_topics(), ASSIGNMENTS), until_ms=at_ms - 1, go_live_ms=first_ms, leap_ms=_ALWAYS_MS
    )  # fmt: skip
    plan = RosterPlan(configuration.roster_pipeline)
    result = replay({0: logs}, partial(configuration.pipeline, roster=True), policy, max(wall_ms, at_ms), roster=plan, keep=keep)
    remarks = []
    if later:
        remarks.append(f"{later} of its events are of {rfc3339(utc(at_ms))} or later: not read")
    refused = [f"{count} on {topic}: {reason}" for (topic, reason), count in sorted(result.dead_letters.items())]
    if refused:
        more = f" and {len(refused) - _REASONS_SHOWN} more" if len(refused) > _REASONS_SHOWN else ""
        remarks.append(f"dead letters, live: {'; '.join(refused[:_REASONS_SHOWN])}{more}")
    said = f"{read} event{'' if read == 1 else 's'} of {file.name}"
    return Known(file.account_id, kept[0], kept[1], said, remarks=tuple(remarks))
