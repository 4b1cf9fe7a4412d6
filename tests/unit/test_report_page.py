"""The report as a page: well-formed, complete, safe, self-contained, deterministic, small enough."""

import base64
import hashlib
import re
import runpy
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from streams.report.data import Meta, Parity, ReportData, RuleLine
from streams.report.glance import by_concern
from streams.report.render import render_report

sample: Any = runpy.run_path(str(Path(__file__).parent / "report_data" / "sample.py"))["sample"]

VOID = {"meta", "br", "input", "link", "img", "hr"}


class Walk(HTMLParser):
    """Elements as a stack: whatever closes must have been opened last. Also gathers ids, links, scripts and text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.stack: list[str] = []
        self.faults: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.attributes: set[str] = set()
        self.inline: dict[str, list[str]] = {"style": [], "script": []}
        self.policy = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.attributes |= set(values)
        self.ids += [value for name, value in attrs if name == "id" and value]
        self.links += [value for name, value in attrs if name in ("href", "src", "action") and value]
        if values.get("http-equiv") == "Content-Security-Policy":
            self.policy = values["content"] or ""
        if tag not in VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.stack.pop()

    def handle_endtag(self, tag: str) -> None:
        if not self.stack or self.stack.pop() != tag:
            self.faults.append(f"</{tag}> at {self.getpos()}")

    def handle_data(self, data: str) -> None:
        if self.stack and self.stack[-1] in self.inline:
            self.inline[self.stack[-1]].append(data)


def walk(page: str) -> Walk:
    walker = Walk()
    walker.feed(page)
    walker.close()
    return walker


@pytest.fixture(scope="module")
def data() -> ReportData:
    found: ReportData = sample(24, 150)
    return found


@pytest.fixture(scope="module")
def page(data: ReportData) -> str:
    return render_report(data)


def test_every_element_is_closed_in_order(page: str) -> None:
    walker = walk(page)

    assert (walker.stack, walker.faults) == ([], [])
    assert page.startswith("<!DOCTYPE html>\n<html lang=")


def test_ids_are_unique_and_every_inner_link_has_its_target(page: str) -> None:
    walker = walk(page)

    assert len(walker.ids) == len(set(walker.ids))
    assert [link for link in walker.links if not (link.startswith("#") and link[1:] in walker.ids)] == []


def test_every_trigger_and_every_run_is_named(data: ReportData, page: str) -> None:
    assert [trigger.trigger_id for trigger in data.triggers if trigger.trigger_id not in page] == []
    assert [message.run_id for message in data.messages if f'id="run-{message.run_id}"' not in page] == []
    assert len(data.triggers) > 10 < len(data.messages)


def test_a_trigger_without_a_run_is_named_too(data: ReportData) -> None:
    page = render_report(replace(data, messages=()))

    assert [trigger.trigger_id for trigger in data.triggers if trigger.trigger_id not in page] == []


def test_nothing_is_loaded_from_anywhere(page: str) -> None:
    assert re.findall(r"https?:|//[a-z]+\.|@import|url\(", page) == []


def test_the_policy_allows_exactly_the_inline_style_and_script_of_the_page(page: str) -> None:
    walker = walk(page)
    hashes = {name: base64.b64encode(hashlib.sha256("".join(text).encode()).digest()).decode() for name, text in walker.inline.items()}

    assert walker.policy == (
        f"default-src 'none'; style-src 'sha256-{hashes['style']}'; script-src 'sha256-{hashes['script']}'; "
        "base-uri 'none'; form-action 'none'"
    )
    assert "style" not in walker.attributes
    assert [name for name in walker.attributes if name.startswith("on")] == []


def test_text_from_outside_never_becomes_markup(data: ReportData) -> None:
    evil = '<script>alert("x")</script>\'&'
    first = data.triggers[0]
    named = {
        "type": "account.updated",
        "account_id": first.account_id,
        "occurred_at": "2026-01-05T00:00:00Z",
        "name": evil,
        "industry": evil,
    }
    left = {"type": "contact.left", "account_id": first.account_id, "occurred_at": "2026-02-01T00:00:00Z", "name": evil, "role": "champion"}
    evidence = first.evidence.model_copy(update={"summary": evil, "clears_when": evil, "facts": {evil: evil}, "segment_path": (evil,)})
    hostile = replace(
        data,
        events=[*data.events, named, left, named | {"account_id": evil}],
        triggers=[trigger.model_copy(update={"evidence": evidence, "rule": evil}) for trigger in data.triggers],
        messages=[
            message.model_copy(update={
                "why": evil, "message": evil, "note": evil, "actor": evil, "play": evil, "account_name": evil, "rules": (evil,),
                "owner": message.owner.model_copy(update={"name": evil, "role": evil, "detail": evil}),
            })
            for message in data.messages
        ],
        decisions=[decision.model_copy(update={"detail": evil, "rule": evil}) for decision in data.decisions],
        rules=(RuleLine(evil, evil, evil, evil, evil),),
        meta=replace(data.meta, title=evil, kafka=evil, parity=Parity(False, evil), facts=((evil, evil),)),
    )  # fmt: skip

    page = render_report(hostile)
    walker = walk(page)

    assert (walker.stack, walker.faults, len(walker.inline["script"])) == ([], [], 1)
    assert page.count("<script") == 1
    assert "alert(&#34;x&#34;)" in page


def test_every_rule_stands_under_its_concern_fired_or_not(data: ReportData, page: str) -> None:
    concerns = by_concern(data.triggers, data.rules)
    rows = {row.line.id: row for concern in concerns for row in concern.rules}

    assert set(rows) == {rule.id for rule in data.rules} | {trigger.rule for trigger in data.triggers}
    assert (rows["T12"].count, rows["T04"].count) == (0, sum(trigger.rule == "T04" for trigger in data.triggers))
    assert [concern.name for concern in concerns][:3] == ["onboarding", "adoption", "support"]
    assert "0.02 a month on healthy accounts" in page
    assert page.count(">silent<") == 1


def test_who_got_routine_touches_only_is_left_in_peace_with_a_line_for_each(data: ReportData) -> None:
    account = data.messages[0].account_id
    routine = [
        message.model_copy(update={"priority": "P4"}) if message.account_id == account else message
        for message in data.messages
    ]  # fmt: skip
    runs = {message.run_id for message in routine if message.account_id == account}
    page = render_report(replace(data, messages=routine))
    peace = page.index("left in peace")

    assert page.index("left in peace") < page.index(f'id="acct-{account}"')
    assert all(page.index(f'id="run-{run}"') > peace for run in runs)
    assert "routine touch" in page[peace:]


def test_equal_data_give_equal_bytes(data: ReportData, page: str) -> None:
    assert render_report(sample(24, 150)) == page
    assert render_report(replace(data, events=iter(list(data.events)))) == page


def test_a_page_without_anything_is_still_a_page(data: ReportData) -> None:
    meta = Meta(kafka="none", window=data.meta.window, seconds=0)

    walker = walk(render_report(ReportData(meta, (), (), ())))

    assert (walker.stack, walker.faults) == ([], [])


def test_parity_broken_is_said_in_words(data: ReportData) -> None:
    page = render_report(replace(data, meta=replace(data.meta, parity=Parity(False, "2 triggers differ"))))

    assert '<p class="parity no"><b>✗ Parity broken.</b> 2 triggers differ</p>' in page


def test_events_given_as_an_iterator_are_read_once_and_counted(data: ReportData) -> None:
    events = [*data.events, {"type": "feed.heartbeat", "occurred_at": "2026-01-05T00:00:00Z"}, {"account_id": "a", "occurred_at": "soon"}]

    page = render_report(replace(data, events=iter(events)))

    assert f"<h1>{len(events):,} events in" in page
    assert "2 without account or time left out" in page


def test_a_fleet_of_200_accounts_over_150_days_stays_below_six_megabytes() -> None:
    page = render_report(sample(200, 150))

    assert len(page.encode()) < 6_000_000
    assert page.count('<svg class="tl"') > 50


def test_two_years_share_bars_instead_of_growing() -> None:
    long, short = sample(12, 730), sample(12, 365)

    assert len(render_report(long).encode()) < 1.6 * len(render_report(short).encode())
    assert long.meta.window[1] - long.meta.window[0] == timedelta(days=730)
