"""How the telling is: what an operator, the console and the alarms want to know. Reads only.

Every question is answered from an index and a handful of events: asking it every few seconds
costs the same with a million deliveries in the ledger as with none.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, Min, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from statuspage import ports, selectors
from statuspage.labels import CHANNEL

from . import due_rows, labels, providers
from .channels.base import Blame
from .clock import database_now
from .delivery import hold, release
from .delivery.canary import KIND as CANARY
from .models import Breaker, Delivery, Instance, OutboxEvent, Subscription
from .states import Channel, Priority, State, after_a_try

UNTRIED = (Priority.PERSON_WAITS, Priority.URGENT, Priority.ORDINARY)
TRIED = tuple(after_a_try(each) for each in UNTRIED)

NOT_OURS = (Blame.ADDRESS, Blame.OPTED_OUT, Blame.SOFT)
"""A mailbox that is gone is no trouble of the site's."""

DEAD_LETTER_SPAN = timedelta(hours=1)
DEAD_LETTERS_COUNTED = 1_000
"""More are not counted: the question is whether there are too many."""

HELD = {
    hold.Reason.OLDER: gettext_lazy("this database is older than what the site has seen: a backup was restored"),
    hold.Reason.STRANGER: gettext_lazy("no machine that knows this database is at work: it may be a copy"),
    hold.Reason.ASKED: gettext_lazy("an operator asked for it"),
    hold.Reason.IMPORTED: gettext_lazy("what is to be sent was imported from another site"),
}
CHANNELS = {**CHANNEL, Channel.NULL: gettext_lazy("The canary")}


def held() -> str:
    """Why nothing is sent until somebody releases it, in words; "" where messages go out."""
    reason = hold.reason(database_now())
    if reason is None:
        return ""
    return _("held: %(reason)s; look at `manage.py release`") % {"reason": HELD[reason]}


# --- Facts --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Facts:
    """Numbers at one moment. Ages are seconds, by channel where they name one; 0: nothing waits."""

    now: datetime
    held: hold.Reason | None
    unsent: dict[str, float]
    untried: dict[str, float]
    unfanned: int
    unfanned_age: float
    canary_age: float | None
    breakers: list[Breaker]
    dead_letters: int
    revision: int
    published_revision: int
    unpublished_age: float
    rings_lost: int


def facts(now: datetime) -> Facts:
    """All of it, by a dozen small queries."""
    publication = selectors.publication()
    due = due_rows.due(now)
    is_behind = publication.published_revision < publication.revision
    instance = Instance.objects.filter(pk=1).first()
    return Facts(
        now=now,
        held=hold.reason(now),
        unsent={each.value: age(oldest(each, UNTRIED + TRIED, now), now) for each in providers.channels()},
        untried={each.value: age(oldest(each, UNTRIED, now), now) for each in providers.channels()},
        unfanned=due.count(),
        unfanned_age=age(due.aggregate(first=Min("due_at"))["first"], now),
        canary_age=canary_age(now),
        breakers=list(Breaker.objects.order_by("opened_at")),
        dead_letters=dead_letters(now),
        revision=publication.revision,
        published_revision=publication.published_revision,
        unpublished_age=age(publication.changed_at, now) if is_behind else 0.0,
        rings_lost=instance.rings_lost if instance else 0,
    )


def age(moment: datetime | None, now: datetime) -> float:
    return max(0.0, (now - moment).total_seconds()) if moment else 0.0


def oldest(channel: str, priorities: Iterable[int], now: datetime) -> datetime | None:
    """Since when the longest-waiting delivery of a channel has been due.

    Event by event, in terms of the indexes of the claim and of the leases: what waits is not counted.
    """
    mine = Delivery.objects.filter(event=OuterRef("pk"), channel=channel, priority__in=list(priorities))
    waits = Exists(mine.filter(state=State.QUEUED))
    under_way = Exists(mine.filter(state=State.SENDING))
    found = OutboxEvent.objects.filter(Q(waits) | Q(under_way), settled_at=None, due_at__lte=now)
    return found.aggregate(first=Min("due_at"))["first"]


def canary_age(now: datetime) -> float | None:
    """Seconds since a canary last came through; None: it is off, or the site has never been at work."""
    if not settings.CANARY_SECONDS:
        return None
    last = last_canary()
    first = None if last else OutboxEvent.objects.filter(subject_id=CANARY).aggregate(at=Min("published_at"))["at"]
    return age(last or first, now) if last or first else None


def last_canary() -> datetime | None:
    """When the last one came through; from the end of the index `delivery_by_subscription`."""
    found = []
    for subscription in Subscription.objects.filter(address_key=CANARY):
        through = Delivery.objects.filter(subscription=subscription, accepted_at__isnull=False)
        found += through.order_by("-event_id").values_list("accepted_at", flat=True)[:1]
    return max(found, default=None)


