"""What statuspage asks of whoever tells people, without knowing who that is.

The package `notifications` fills these in its `AppConfig.ready()`. Where it is not
installed every question answers None, and callers say so in words.
"""

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from .events import Event, MaintenanceEvent

Counts = dict[str, int]


@dataclass(frozen=True)
class Reach:
    """How far the notice of one window has come. `channels`: channel -> told, waiting, unreached -> recipients."""

    starts_at: datetime
    first_at: datetime | None
    last_at: datetime | None
    channels: dict[str, Counts]
    unreached: list[dict[str, Any]]
    """Some of them: `recipient` (a pseudonym), `client`, `channel`, `why`, `code`."""


@dataclass(frozen=True)
class Notice:
    """What became of the announcement of one revision of a window, among those who had subscribed by then.

    `completed_at`: when the last of them had it who could be reached, its publication at the
    earliest; None: not everybody has, or nobody was told. `missed`: the notice was overtaken, or
    too late, before it was tried. `due_at`: it is on its way, or comes before the start: from when
    those are told who wait; None: it is complete, or will not be any more.
    """

    completed_at: datetime | None
    told: int = 0
    waiting: int = 0
    missed: int = 0
    unreached: int = 0
    due_at: datetime | None = None


@dataclass(frozen=True)
class Contact:
    """Somebody who is to be told for a contract, as it names them; `phone` in E.164."""

    name: str = ""
    email: str = ""
    phone: str = ""


@dataclass(frozen=True)
class Contacts:
    """Whom a contract names, and the client's `reference`, which subscribers may carry ("": none do)."""

    reference: str
    named: tuple[Contact, ...] = ()


@dataclass(frozen=True)
class ContactTold:
    """How one contact stands to the notice of one revision, by one channel.

    `name` and `address` as the contract has them, empty for who only carries the client's reference; `recipient` (a
    pseudonym), `channel`, `state` and `code` as the ledger has them, empty for who is not subscribed. `standing`:
    told, waiting, missed, unreached, not_subscribed. `was_subscribed`: when the revision was published; nobody else
    delays the notice.
    """

    name: str
    address: str
    recipient: str
    channel: str
    standing: str
    state: str = ""
    code: str = ""
    told_at: datetime | None = None
    was_subscribed: bool = False


@dataclass(frozen=True)
class ContactNotice:
    """What became of the announcement of one revision among the contacts of one contract; as `Notice`.

    `is_by_publication`: none of them was subscribed, so there was nobody to wait for.
    """

    completed_at: datetime | None
    due_at: datetime | None
    is_by_publication: bool
    contacts: tuple[ContactTold, ...]


Asked = Mapping[tuple[str, int], Collection[Hashable]]
"""(maintenance, revision) -> the groups of contacts that it is asked for."""

ContactNotices = dict[tuple[str, int], dict[Hashable, ContactNotice]]


@dataclass(frozen=True)
class Trouble:
    """One thing that is wrong with the telling: `key` names it while it lasts, then words and advice for staff."""

    key: str
    words: str
    advice: str


@dataclass(frozen=True)
class Health:
    """How the telling is, in words: by channel how long the oldest message has waited; the test message's age."""

    unsent: list[tuple[str, str]]
    canary: str
    troubles: list[Trouble]


@dataclass(frozen=True)
class Text:
    """An update as a text message in one language, which is named in words.

    `segments`: as how many texts it is sent and paid. `is_wide`: with characters that leave less than half the room.
    """

    language: str
    words: str
    segments: int
    is_wide: bool


@dataclass(frozen=True)
class IncomingSubscriber:
    """Somebody who is subscribed elsewhere, as that place has it.

    `channel`: email, sms or webhook, or a word that is not known here. `country`: two letters, of a number without
    its country's code. `owner`: who answers for a webhook. `state`: active, unconfirmed, quarantined (`since`) or
    unsubscribed. `component_ids`: of components or groups; None: everything.
    """

    channel: str
    address: str = field(repr=False)
    country: str = ""
    owner: str = field(default="", repr=False)
    state: str = "active"
    since: datetime | None = None
    created_at: datetime | None = None
    component_ids: tuple[str, ...] | None = None


@dataclass
class Ports:
    """The questions; each a callable, or None where nobody answers."""

    audience: Callable[[Event], Counts] | None = None
    fan_out_estimate: Callable[[Event], timedelta] | None = None
    listed_notice_due_at: Callable[[MaintenanceEvent, timedelta], datetime] | None = None
    texts: Callable[[Event], list[Text]] | None = None
    progress: Callable[[str], dict[str, Counts]] | None = None
    recall: Callable[[str], bool] | None = None
    tell_after_all: Callable[[str, str], bool] | None = None
    withdraw: Callable[[str], None] | None = None
    held_until: Callable[[str], datetime | None] | None = None
    notice_completed_at: Callable[[str, int], datetime | None] | None = None
    notice_evidence: Callable[[str, int], Iterator[dict[str, Any]]] | None = None
    notice_reach: Callable[[str, int], Reach | None] | None = None
    notice_course: Callable[[str, int], list[tuple[datetime, int]]] | None = None
    notices: Callable[[str], dict[int, Notice]] | None = None
    contact_notices: Callable[[Asked, Mapping[Hashable, Contacts]], ContactNotices] | None = None
    held: Callable[[], str] | None = None
    hold_after_import: Callable[[datetime], None] | None = None
    take_subscribers: Callable[[Sequence[IncomingSubscriber], datetime], Counts] | None = None
    health: Callable[[], Health] | None = None
    metrics: Callable[[], Iterable[Any]] | None = None


