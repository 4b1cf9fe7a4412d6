"""Fires when events of one kind pile up in a window that ends with the newest of them."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from plays.problem import Problem
from plays.rules.amounts import Days
from plays.rules.detectors.parameters import Parameters
from plays.rules.matcher import EventMatch, fields_of


class Form(BaseModel):
    """At least `at_least` events of the same subject (`of`) within `days`.

    `rolling` counts the events in (t - days, t] up to the one that crossed; otherwise whole account-local days that end with
    the day of that event.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    of: Annotated[str, Field(pattern=r"^[a-z_]+$")]
    at_least: Annotated[int, Field(ge=2, le=1000)]
    days: Days
    rolling: bool = True


class CountParameters(Parameters):
    """Any form that holds fires, with `first_form` only the first of them, as does at once any event of `at_once`. Not again for
    the subject within the rule's cooldown, or, where it has none, within the days of the form.

    An episode is over when no further event came for `quiet` days (else for the days of the form) and, of a ticket, it is not open;
    with `until_resolved` when every ticket opened, reopened or escalated since it began is resolved or closed.
    """

    by_segment = frozenset({"forms"})

    kind: Literal["count"]
    of: EventMatch
    first_form: bool = False
    forms: Annotated[tuple[Form, ...], Field(min_length=1)]
    at_once: tuple[EventMatch, ...] = ()
    quiet: Days | None = None
    until_resolved: bool = False

    def matchers(self) -> tuple[EventMatch, ...]:
        return (self.of, *self.at_once)

    def fixed(self) -> object:
        return self.matchers(), frozenset(form.of for form in self.forms)

    def field_of(self, form: Form) -> str:
        """The field that names the subject of a form other than the account: `ticket_id` for ticket, `category` for category."""
        return form.of if form.of in fields_of(self.of.type) else f"{form.of}_id"

    def least_hold(self) -> tuple[int, str] | None:
        if self.until_resolved:
            return None
        days = max(form.days for form in self.forms) if self.quiet is None else self.quiet
        return days, f"it is over when nothing more came for {days} days"

    def problems(self) -> Iterator[Problem]:
        if self.until_resolved and (self.quiet is not None or not self.of.type.startswith("ticket.")):
            what = "`until_resolved` is of tickets, and leaves nothing to `quiet`"
            yield Problem(("until_resolved",), what, "count ticket events and give one of the two")
        for index, form in enumerate(self.forms):
            if form.of != "account" and self.field_of(form) not in fields_of(self.of.type):
                yield Problem(("forms", index, "of"), f"{self.of.type} names no {form.of}", "use account, or a field of the event")
            if form.days > 100:
                yield Problem(("forms", index, "days"), f"{form.days} days are more than events are kept", "use at most 100d")
