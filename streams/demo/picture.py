"""The HTML report of a demonstration."""

import gzip
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import orjson

from schemas.records.decision import Decision
from schemas.records.play_message import PlayMessage
from schemas.records.trigger import Trigger
from streams.demo.outcome import Outcome
from streams.demo.parity import ParityCheck
from streams.demo.plan import DemoPlan
from streams.report.data import Meta, Parity, ReportData, RuleLine, Score
from streams.report.render import render_report

NOISE_BAR = 0.05
CAUGHT_BAR = 0.9
FALLBACK_BAR = 0.02


def scores(outcome: Outcome) -> tuple[Score, ...]:
    """The measured figures against their bars, as people read them."""
    caught = outcome.declines - len(outcome.missed)
    return (
        Score(
            "False alarms of risk rules per healthy account and month",
            f"{outcome.noise:.3f}",
            f"at most {NOISE_BAR}",
            outcome.noise <= NOISE_BAR,
            f"{outcome.healthy_risk_triggers} triggers in {outcome.healthy_months:,.0f} account-months",
        ),
        Score(
            "Planted declines caught",
            f"{outcome.caught_share:.0%}",
            f"at least {CAUGHT_BAR:.0%}",
            outcome.caught_share >= CAUGHT_BAR,
            f"{caught} of {outcome.declines}",
        ),
        Score(
            "Launches without an owner of their own",
            f"{outcome.fallback_share:.1%}",
            f"at most {FALLBACK_BAR:.0%}",
            outcome.fallback_share <= FALLBACK_BAR,
            f"{outcome.fallback_launches} of {outcome.launches} reached the fallback owner",
        ),
        Score(
            "Rules that fired",
            f"{len(outcome.triggers_by_rule)} of {len(outcome.triggers_by_rule) + len(outcome.silent_rules)}",
            "all",
            not outcome.silent_rules,
            "silent: " + ", ".join(outcome.silent_rules) if outcome.silent_rules else "",
        ),
        Score(
            "Dead letters that should not be there",
            str(len(outcome.letters.others)),
            "none",
            not outcome.letters.others,
            str(outcome.letters) if outcome.letters else "",
        ),
    )


def noise_note(outcome: Outcome, rule: str) -> str:
    """How often a rule spoke of accounts where nothing was wrong; nothing where it never did."""
    return f"{outcome.noise_of(rule):.3f} a month per healthy account" if rule in outcome.healthy_by_rule else ""


def draw(
    plan: DemoPlan,
    kafka: str,
    seconds: float,
    events: int,
    records: tuple[Sequence[Trigger], Sequence[PlayMessage], Sequence[Decision]],
    outcome: Outcome,
    parity: ParityCheck | None,
    rules: Sequence[RuleLine],
) -> None:
    """Write the report to the plan's file. `seconds` is the wall time of the run, `rules` all that ran."""
    triggers, messages, decisions = records
    window = (datetime.fromisoformat(plan.start), datetime.fromisoformat(plan.end))
    meta = Meta(
        kafka=kafka,
        window=window,
        seconds=seconds,
        events=events,
        title="Playcall demonstration",
        parity=None if parity is None else Parity(parity.equal, str(parity)),
        scores=scores(outcome),
        facts=(("Accounts", f"{plan.spec.accounts:,}"), ("Days", f"{plan.spec.days:,}"), ("Seed", str(plan.spec.seed))),
    )
    page = render_report(ReportData(meta, _events(plan), triggers, messages, decisions, rules))
    plan.report_file.write_text(page, encoding="utf-8")


def _events(plan: DemoPlan) -> Iterator[dict[str, Any]]:
    for path in (plan.events_file, plan.answers_file):
        with gzip.open(path, "rb") as lines:
            for line in lines:
                yield orjson.loads(line)