installed = Ports()


def audience(event: Event) -> Counts | None:
    """Who would be told: people by channel ("email", "sms"). None: nobody tells people."""
    return installed.audience(event) if installed.audience else None


def fan_out_estimate(event: Event) -> timedelta | None:
    """How long telling of it would take, from when it may begin, without staff's time to undo. None: nobody tells."""
    return installed.fan_out_estimate(event) if installed.fan_out_estimate else None


def listed_notice_due_at(event: MaintenanceEvent, telling: timedelta) -> datetime | None:
    """When telling of a window begins that another one's message only lists; None: nobody tells people.

    `telling`: how long it takes, as estimated.
    """
    return installed.listed_notice_due_at(event, telling) if installed.listed_notice_due_at else None


def texts(event: Event) -> list[Text]:
    """How an event reads as a text message, in each language somebody would be texted in."""
    return installed.texts(event) if installed.texts else []


def progress(update_id: str) -> dict[str, Counts] | None:
    """How the telling of one update goes: channel -> state -> number of deliveries."""
    return installed.progress(update_id) if installed.progress else None


def recall(update_id: str) -> bool:
    """Stop telling people of this update if nobody was told yet; True when stopped."""
    return installed.recall(update_id) if installed.recall else False


def tell_after_all(update_id: str, body: str) -> bool:
    """Tell people of this update, whose telling was stopped, as `body` reads now; False: it is no news any more."""
    return installed.tell_after_all(update_id, body) if installed.tell_after_all else False


def withdraw(subject_id: str) -> None:
    """Tell nobody any more of an incident or a maintenance; call inside the transaction that withdraws it."""
    if installed.withdraw:
        installed.withdraw(subject_id)


def held_until(update_id: str) -> datetime | None:
    """Until when nobody is told of an update yet, so that it can be recalled; None: no longer."""
    return installed.held_until(update_id) if installed.held_until else None


def notice_completed_at(maintenance_id: str, window_revision: int) -> datetime | None:
    """When the last reachable recipient had the notice of this window; None: not yet."""
    ask = installed.notice_completed_at
    return ask(maintenance_id, window_revision) if ask else None


def notice_evidence(maintenance_id: str, window_revision: int) -> Iterator[dict[str, Any]]:
    """One row a recipient of this revision's notice, by when they had it; any number of them in a steady memory.

    `window_revision`, `window_start`, `subscription`, `recipient` (a pseudonym), `client`, `channel`, `was_subscribed`
    when it was announced, `notices` (how many), `state`, `meaning`, `code`, `accepted_at`, `before_start` (timedelta),
    `lead_seconds`, `told_24_hours_before`.
    """
    ask = installed.notice_evidence
    return ask(maintenance_id, window_revision) if ask else iter(())


def notice_reach(maintenance_id: str, window_revision: int) -> Reach | None:
    """How far the notice of this window has come; None: nobody is told, or nobody tells."""
    ask = installed.notice_reach
    return ask(maintenance_id, window_revision) if ask else None


def notice_course(maintenance_id: str, window_revision: int) -> list[tuple[datetime, int]]:
    """How the hand-overs of this window's notice went: how many recipients had it at some moments, in order."""
    ask = installed.notice_course
    return ask(maintenance_id, window_revision) if ask else []


def notices(maintenance_id: str) -> dict[int, Notice]:
    """By revision, what became of the announcement of a window's times; without those that nobody tells people of."""
    return installed.notices(maintenance_id) if installed.notices else {}


def contact_notices(asked: Asked, groups: Mapping[Hashable, Contacts]) -> ContactNotices:
    """What became of announcements among each of these groups of contacts; without those nobody tells people of.

    Many groups cost little more than one: the ledger is read once for each revision.
    """
    return installed.contact_notices(asked, groups) if installed.contact_notices else {}


def held() -> str:
    """Why messages are not sent until somebody releases them, in words; "": they are sent."""
    return installed.held() if installed.held else ""


def hold_after_import(now: datetime) -> None:
    """Send nothing of what was imported, until somebody releases it; inside the import's transaction."""
    if installed.hold_after_import:
        installed.hold_after_import(now)


def take_subscribers(found: Sequence[IncomingSubscriber], now: datetime) -> Counts | None:
    """Take over people who are subscribed elsewhere, and tell none of them; what became of how many, in words.

    The same ones again change nothing. None: nobody tells people.
    """
    return installed.take_subscribers(found, now) if installed.take_subscribers else None


def health() -> Health | None:
    """How the telling is; None: nobody tells people."""
    return installed.health() if installed.health else None


def metrics() -> Iterable[Any]:
    """What Prometheus is told of the telling: `prometheus_client` families."""
    return installed.metrics() if installed.metrics else ()
