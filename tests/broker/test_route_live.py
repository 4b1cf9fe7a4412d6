"""`playcall route test --live`: what a running Playcall knows of the account and of what its people hold."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree
from typing import Any

import orjson
import pytest

from plays.loading.run_policy import DEFAULT_POLICY
from streams.kafka.admin import apply_topics
from streams.settings import Settings
from tests.broker.product_rig import Product
from tests.broker.shell_rig import Worker, until

OWNERS = """
people:
  - {id: ana, name: Ana, capacity: 1}
  - {id: ben, name: Ben, capacity: 8}
  - {id: cleo, name: Cleo, capacity: 4}
  - {id: boss, name: Boss}
pools:
  csm: {policy: least_open_runs, members: [{person: ana}, {person: ben}, {person: cleo}]}
  csm_pool: [{person: boss}]
  support_lead: [{person: boss}]
  cs_lead: [{person: boss}]
  implementation_lead: [{person: boss}]
  renewal_specialist: [{person: boss}]
fallback: boss
"""
OWN = {"acme": {"csm": "ana"}, "globex": {"csm": "ben"}, "initech": {}}
CALENDARS = "company: always\ncustomer: always\ncalendars:\n  always: {timezone: UTC, hours: always}\n"


pytestmark = [pytest.mark.broker, pytest.mark.timeout(240)]


@pytest.fixture
def product(settings: Settings, tmp_path: Path) -> Iterator[Product]:
    product = Product(settings.model_copy(update={"partitions": 2}), tmp_path)
    try:
        yield product
    finally:
        product.rig.stop_all()


async def launched(product: Product, worker: Worker, rules: set[str]) -> dict[str, dict[str, Any]]:
    """The launches of these rules, once all are published."""
    deadline = time.monotonic() + 40
    while True:
        messages = [orjson.loads(record.value) for record in await product.rig.read("play-launches")]
        found = {message["rules"][0]: message for message in messages if message["kind"] == "launched"}
        if rules <= found.keys():
            return found
        assert time.monotonic() < deadline, worker.text()


async def test_loads_of_people_and_an_open_p1_are_those_of_the_running_product(product: Product, tmp_path: Path) -> None:
    policy = copytree(DEFAULT_POLICY, tmp_path / "policy")
    (policy / "owners.yaml").write_text(OWNERS)
    (policy / "calendars.yaml").write_text(CALENDARS)
    await apply_topics(product.settings)
    worker = product.start(POLICY=str(policy))
    await until(lambda: worker.get("/readyz") == (200, "ready\n"), about=worker.text)
    accounts = {name: product.event("account.updated", name, name=name, touch_model="high", **own) for name, own in OWN.items()}
    await product.publish("accounts", accounts.values())
    support = {"concern": "support", "play": "swat", "priority": "P1", "why": "Down.", "owner_role": "csm"}
    await product.publish(
        "trigger-requests", [product.event("trigger.requested", name, rule=f"ml-{name}", **support) for name in ("acme", "globex")]
    )
    runs = await launched(product, worker, {"ml-acme", "ml-globex"})
    assert {name: runs[f"ml-{name}"]["owner"]["id"] for name in ("acme", "globex")} == {"acme": "ana", "globex": "ben"}

    async def tried(trigger: dict[str, Any], *more: str) -> tuple[int, dict[str, Any]]:
        file = tmp_path / "trigger.json"
        file.write_text(json.dumps(trigger))
        command = product.command(
            "route", "test", str(file), "--live", "--policy", str(policy), "--json", *more,
            "--bootstrap", product.settings.bootstrap, "--topic-prefix", product.settings.topic_prefix,
        )  # fmt: skip
        code = command.wait(60)
        return code, json.loads(command.text()) if code != 2 else {"refused": command.text()}

    # Initech has nothing open: who is free is compared by what they hold.
    code, found = await tried({"rule": "T04", "account_id": "initech"})
    assert (code, found["open_runs"], found["owner"]["id"]) == (0, [], "cleo")
    choice = found["choice"]
    assert (choice["holds"]["runs"], choice["score"]) == (0, 0.125)
    assert [(one["person"], one["holds"]["runs"], one["score"]) for one in choice["runners_up"]] == [("ben", 1, 0.1875)]
    assert [(one["person"], one["holds"]["runs"]) for one in choice["full"]] == [("ana", 1)]
    assert found["loads_from"] == f"{product.settings.topic('roster.state')} at {product.settings.bootstrap} says"

    # Acme has a P1 that holds expansion back, and whose own concern takes a trigger in.
    code, found = await tried({"rule": "T04", "account_id": "acme", "concern": "expansion", "priority": "P3"})
    (run,) = found["open_runs"]
    (cause,) = found["against"]["launch"]["causes"]
    assert (code, run["run"], cause["kind"]) == (1, runs["ml-acme"]["run_id"], "inhibited")
    assert run["run"] in cause["detail"]
    code, found = await tried({"rule": "T04", "account_id": "acme", "concern": "support", "priority": "P2"})
    assert (code, found["joins"]["run"], found["owner"]["id"]) == (0, run["run"], "ana")

    # An account that nobody has told of is no account; with a file it is one, among people as they are.
    code, found = await tried({"rule": "T04", "account_id": "hooli"})
    assert (code, "nothing is known of the account hooli" in found["refused"]) == (2, True)
    (tmp_path / "hooli.json").write_text(json.dumps({"account_id": "hooli", "touch_model": "high", "csm": "ana"}))
    code, found = await tried({"rule": "T04"}, "--account", str(tmp_path / "hooli.json"))
    assert (code, found["trigger"]["account_id"], found["owner"]["id"]) == (0, "hooli", "cleo")
    assert "ana (the account's csm) is full" in found["owner"]["detail"]
