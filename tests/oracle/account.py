"""What the reference remembers of one account, spelled out in plain lists and dictionaries."""

from dataclasses import dataclass, field

from tests.oracle.log import Place

HIGH_ACV = 50_000.0
MID_ACV = 5_000.0


@dataclass
class Usage:
    """One local day of human use."""

    events: int = 0
    users: set[str] = field(default_factory=set)


@dataclass
class Contract:
    """Days are local day numbers; `fired` names the renewal rules that fired for the present renewal day."""

    renewal_day: int | None = None
    dated_ms: int = -1
    renewed_ms: int = -1
    fired: set[str] = field(default_factory=set)


@dataclass
class Milestone:
    kind: str
    began_ms: int
    done_ms: int | None = None
    deadline_day: int = 0


@dataclass
class Ticket:
    open_since_ms: int | None = None  # at P1
    eased_ms: int = -1  # last resolved, closed or lowered
    reopened: list[tuple[int, Place]] = field(default_factory=list)


@dataclass
class Invoice:
    due_day: int | None = None
    settled_ms: int = -1
    open_since_ms: int | None = None


@dataclass
class Spell:
    """An open episode of a usage rule: the baseline it fired on, and the day at whose close it did."""

    baseline: float
    day: int


@dataclass
class Confidence:
    """One stated renewal confidence; without contract it speaks of the account."""

    time_ms: int
    contract_id: str | None
    low: bool


@dataclass
class Account:
    """One customer. What `forget` leaves alone survives a churn."""

    id: str
    zone: str = "UTC"
    touch_model: str | None = None
    strategic: bool = False
    acv: float | None = None
    contract_acv: tuple[int, float] | None = None
    mrr: float | None = None
    csm: str | None = None
    executive: str | None = None
    key_features: list[str] = field(default_factory=list)
    contacts: dict[str, str] = field(default_factory=dict)  # contact -> role
    left: set[str] = field(default_factory=set)
    churned: bool = False
    seen: set[tuple[str, str]] = field(default_factory=set)  # (source, event id)
    used: set[tuple[str, str]] = field(default_factory=set)  # the same of usage events

    created_ms: int | None = None
    handoff_ms: int | None = None
    first_start_day: int | None = None
    first_known_ms: int | None = None
    usage: dict[int, Usage] = field(default_factory=dict)
    first_usage_day: int | None = None
    first_seen_day: int | None = None  # of a login or a usage event
    feature_day: dict[str, int] = field(default_factory=dict)  # key feature -> last day it has
    activated: dict[str, int] = field(default_factory=dict)  # feature -> first local day
    kickoffs: list[int] = field(default_factory=list)
    contracts: dict[str, Contract] = field(default_factory=dict)
    confidence: list[Confidence] = field(default_factory=list)
    milestones: dict[str, Milestone] = field(default_factory=dict)
    tickets: dict[str, Ticket] = field(default_factory=dict)
    created_tickets: dict[int, list[Place]] = field(default_factory=dict)  # by local day
    reopened: list[tuple[int, Place]] = field(default_factory=list)
    invoices: dict[str, Invoice] = field(default_factory=dict)
    spells: dict[str, Spell] = field(default_factory=dict)  # rule -> open episode
    fired: dict[str, int] = field(default_factory=dict)  # rule, or rule and subject -> when last, in the rule's own unit
    deadlines: dict[str, int] = field(default_factory=dict)  # name -> moment

    def forget(self) -> None:
        """Everything but profile, contacts and the ids already seen."""
        fresh = Account(self.id)
        kept = ("id", "zone", "touch_model", "strategic", "acv", "mrr", "csm", "executive", "key_features",
                "contacts", "left", "churned", "seen", "used")  # fmt: skip
        for name, value in vars(fresh).items():
            if name not in kept:
                setattr(self, name, value)

    def touch(self) -> str:
        """high, mid or tech."""
        if self.touch_model in ("high", "mid", "tech"):
            return self.touch_model
        if self.strategic:
            return "high"
        acv = self.acv
        if acv is None and self.contract_acv is not None:
            acv = self.contract_acv[1]
        if acv is None and self.mrr is not None:
            acv = 12 * self.mrr
        if acv is None:
            return "tech"
        return "high" if acv >= HIGH_ACV else "mid" if acv >= MID_ACV else "tech"

    def human_touch(self) -> bool:
        return self.touch() in ("high", "mid")
