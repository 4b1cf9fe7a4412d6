"""Options that several commands share, each declared once. None means: not given, the file or the environment decides."""

from pathlib import Path
from typing import Annotated

import typer

Config = Annotated[
    Path | None, typer.Option("--config", help="Settings file [default: playcall.toml, if there is one].", show_default=False)
]
Bootstrap = Annotated[str | None, typer.Option("--bootstrap", help="Kafka brokers, host:port.", show_default=False)]
TopicPrefix = Annotated[str | None, typer.Option("--topic-prefix", help="Put before every topic name.", show_default=False)]
Partitions = Annotated[int | None, typer.Option("--partitions", help="Partitions of account-keyed topics.", show_default=False)]
ReplicationFactor = Annotated[int | None, typer.Option("--replication-factor", help="Replicas of each topic.", show_default=False)]
AppId = Annotated[str | None, typer.Option("--app-id", help="Consumer group and prefix of transactional ids.", show_default=False)]
Rules = Annotated[
    str | None,
    typer.Option(
        "--rules",
        envvar="PLAYCALL_RULES",
        help="Packs (`starter`, `all`) and rules that run, comma separated.",
        show_default="the policy's choice",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Machine-readable output on stdout.")]