def dead_letters(now: datetime) -> int:
    """Messages that were given up in the last hour by no fault of the recipient's."""
    given_up = dead(now).exclude(blame__in=[each.value for each in NOT_OURS])
    return len(given_up.exclude(last_code=release.CODE).values_list("pk")[:DEAD_LETTERS_COUNTED])


def dead(now: datetime) -> QuerySet[Delivery]:
    """In terms of the index `delivery_dead_letters`."""
    return Delivery.objects.filter(state__in=[State.FAILED, State.UNKNOWN], final_at__gt=now - DEAD_LETTER_SPAN)


# --- Words --------------------------------------------------------------------------------------


def troubles(found: Facts) -> list[ports.Trouble]:
    """What is wrong, the gravest first; each with a key that stays the same while it lasts."""
    return [*stopped(found), *silent(found), *refused(found), *left(found)]


def stopped(found: Facts) -> Iterator[ports.Trouble]:
    if found.held:
        yield ports.Trouble(
            "held",
            _("Nothing is sent: %(reason)s.") % {"reason": HELD[found.held]},
            _("`manage.py release` says what waits; `manage.py release --confirm` sends again."),
        )
    if found.unpublished_age > settings.ALARM_PAGE_SECONDS:
        yield ports.Trouble(
            "page",
            _("The page is not regenerated: readers have an older state, for %(age)s.")
            % {"age": spoken(found.unpublished_age)},
            _("Look whether the disk of PUBLISH_ROOT is full or read-only; `manage.py publish` says what is wrong."),
        )


def silent(found: Facts) -> Iterator[ports.Trouble]:
    """Something should have gone out. Held on purpose is no silence."""
    if found.held:
        return
    if found.canary_age is not None and found.canary_age > canary_bound():
        yield ports.Trouble(
            "canary",
            _("No test message came through for %(age)s.") % {"age": spoken(found.canary_age)},
            _("Look whether a worker runs; restart it. What waits is kept and goes out then."),
        )
    if found.unfanned_age > settings.ALARM_UNSENT_SECONDS:
        yield ports.Trouble(
            "outbox",
            _("A publication has waited %(age)s for its recipients to be written down.")
            % {"age": spoken(found.unfanned_age)},
            _("Look whether a worker runs, and at its log for `fan-out`."),
        )
    for channel, seconds in found.untried.items():
        if seconds > settings.ALARM_UNSENT_SECONDS:
            yield ports.Trouble(
                f"unsent:{channel}",
                _("%(channel)s: messages have waited %(age)s and were never tried.")
                % {"channel": CHANNELS[Channel(channel)], "age": spoken(seconds)},
                _("Look whether a worker runs, and whether the provider is as fast as it should be."),
            )


def canary_bound() -> float:
    """Three canaries in a row did not come through."""
    return 3.0 * float(settings.CANARY_SECONDS)


def refused(found: Facts) -> Iterator[ports.Trouble]:
    for breaker in found.breakers:
        channel, _colon, part = breaker.scope.partition(":")
        where = CHANNELS.get(Channel(channel), channel) if channel in set(Channel) else channel
        yield ports.Trouble(
            f"breaker:{breaker.scope}",
            _("%(where)s is held back since %(since)s UTC: %(reason)s (%(code)s).")
            % {
                "where": f"{where} {part}".strip(),
                "since": f"{breaker.opened_at:%H:%M}",
                "reason": labels.trouble(breaker.reason),
                "code": breaker.code or "-",
            },
            _("It is tried again by itself; nothing is lost. Look at the provider's account or reputation."),
        )


def left(found: Facts) -> Iterator[ports.Trouble]:
    if found.dead_letters > settings.ALARM_DEAD_LETTERS:
        yield ports.Trouble(
            "dead-letters",
            ngettext(
                "%(count)d message was given up in the last hour.",
                "%(count)d messages were given up in the last hour.",
                found.dead_letters,
            )
            % {"count": found.dead_letters},
            _("`manage.py delivery_report` counts them; staff can have them tried again."),
        )


def spoken(seconds: float) -> str:
    """ "45 s", "12 min", "3 h": enough to act upon."""
    if seconds < 90:
        # Translators: seconds, as short as can be.
        return _("%(number)s s") % {"number": f"{seconds:.0f}"}
    if seconds < 5400:
        # Translators: minutes, as short as can be.
        return _("%(number)s min") % {"number": f"{seconds / 60:.0f}"}
    # Translators: hours, as short as can be.
    return _("%(number)s h") % {"number": f"{seconds / 3600:.0f}"}


# --- For the console ------------------------------------------------------------------------------


def health() -> ports.Health:
    """What the console's panel shows."""
    found = facts(database_now())
    unsent = [
        (str(CHANNELS[Channel(name)]), spoken(seconds) if seconds else _("nothing waits"))
        for name, seconds in found.unsent.items()
        if name != Channel.NULL
    ]
    canary = _("off") if not settings.CANARY_SECONDS else _("none yet")
    if found.canary_age is not None:
        canary = _("%(age)s ago") % {"age": spoken(found.canary_age)}
    return ports.Health(unsent=unsent, canary=canary, troubles=troubles(found))
