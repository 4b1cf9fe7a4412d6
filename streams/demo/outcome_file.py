"""What a demonstration showed, as a file for machines: `playcall rules coverage` reads which rules fired from it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson

from plays.outcomes.review import Review, as_data
from streams.demo.errors import DemoError
from streams.demo.outcome import Outcome
from streams.demo.parity import ParityCheck
from streams.demo.plan import DemoPlan

DEFAULT = Path("out/demo/outcome.json")


def write_outcome(plan: DemoPlan, kafka: str, outcome: Outcome, check: ParityCheck | None, quarters: Sequence[Review] = ()) -> None:
    """Write the plan's outcome file. Rates are triggers per healthy account and month; `quarters`: the reviews that were made."""
    ran = sorted({*outcome.triggers_by_rule, *outcome.silent_rules})
    body = {
        "kafka": kafka,
        "seed": plan.spec.seed,
        "accounts": plan.spec.accounts,
        "days": plan.spec.days,
        "parity": None if check is None else check.equal,
        "healthy_months": round(outcome.healthy_months, 1),
        "noise": round(outcome.noise, 4),
        "declines": outcome.declines,
        "missed": list(outcome.missed),
        "rules": {
            rule: {
                "triggers": outcome.triggers_by_rule.get(rule, 0),
                "accounts": outcome.accounts_by_rule.get(rule, 0),
                "launches": outcome.launches_by_rule.get(rule, 0),
                "healthy_rate": round(outcome.noise_of(rule), 4),
            }
            for rule in ran
        },
        "dead_letters": {
            "crossed": len(outcome.letters.crossed),
            "others": [one._asdict() for one in outcome.letters.others],
        },
        "reports": {"PB6": [as_data(quarter) for quarter in quarters]},
    }
    plan.outcome_file.write_bytes(orjson.dumps(body, option=orjson.OPT_INDENT_2) + b"\n")


def fired_rules(path: Path) -> dict[str, int]:
    """Triggers per rule of the demonstration whose outcome file this is, silent rules left out.

    Raises DemoError, saying how to make one, for a file that is missing or something else.
    """
    try:
        body: dict[str, Any] = orjson.loads(path.read_bytes())
        return {rule: figures["triggers"] for rule, figures in body["rules"].items() if figures["triggers"]}
    except FileNotFoundError:
        raise DemoError(f"{path}: no demonstration has been run yet; run `playcall demo` (it takes some minutes)") from None
    except (ValueError, KeyError, TypeError, AttributeError) as problem:
        raise DemoError(f"{path}: not the outcome of a demonstration ({problem}); run `playcall demo` again") from None


def made_reports(path: Path) -> dict[str, int]:
    """For each report that the demonstration made, how many tables of it have something in them.

    Raises DemoError as `fired_rules` does.
    """
    fired_rules(path)
    body: dict[str, Any] = orjson.loads(path.read_bytes())
    made = {report: sum(bool(quarter["total"]["fired"]) for quarter in quarters) for report, quarters in body.get("reports", {}).items()}
    return {report: count for report, count in made.items() if count}
