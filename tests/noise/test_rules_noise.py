"""`playcall rules noise` on files, and the converters of the two sets it is run on."""

import gzip
import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from plays.loading.rules import LIBRARY
from streams.cli.main import main
from tests.noise import cdnow, crm5

BAR = 0.30  # adoption alerts per account-month


def answer(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    with pytest.raises(SystemExit) as ended:
        main(["rules", "noise", *arguments, "--json"])
    out = capsys.readouterr()
    assert ended.value.code == 0, out.err
    return json.loads(out.out)


def usage(account: str, first: int, last: int, a_day: int) -> list[dict[str, Any]]:
    return [
        {"type": "feature.used", "account_id": account, "feature": "export", "user_id": f"u{n}", "occurred_at": stamp(day, n)}
        for day in range(first, last)
        for n in range(a_day)
    ]


def stamp(day: int, minute: int = 0) -> str:
    return (datetime(2026, 9, 1, 9, minute, tzinfo=UTC) + timedelta(days=day)).isoformat()


def write(path: Path, events: list[dict[str, Any]]) -> Path:
    events.sort(key=lambda event: event["occurred_at"])
    lines = [json.dumps({"event_id": f"{path.stem}-{n}", "source": "test", **event}) for n, event in enumerate(events)]
    path.write_bytes(gzip.compress("\n".join(lines).encode()) if path.suffix == ".gz" else "\n".join(lines).encode())
    return path


def test_a_drop_before_churn_is_counted_with_its_lead(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    churn = {"type": "account.churned", "account_id": "leaves", "occurred_at": stamp(60)}
    stays = write(tmp_path / "stays.jsonl.gz", usage("stays", 0, 80, 20))
    leaves = write(tmp_path / "leaves.jsonl", [*usage("leaves", 0, 40, 20), *usage("leaves", 40, 55, 4), churn])

    found = answer(capsys, str(stays), str(leaves), "--rules", "T04,J5", "--outcome", "account.churned", "--within", "30")

    assert (found["accounts"], found["refused"], found["outcomes"]) == (2, 0, 1)
    assert found["rules"]["T04"]["alerts"] == 1
    assert (found["rules"]["T04"]["caught"], found["rules"]["T04"]["hits"]) == (1, 1)
    assert found["rules"]["T04"]["lift"] > 1
    assert 15 < found["rules"]["T04"]["lead_days"] < 25
    assert found["rules"]["together"]["alerts"] == 2


def test_outcomes_may_stand_in_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    events = write(tmp_path / "e.jsonl", [*usage("one", 0, 40, 20), *usage("one", 40, 80, 4)])
    outcomes = tmp_path / "o.csv"
    outcomes.write_text("account_id,lost\none,2026-10-25\nother,\n")

    found = answer(capsys, str(events), "--rules", "T04", "--outcome", f"{outcomes}:lost", "--within", "30")

    assert (found["outcomes"], found["rules"]["T04"]["caught"]) == (1, 1)


@pytest.mark.parametrize("outcome", ["nothing.csv", "{0}:when"])
def test_an_outcome_that_is_not_there_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str], outcome: str) -> None:
    events = write(tmp_path / "e.jsonl", usage("one", 0, 3, 2))
    (tmp_path / "o.csv").write_text("account_id,lost\n")

    with pytest.raises(SystemExit) as ended:
        main(["rules", "noise", str(events), "--outcome", outcome.format(tmp_path / "o.csv")])

    assert ended.value.code == 2
    assert "refused" in capsys.readouterr().err


def test_lines_that_are_no_events_are_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    events = write(tmp_path / "e.jsonl", usage("one", 0, 3, 2))
    with events.open("a") as file:
        file.write('\nno json\n{"type": "unknown.kind", "account_id": "x"}\n')

    found = answer(capsys, str(events), "--rules", "T04")

    assert (found["events"], found["refused"]) == (8, 2)


