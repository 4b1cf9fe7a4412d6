"""`playcall kafka up`: a Kafka to work with, in the foreground."""

import signal
from typing import Annotated

import typer

from streams.broker.ladder import running_kafka
from streams.cli.options import AsJson
from streams.cli.terminal import print_json, progress

app = typer.Typer(name="kafka", help="A local Kafka for development.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    pass


@app.command()
def up(
    as_json: AsJson = False,
    *,
    probe_only: Annotated[bool, typer.Option("--probe", help="Stop again at once: shows that a Kafka can be had.")] = False,
) -> None:
    """Start Kafka and keep it until Ctrl-C; print its address.

    PLAYCALL_BOOTSTRAP is used if set; else Docker, if an engine answers; else a local node (JDK 17 and Maven). Nothing is kept:
    topics and records are gone when it stops.
    """
    with running_kafka(progress) as kafka:
        if as_json:
            print_json({"bootstrap": kafka.bootstrap, "kind": kafka.kind, "version": kafka.version})
        else:
            print(f"{kafka}\nexport PLAYCALL_BOOTSTRAP={kafka.bootstrap}", flush=True)
        if not probe_only:
            _until_stopped()


def _until_stopped() -> None:
    """Wait for SIGINT or SIGTERM, and take either as a wish rather than an error."""
    asked = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, asked)
    signal.sigwait(asked)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, asked)
