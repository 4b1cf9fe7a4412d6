"""`playcall worker`: the running system."""

from collections.abc import Mapping
from importlib.metadata import version as distribution_version
from pathlib import Path
from typing import Annotated, Any

import typer

from plays.loading.errors import ConfigError
from plays.rules.lock import COMMAND as LOCK_COMMAND
from schemas.catalogue import ASKS, ASSIGNMENTS, UPDATES, catalogue, physical, roster_topics, task_topics
from streams.cli.compose import Configuration, load_configuration
from streams.cli.exits import REFUSED
from streams.cli.options import AppId, Bootstrap, Config, Rules, TopicPrefix
from streams.clock import Clock, FileClock, SystemClock
from streams.engine.policy import EnginePolicy
from streams.engine.quarantine import Quarantine
from streams.engine.task import PartitionTask
from streams.kafka.fatal import Refused
from streams.kafka.kinds import account_kind, roster_kind
from streams.kafka.task import TaskFactory
from streams.kafka.worker import Plan, run_worker
from streams.settings import Settings, load_settings

app = typer.Typer()

_PATIENCE_MS = 60_000  # longer than a roster needs to move to another worker, shorter than health bears without progress
_SETTLE_MS = 120_000  # Kafka producers give a record up after so long: by then what a returned feed held back is there, or never


@app.command("worker")
def command(
    bootstrap: Bootstrap = None,
    topic_prefix: TopicPrefix = None,
    app_id: AppId = None,
    library: Annotated[Path | None, typer.Option(help="Folder of rules and playbooks instead of the one shipped.")] = None,
    policy: Annotated[Path | None, typer.Option(help="Folder of segments, owners and defaults instead of the ones shipped.")] = None,
    rules: Rules = None,
    output_prefix: Annotated[
        str | None,
        typer.Option(help="Prefix of the topics this worker writes, `state` and `feeds` among them, if other than --topic-prefix."),
    ] = None,
    go_live_at: Annotated[str | None, typer.Option(help="Before this time (RFC 3339) nothing launches; default: first start.")] = None,
    until: Annotated[str | None, typer.Option(help="Read what is there, let time pass up to here (RFC 3339), commit, exit 0.")] = None,
    http_port: Annotated[str | None, typer.Option(help="Port of /metrics, /healthz, /readyz; 0: a free one, none: off.")] = None,
    quarantine: Annotated[
        list[str] | None,
        typer.Option(
            metavar="TOPIC:P:OFFSET|account:ID",
            help="Go on without what always fails: this record, or this account's events, go to the dead letters; the account's deadlines "
            "wait. Repeatable.",
        ),
    ] = None,
    recreated: Annotated[
        list[str] | None,
        typer.Option(
            metavar="TOPIC:keep|begin",
            help="Accept a topic that was deleted and created anew: with the same records at the same offsets, or to be read from its "
            "beginning. Repeatable.",
        ),
    ] = None,
    *,
    allow_rollback: Annotated[
        bool, typer.Option("--allow-rollback", help="Run although accounts are planned by a newer library: plan them anew by this one.")
    ] = False,
    log_level: Annotated[str | None, typer.Option(help="debug, info, warning or error.")] = None,
    config: Config = None,
) -> None:
    """Read the event topics, raise triggers, launch plays; state and results go out in transactions.

    Start as many as there are partitions at most; they share the work by themselves. SIGTERM: commit, leave the group, exit 0.
    Exit codes: 0 stopped or finished, 2 refused to run (the line says why and what to do), 3 stopped by an error, nothing of
    that step committed.
    """
    flags: Mapping[str, Any] = {
        "bootstrap": bootstrap, "topic_prefix": topic_prefix, "app_id": app_id, "library": library, "policy": policy, "rules": rules,
        "go_live_at": go_live_at, "until": until, "http_port": http_port, "log_level": log_level, "quarantine": quarantine or None,
        "recreated": recreated or None,
        "allow_rollback": allow_rollback or None,
    }  # fmt: skip
    settings = load_settings(flags, config)
    try:
        configuration = load_configuration(settings.library, settings.policy, settings.rules)
    except ConfigError as problem:
        typer.echo(f"playcall: refused to run: {problem}", err=True)
        raise typer.Exit(REFUSED) from problem
    if configuration.unlocked:
        shown = configuration.unlocked[:3]
        differing = "; ".join([*shown, *([f"and {len(configuration.unlocked) - 3} more"] if len(configuration.unlocked) > 3 else [])])
        typer.echo(f"playcall: refused to run: the library differs from its lock.json ({differing}): run `{LOCK_COMMAND}`", err=True)
        raise typer.Exit(REFUSED)
    raise typer.Exit(run_worker(settings, clock_of(settings), plan_of(settings, configuration, output_prefix)))


def plan_of(settings: Settings, configuration: Configuration, output_prefix: str | None = None) -> Plan:
    """What the worker reads and writes, and how its tasks are built."""
    release = distribution_version("playcall")
    quarantine = Quarantine.parse(settings.quarantine)
    outputs = [*(each.name for each in catalogue() if each.direction == "out"), ASKS]

    def policy_of(go_live_ms: int, partitions: int) -> EnginePolicy:
        if quarantine.beyond(partitions):
            raise Refused(
                f"quarantine {', '.join(quarantine.beyond(partitions))} names a partition that is not there",
                f"topics have partitions 0 to {partitions - 1}: correct it, it would set nothing aside",
            )
        return engine_policy(settings, configuration, partitions, go_live_ms, quarantine, release)

    def accounts(go_live_ms: int, partitions: int) -> TaskFactory:
        policy = policy_of(go_live_ms, partitions)
        return lambda partition: PartitionTask(partition, configuration.pipeline(roster=settings.roster != "off"), policy)

    def roster(go_live_ms: int, partitions: int) -> TaskFactory:
        policy = policy_of(go_live_ms, partitions).of_roster()
        return lambda partition: PartitionTask(partition, configuration.roster_pipeline(), policy)

    kinds = [account_kind(task_topics(), accounts)]
    if settings.roster == "run":
        kinds.append(roster_kind(roster_topics(), roster))
        outputs.append(ASSIGNMENTS)
    recorded = {ASSIGNMENTS} if settings.roster == "recorded" else ()
    prefix = settings.topic_prefix if output_prefix is None else output_prefix
    return Plan(kinds, outputs, release, lambda name: physical(prefix, name), configuration.number, recorded)


def engine_policy(
    settings: Settings, configuration: Configuration, partitions: int, go_live_ms: int, quarantine: Quarantine, release: str
) -> EnginePolicy:
    """The engine's numbers as settings and policy have them."""
    return EnginePolicy(
        partitions=partitions,
        topics=task_topics(),
        app_version=release,
        go_live_ms=go_live_ms,
        until_ms=None if settings.until is None else round(settings.until.timestamp() * 1000),
        lookahead=settings.lookahead,
        grace_ms=settings.silence_grace_s * 1000,
        quarantine=quarantine,
        usage_duplicates_ms=settings.usage_duplicates_horizon_s * 1000,
        usage_duplicates_max=settings.usage_duplicates_max,
        poison_share=settings.poison_share,
        quiet=configuration.quiet(min(_SETTLE_MS, settings.silence_grace_s * 1000)),
        answers=UPDATES,
        allow_rollback=settings.allow_rollback,
        activation_rate=settings.activation_rate,
        answer_patience_ms=_PATIENCE_MS if settings.roster == "run" else 0,
    )


def clock_of(settings: Settings) -> Clock:
    """The machine's clock, or the file's where one is set."""
    return SystemClock() if settings.clock_file is None else FileClock(settings.clock_file)
