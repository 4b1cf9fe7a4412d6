"""Answers whether what a trigger was about still holds."""

from plays.rules.book import RuleBook
from streams.processing.cells import Cells
from streams.processing.judging import EpisodeRef
from streams.processing.moment import Moment
from streams.signals.standing import LEDGER, number_of


class EpisodeJudge:
    """A `streams.processing.judging.Judge` over what signals remembers: an episode stands until `Cleared` was said of it."""

    def __init__(self, rule_book: RuleBook) -> None:
        self._clearing = frozenset(compiled.rule.id for compiled in rule_book if compiled.clears)

    def knows(self, rule_id: str) -> bool:
        """Whether anything can be said of the rule's episodes at all."""
        return rule_id in self._clearing

    def holds(self, cells: Cells, episode: EpisodeRef, moment: Moment) -> bool | None:  # noqa: ARG002 what ends by time alone is ended in time
        """See `Judge.holds`. Reads one small cell."""
        ledger = cells.get(LEDGER)
        if ledger is None or not self.knows(episode.rule):
            return None
        number = number_of(episode.trigger_id(cells.account_id))
        if any(one.number == number for one in ledger.by_rule.get(episode.rule, ())):
            return True
        return False if number in ledger.ended else None
