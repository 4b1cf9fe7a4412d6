"""How often the people of an account were written to lately: what the contact budget counts."""

import msgspec

from plays.suppression.policy import LIMIT_MAX, WINDOW_MAX_DAYS, ContactBudget

DAY_MS = 86_400_000
CONTACTS_AT_MOST = 500


class Touches(msgspec.Struct, omit_defaults=True):
    """Times in ms since the epoch, UTC, oldest first. Of the account and of each contact the latest `LIMIT_MAX` are kept, which is
    all that a budget can ask for; contacts are in the order of their latest touch.
    """

    account: list[int] = []
    contacts: dict[str, list[int]] = {}

    def note(self, contact: str | None, at_ms: int) -> None:
        """Somebody was written to; times never go back. `contact` None: we do not know whom."""
        self.account.append(at_ms)
        del self.account[:-LIMIT_MAX]
        if contact is not None:
            times = self.contacts.pop(contact, [])
            times.append(at_ms)
            del times[:-LIMIT_MAX]
            self.contacts[contact] = times
        self._forget(at_ms)

    def free_at(self, budget: ContactBudget, contact: str | None) -> int:
        """The first moment at which one more touch of the contact keeps the budget.

        A window is half-open: of the touches in any `[t, t + window)` there are never more than the limit.
        """
        window_ms = budget.window * DAY_MS
        of_contact = self.contacts.get(contact, []) if contact is not None else []
        return max(_free(self.account, budget.per_account, window_ms), _free(of_contact, budget.per_contact, window_ms))

    def _forget(self, now_ms: int) -> None:
        """Contacts that no window reaches any more; beyond a fixed number those who were written to longest ago."""
        before = now_ms - WINDOW_MAX_DAYS * DAY_MS
        for contact in list(self.contacts):
            if self.contacts[contact][-1] > before and len(self.contacts) <= CONTACTS_AT_MOST:
                break
            del self.contacts[contact]


def _free(times: list[int], limit: int, window_ms: int) -> int:
    return times[-limit] + window_ms if len(times) >= limit else 0
