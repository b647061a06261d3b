"""The provider of the machine: whatever it is handed must be true at that moment, in order, and new."""

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from notifications.channels.base import Accepted, Message, Outcome, Scope, Unavailable
from notifications.models import Delivery, OutboxEvent, Subscription
from notifications.notices import LATE, LATER, MAX_AGE, STARTED_MAX_AGE
from statuspage.models import Maintenance, MaintenanceUpdate
from tests.notifications.machine.clock import VirtualTime

ACTIVE = {"in_progress", "verifying"}
SHORT = timedelta(minutes=30)


class Untrue(AssertionError):
    """A promise does not hold; the first word is its name."""


@dataclass(frozen=True)
class Heard:
    """One message as a reader remembers it: what kind, what window it spoke of, and when it came."""

    kind: str
    event: int
    revision: int
    start: datetime
    end: datetime
    published_at: datetime
    at: datetime
    status: str
    offset: int | None
    """Minutes before the start at which it was to come, where it is a reminder or stands in for one."""


def heard_of(event: OutboxEvent, at: datetime) -> Heard:
    said = event.payload
    kind = event.kind.removeprefix("maintenance_")
    return Heard(
        kind=f"current: {said['phase']}" if kind == "current" else kind,
        event=event.pk,
        revision=event.window_revision or 0,
        start=datetime.fromisoformat(said["scheduled_for"]),
        end=datetime.fromisoformat(said["scheduled_until"]),
        published_at=event.published_at,
        at=at,
        status=said["status"],
        offset=next((int(part) for part in event.update_id.split(".")[1:] if part.isdecimal()), None),
    )


def told_of_too(event: OutboxEvent) -> list[OutboxEvent]:
    """The announcements, or ends, of other windows of its series that a message tells of by the way."""
    return list(OutboxEvent.objects.filter(kind=event.kind, payload__told_with=event.update_id).order_by("pk"))


def times_of(event: OutboxEvent) -> dict[str, Any]:
    """What a message says of a window that it lists."""
    told = heard_of(event, event.published_at)
    return {"revision": told.revision, "start": told.start, "end": told.end}


def hear_by_the_way(told: Heard, story: list[Heard]) -> None:
    """One window of several in a message. Who has a later word of it by itself knows that one to be the newer."""
    if not story or story[-1].published_at <= told.published_at:
        story.append(told)


@dataclass
class World:
    """Every reader's story of every window, and what was wrong with any of them."""

    time: VirtualTime
    stories: dict[tuple[UUID, str], list[Heard]] = field(default_factory=lambda: defaultdict(list))
    wrong: list[str] = field(default_factory=list)
    hushed: dict[str, datetime] = field(default_factory=dict)
    """Window -> when staff last did something with it that nobody was to be told of."""
    is_down: bool = False

    # --- As a channel ---------------------------------------------------------------------------------

    provider = "machine"

    def send(self, message: Message) -> Outcome:
        if self.is_down:
            return Unavailable("no connection", scope=Scope.CHANNEL, counts=False)
        row = Delivery.objects.select_related("event", "subscription").get(pk=message.delivery_id)
        window = Maintenance.objects.get(pk=row.event.subject_id)
        told = heard_of(row.event, self.time.now())
        story = self.stories[row.subscription_id, window.pk]
        by_the_way = [self.stories[row.subscription_id, each.subject_id] for each in told_of_too(row.event)]
        self.wrong += [f"{words}: {told}" for words in faults(told, story, window)]
        if told.kind == "cancelled" and not any([story, *by_the_way]):
            self.wrong.append(f"audience: called off, and never heard of: {told}")
        if row.subscription.unsubscribed_at:
            self.wrong.append(f"audience: has left: {told}")
        story.append(told)
        for each, theirs in zip(told_of_too(row.event), by_the_way, strict=True):
            hear_by_the_way(replace(told, **times_of(each)), theirs)
        return Accepted(f"taken-{told.event}")

    def find(self, message: Message, since: datetime) -> list[str]:
        return []

    def close(self) -> None:
        """Nothing to hang up."""


def faults(told: Heard, story: list[Heard], window: Maintenance) -> list[str]:
    """What is wrong with this message for this reader, now."""
    checks = {
        "truth: it speaks of other times": (told.start, told.end) != (window.scheduled_for, window.scheduled_until),
        "truth: it says what is not so": not is_so(told, window),
        "time: it is late, and does not say so": is_late(told),
        "order: an older word after a newer one": bool(story) and story[-1].published_at > told.published_at,
        "once: the same word again": any(is_same(told, earlier) for earlier in story),
    }
    return [words for words, is_wrong in checks.items() if is_wrong]


