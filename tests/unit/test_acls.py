"""Access generated from the catalogue: all that is needed and nothing more."""

from schemas.catalogue import catalogue
from streams.kafka.acls import Acl, acls
from streams.settings import Settings

SETTINGS = Settings(bootstrap="127.0.0.1:9092", app_id="playcall", topic_prefix="eu.")


def of(principal: str, topic: str) -> set[str]:
    return {acl.operation for acl in acls(SETTINGS) if (acl.principal, acl.resource, acl.name) == (principal, "topic", topic)}


def test_a_worker_reads_its_sources_and_never_writes_them() -> None:
    assert of("playcall", "eu.product-usage") == {"Read", "Describe", "DescribeConfigs"}


def test_a_worker_writes_its_outputs_and_never_reads_them() -> None:
    assert of("playcall", "eu.play-launches") == {"Write", "Describe", "DescribeConfigs"}
    assert of("playcall", "eu.tickets.dlq") == {"Write", "Describe", "DescribeConfigs"}


def test_a_worker_reads_and_writes_its_state() -> None:
    assert of("playcall", "eu.state") == {"Read", "Write", "Describe", "DescribeConfigs"}


def test_operators_put_dead_letters_back_and_resume_and_read_no_events() -> None:
    assert of("operators", "eu.tickets.dlq") == {"Read", "Describe"}
    assert of("operators", "eu.tickets") == {"Write", "Describe"}
    assert of("operators", "eu.feeds") == {"Read", "Write", "Describe"}
    assert of("operators", "eu.play-launches") == set()


def test_a_worker_forwards_strays_to_a_topic_that_it_reads_itself() -> None:
    assert of("playcall", "eu.rekeyed") == {"Read", "Write", "Describe", "DescribeConfigs"}
    assert of("playcall", "eu.rekeyed.dlq") == {"Write", "Describe", "DescribeConfigs"}
    assert {acl.principal for acl in acls(SETTINGS) if acl.name == "eu.rekeyed" and acl.operation == "Write"} == {"playcall"}


def test_beside_topics_a_worker_has_its_group_and_its_transactional_ids_and_operators_one() -> None:
    assert [acl for acl in acls(SETTINGS) if acl.resource != "topic"] == [
        Acl("playcall", "Read", "group", "playcall"),
        Acl("playcall", "Describe", "group", "playcall"),
        Acl("playcall", "Write", "transactional-id", "playcall.", prefixed=True),
        Acl("playcall", "Describe", "transactional-id", "playcall.", prefixed=True),
        Acl("operators", "Write", "transactional-id", "playcall.redrive"),
        Acl("operators", "Describe", "transactional-id", "playcall.redrive"),
    ]


def test_publishers_and_subscribers_touch_only_their_own_topics() -> None:
    product = [acl for acl in acls(SETTINGS) if acl.principal == "product"]

    assert product == [Acl("product", "Write", "topic", "eu.product-usage"), Acl("product", "Describe", "topic", "eu.product-usage")]
    assert of("crm-and-email-systems", "eu.play-launches") == {"Read", "Describe"}


def test_only_the_topics_role_creates_and_it_reads_no_record() -> None:
    creators = {acl.principal for acl in acls(SETTINGS) if acl.operation == "Create"}
    operations = {acl.operation for acl in acls(SETTINGS) if acl.principal == "playcall-topics"}

    assert creators == {"playcall-topics"}
    assert operations == {"Create", "Describe", "DescribeConfigs"}
    assert {acl.name for acl in acls(SETTINGS) if acl.operation == "Create"} == {f"eu.{topic.name}" for topic in catalogue()}


def test_no_permission_is_given_twice() -> None:
    granted = acls(SETTINGS)

    assert len(set(granted)) == len(granted)


def test_a_permission_is_a_command_of_kafkas_own_tool() -> None:
    prefixed = Acl("playcall", "Write", "transactional-id", "playcall.", prefixed=True)

    assert prefixed.command("127.0.0.1:9092") == (
        "kafka-acls.sh --bootstrap-server 127.0.0.1:9092 --add --allow-principal User:playcall --operation Write "
        "--transactional-id playcall. --resource-pattern-type prefixed"
    )
