"""What the page's template is given: everything counted, ordered and named."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from schemas.records.trigger import Trigger
from streams.report import glance
from streams.report.accounts import Fleet
from streams.report.calendar import DAY_MS, epoch_ms
from streams.report.data import ReportData
from streams.report.exhibits import Exhibit, exhibits_of
from streams.report.runs import Run, runs_of
from streams.report.sheet import Sheet, sheets_of
from streams.report.words import grouped, long_day, percent, plural, spaced

Part = tuple[str, str, int, float, float]


@dataclass(frozen=True, slots=True)
class Page:
    """The report's figures. `watched`: accounts that needed a person, most urgent first; `calm`: the others by name."""

    events: int
    read: int
    unread: int
    rate: int
    days: int
    first: str
    last: str
    now_ms: int
    window_ms: tuple[int, int]
    deck: str
    kept: str
    runs: list[Run]
    sla: glance.Sla
    concerns: list[glance.Concern]
    by_concern: list[glance.Row]
    endings: list[glance.Row]
    reasons: list[glance.Row]
    priorities: list[Part]
    acknowledged: list[Part]
    exhibits: list[Exhibit]
    watched: list[Sheet]
    calm: list[Sheet]
    usage: dict[int, int]
    by_id: Mapping[str, Trigger]
    titles: Mapping[str, str]
    slug: Mapping[str, str]

    def text(self, sheet: Sheet) -> str:
        """What a search looks in, lower case."""
        words = [sheet.account.name, sheet.account.account_id, sheet.description]
        words += [trigger.rule for trigger in sheet.triggers]
        words += [
            f"{owner.name} {spaced(owner.role)} {run.first.play} {spaced(run.code or '')}" for run in sheet.runs for _, owner in run.owners
        ]
        return " ".join(dict.fromkeys(word.lower() for word in words if word))

    def tags(self, sheet: Sheet) -> str:
        """What a filter selects by."""
        tags = [run.priority.lower() for run in sheet.runs]
        tags += ["open"] * bool(sheet.open_runs) + ["late"] * bool(sheet.breaches) + ["up"] * any(run.escalated for run in sheet.runs)
        return " ".join(sorted(dict.fromkeys(tags)))

    def chips(self, sheet: Sheet) -> list[tuple[str, str]]:
        """Per priority of its runs, the rules behind them."""
        rules: dict[str, dict[str, None]] = {}
        for run in sheet.runs:
            rules.setdefault(run.priority, {}).update(dict.fromkeys(rule for message in run.messages for rule in message.rules))
        return [(priority, " ".join(sorted(rules[priority]))) for priority in sorted(rules)]


def page_of(data: ReportData) -> Page:
    """Fold, count and order. Linear in events; the end of the window is the present for whatever is still open."""
    window = epoch_ms(data.meta.window[0]), epoch_ms(data.meta.window[1])
    fleet = Fleet()
    fleet.add(data.events)
    runs = runs_of(data.messages, window[1])
    sheets = sheets_of(fleet, data.triggers, runs, data.decisions)
    sla = glance.sla(runs)
    events = data.meta.events if data.meta.events is not None else fleet.read
    usage: dict[int, int] = {}
    for account in fleet.accounts.values():
        for day, count in account.usage.items():
            usage[day] = usage.get(day, 0) + count
    priorities = glance.by_priority(runs)
    concerns = glance.by_concern(data.triggers, data.rules)
    first, last = window[0] // DAY_MS, (window[1] - 1) // DAY_MS
    return Page(
        events=events,
        read=fleet.read,
        unread=fleet.unread,
        rate=int(events / data.meta.seconds) if data.meta.seconds > 0 else 0,
        days=last - first + 1,
        first=long_day(first),
        last=long_day(last),
        now_ms=window[1],
        window_ms=window,
        deck=_deck(data, len(sheets), runs, sla),
        kept=percent(sla.in_time, sla.in_time + sla.late),
        runs=runs,
        sla=sla,
        concerns=concerns,
        by_concern=glance.concern_rows(concerns),
        endings=glance.by_ending(runs),
        reasons=glance.by_reason(data.decisions),
        priorities=parts((row.name.lower(), row.name, row.count) for row in priorities),
        acknowledged=parts(
            (
                ("ok", "Acknowledged in time", sla.in_time),
                ("red", "Acknowledged late, or never", sla.late),
                ("use", "Still within their time", sla.waiting),
                ("mut", "Dropped with the play", sla.dropped),
            )
        ),
        exhibits=exhibits_of(runs, data.decisions, {trigger.trigger_id: trigger for trigger in data.triggers}),
        watched=[sheet for sheet in sheets if sheet.pressing],
        calm=sorted(
            (sheet for sheet in sheets if not sheet.pressing), key=lambda sheet: (sheet.account.name.lower(), sheet.account.account_id)
        ),
        usage=usage,
        by_id={trigger.trigger_id: trigger for trigger in data.triggers},
        titles={rule.id: rule.title for rule in data.rules},
        slug=_slugs(fleet.accounts),
    )


def parts(rows: Iterable[tuple[str, str, int]]) -> list[Part]:
    """Segments of a stacked bar 100 wide, without the empty ones: (css, words, count, start, width)."""
    kept = [row for row in rows if row[2]]
    whole = sum(row[2] for row in kept) or 1
    placed: list[Part] = []
    start = 0
    for css, words, count in kept:
        placed.append((css, words, count, round(start / whole * 100, 2), round(count / whole * 100 - 0.4, 2)))
        start += count
    return placed


def _deck(data: ReportData, accounts: int, runs: Sequence[Run], sla: glance.Sla) -> str:
    rules = len({trigger.rule for trigger in data.triggers})
    known = sla.in_time + sla.late
    said = (
        f"Playcall watched {plural(accounts, 'account')} and raised {plural(len(data.triggers), 'trigger')} under {plural(rules, 'rule')}. "
        f"It launched {plural(len(runs), 'play')}, each with a named owner"
    )
    if data.decisions:
        said += f"; {plural(len(data.decisions), 'time')} it chose not to act, and says why"
    if known:
        said += f". {grouped(sla.in_time)} of {grouped(known)} plays were acknowledged in time"
        said += f", {grouped(sla.breached)} missed a deadline" if sla.breached else ", none missed a deadline"
        said += f" and {grouped(sla.escalated)} moved up to the next role" if sla.escalated else ""
    return said + "."


def _slugs(accounts: Iterable[str]) -> dict[str, str]:
    """Anchors: the id with what a fragment cannot hold replaced, told apart by a number where two become equal."""
    slugs: dict[str, str] = {}
    used: dict[str, int] = {}
    for account_id in accounts:
        slug = re.sub(r"[^A-Za-z0-9_.-]", "-", account_id)
        seen = used[slug] = used.get(slug, 0) + 1
        slugs[account_id] = slug if seen == 1 else f"{slug}~{seen}"
    return slugs
