"""`playcall acls`: least-privilege access, ready to be granted."""

import typer

from streams.cli.options import AppId, AsJson, Bootstrap, Config, TopicPrefix
from streams.cli.terminal import print_json
from streams.kafka.acls import acls
from streams.settings import load_settings

app = typer.Typer()


@app.command("acls")
def command(
    bootstrap: Bootstrap = None, topic_prefix: TopicPrefix = None, app_id: AppId = None, config: Config = None, as_json: AsJson = False
) -> None:
    """Print the least-privilege ACLs that the topic catalogue needs, as kafka-acls.sh commands.

    Talks to no broker. Principals: `playcall` for the workers, `playcall-topics` for whoever runs `topics apply`, and one per
    publisher and subscriber of the catalogue, to be renamed to yours.
    """
    settings = load_settings({"bootstrap": bootstrap, "topic_prefix": topic_prefix, "app_id": app_id}, config)
    granted = acls(settings)
    if as_json:
        print_json([acl._asdict() for acl in granted])
        return
    for acl in granted:
        print(acl.command(settings.bootstrap))