def test_a_rule_on_trial_counts_as_if_it_spoke(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    library = copytree(LIBRARY, tmp_path / "library")
    stated = (library / "T04.yaml").read_text()
    (library / "T04.yaml").write_text(stated.replace("status: stable", "status: experimental"))
    events = write(tmp_path / "e.jsonl", [*usage("one", 0, 40, 20), *usage("one", 40, 80, 4)])

    found = answer(capsys, str(events), "--rules", "T04", "--library", str(library))

    assert found["rules"]["T04"]["alerts"] == 1


def made_set(folder: Path) -> Path:
    """Two accounts in the columns of the set."""
    tables = {
        "accounts": "account_id,channel,signup_date,churn_date\nC1,web,2022-01-01,2022-01-04\nC2,web,2022-01-02,\n",
        "subscriptions": "account_id,product,start_date,end_date,mrr,quantity,units\n"
        "C1,basic,2022-01-01,2022-02-01,350.0,25,users\nC1,search,2022-01-01,2022-02-01,200,5000,search\n"
        "C2,basic,2022-01-02,2022-01-03,100,5,users\nC2,basic,2022-01-03,2022-02-03,100,5,users\n",
        "usage_daily": "account_id,date,events,active_users,search,edit\n"
        "C1,2022-01-01,3,2,2,1\nC2,2022-01-02,2,1,0,2\nC2,2023-03-01,9,1,9,0\n",
        "events_raw": "account_id,ts,event,user,value\nC2,2022-01-02T05:00:00,edit,7,\nC2,2022-01-02T06:00:00,edit,9,\n",
    }
    for name, text in tables.items():
        (folder / f"{name}.csv.gz").write_bytes(gzip.compress(text.encode()))
    return folder


def test_the_crm_set_becomes_events_in_the_order_of_time(tmp_path: Path) -> None:
    told = list(crm5.events(made_set(tmp_path)))

    assert [event["occurred_at"] for event in told] == sorted(event["occurred_at"] for event in told)
    assert [(one["account_id"], one["type"], one.get("seats"), one.get("mrr")) for one in told if one["type"] != "feature.used"] == [
        ("C1", "account.created", None, None), ("C1", "subscription.started", 25, 550.0), ("C2", "account.created", None, None),
        ("C2", "subscription.started", 5, 100.0), ("C1", "account.churned", None, None),
    ]  # fmt: skip
    used = [(one["account_id"], one["user_id"], one["feature"]) for one in told if one["type"] == "feature.used"]
    assert used == [("C1", "0", "search"), ("C1", "1", "search"), ("C1", "0", "edit"), ("C2", "7", "edit"), ("C2", "9", "edit")]
    assert {half: {e["account_id"] for e in crm5.events(tmp_path, half)} for half in ("choose", "judge")} == {
        half: {name for name in ("C1", "C2") if crm5.half_of(name) == half} for half in ("choose", "judge")
    }


def test_a_silence_is_called_by_days_or_by_the_customers_own_rhythm() -> None:
    customers = {"often": [0, 10, 20, 30, 75, 85], "once": [0]}

    assert cdnow.silences(customers, 30, None, 0) == (1, 1)  # after day 30, for 45 days
    assert cdnow.silences(customers, 30, 4.0, 3) == (1, 1)
    assert cdnow.silences(customers, 30, 5.0, 3) == (0, 0)


DATA = os.environ.get("PLAYCALL_DATA")
needs_data = pytest.mark.skipif(not DATA, reason="PLAYCALL_DATA does not name the folder of churnsim-crm5 and cdnow")


@needs_data
def test_a_bare_silence_of_cdnow_ends_as_often_as_its_authors_say() -> None:
    customers = cdnow.order_days(Path(DATA or "") / "cdnow" / "CDNOW_master.txt.gz")

    assert [round(cdnow.silences(customers, days, None, 0).share, 2) for days in (30, 60, 90, 180)] == [0.77, 0.72, 0.67, 0.56]


@needs_data
@pytest.mark.long
@pytest.mark.timeout(900)
def test_adoption_alerts_stay_under_the_bar_on_the_accounts_no_threshold_was_chosen_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    events = tmp_path / "judge.jsonl.gz"
    crm5.write(crm5.events(Path(DATA or "") / "churnsim-crm5", "judge"), events)

    found = answer(capsys, str(events), "--rules", "T04,T05,T24,J5,PB1", "--outcome", "account.churned")

    assert found["accounts"] > 200
    assert 0 < found["rules"]["together"]["per_account_month"] <= BAR