def is_so(told: Heard, window: Maintenance) -> bool:
    """Whether the page says the same now."""
    if told.kind in {"advance", "reminder", "current: ahead"}:
        return window.status == "scheduled" and told.at < window.scheduled_for
    if told.kind == "scheduled":  # announced while it begins, it is told until it ends
        return window.status == "scheduled" or (window.status in ACTIVE and told.start - told.published_at <= SHORT)
    if told.kind in {"delayed", "current: delayed"}:
        return window.status == "scheduled" and told.at >= window.scheduled_for
    if told.kind in {"started", "current: running", "overran"}:
        return window.status in ACTIVE and (told.kind != "overran" or told.at >= window.scheduled_until)
    if told.kind in {"moved", "updated"}:
        return window.status == told.status or (told.status == "scheduled" and window.status in ACTIVE)
    return window.status == ("cancelled" if told.kind == "cancelled" else "completed")


def is_late(told: Heard) -> bool:
    age = told.at - told.published_at
    return (told.kind == "reminder" and age > LATE) or (told.kind == "started" and age > STARTED_MAX_AGE)


def is_same(told: Heard, earlier: Heard) -> bool:
    """The same message, or a reminder of the same window at the same distance, or what stands in for it."""
    if told.event == earlier.event:
        return True
    is_reminder = told.offset is not None and told.kind in {"advance", "reminder", "current: ahead"}
    return is_reminder and (told.revision, told.offset) == (earlier.revision, earlier.offset)


# --- At the end -------------------------------------------------------------------------------------------


def is_true_at_the_end(last: Heard, window: Maintenance, now: datetime) -> bool:
    """Whether a reader who heard nothing after `last` knows how it stands.

    What ends, or begins, by itself need not be told where staff chose so; what is a day old is no news.
    """
    if is_old_news(window, now):
        return True
    if (last.start, last.end) != (window.scheduled_for, window.scheduled_until):
        return False
    return last.kind in words_for(window, now) or is_left_unsaid(last, window)


def is_old_news(window: Maintenance, now: datetime) -> bool:
    """Whether what came last of it is a day old, or was when it was found: nobody need be told any more."""
    if window.status == "cancelled":
        return now - window.resolved_at >= MAX_AGE and now >= window.scheduled_until
    if window.status == "completed":
        return now - window.resolved_at >= MAX_AGE or window.resolved_at - window.scheduled_until >= MAX_AGE
    return now - (window.scheduled_until if window.status in ACTIVE else window.scheduled_for) >= MAX_AGE


def words_for(window: Maintenance, now: datetime) -> set[str]:
    """The kinds of messages that say how it stands."""
    if window.status == "cancelled":
        return {"cancelled"}
    if window.status == "completed":
        return {"completed", "current: over"}
    if window.status in ACTIVE:
        over = {"overran", "current: running"} if window.overrun_told_for == window.window_revision else set()
        return over or {"started", "current: running", "moved", "updated"}
    if window.delay_told_for == window.window_revision:
        return {"delayed", "current: delayed", "updated"}
    return {"scheduled", "moved", "updated", "advance", "reminder", "current: ahead"}


def is_left_unsaid(last: Heard, window: Maintenance) -> bool:
    """Whether the step after `last` happened by itself, at the time that it named, and was not to be told."""
    began = last.kind not in {"cancelled"} and window.auto_start and not window.tells_start
    ended = window.auto_complete and not window.tells_end
    if window.status in ACTIVE:
        return began
    return window.status == "completed" and ended


def stories_hold(world: World, now: datetime) -> None:
    """Raises Untrue where somebody who is still there was left with what is not so, or with nothing at all."""
    readers = list(Subscription.objects.filter(unsubscribed_at=None))
    for window in Maintenance.objects.all():
        for reader in readers:
            story = world.stories.get((reader.pk, window.pk), [])
            if is_hushed(world, window, story):
                continue
            if story and not is_true_at_the_end(story[-1], window, now):
                raise Untrue(f"end: {reader} last heard {story[-1]}; it is {window.status}, {window.scheduled_for}")
            if not story and is_owed_a_word(reader, window, now):
                raise Untrue(f"silence: {reader} heard nothing of {window}; it is {window.status}")


def told_words(window: Maintenance, since: datetime) -> Any:
    """Steps and words that people were to be told of."""
    said = MaintenanceUpdate.objects.filter(maintenance=window, deliver_notifications=True)
    return said.filter(created_at__gte=since)


def is_hushed(world: World, window: Maintenance, story: list[Heard]) -> bool:
    """Whether staff had the last word, told nobody, and nothing came after it."""
    at = world.hushed.get(window.pk)
    if at is None or (story and story[-1].published_at > at):
        return False
    return not told_words(window, at).exists()


def is_owed_a_word(reader: Subscription, window: Maintenance, now: datetime) -> bool:
    """Whether somebody who was there when people were to be told should have heard something by now.

    Of what was called off before they heard of it, of what is old and of what ends in silence nobody need hear. Of
    one window of several that were announced at once each has a word of its own later.
    """
    if window.status == "cancelled" or is_old_news(window, now) or not told_words(window, reader.confirmed_at).exists():
        return False
    if window.status == "completed" and window.auto_complete and not window.tells_end:
        return False
    to_come = OutboxEvent.objects.filter(subject_id=window.pk, kind__in=LATER, voided_at=None, due_at__gt=now)
    return not (window.series_id and to_come.exists())
