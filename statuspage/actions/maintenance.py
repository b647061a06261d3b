"""Planned maintenance: schedule, move, say more, start, verify, complete, cancel."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Unpack

from django.utils.translation import gettext as _

from statuspage import audit, events, own_words, selectors
from statuspage.models import Maintenance, MaintenanceComponent, MaintenanceUpdate
from statuspage.roles import Ability
from statuspage.vocabulary import ACTIVE_MAINTENANCE, OPEN_MAINTENANCE, Impact, MaintenanceStatus

from . import approvals
from .base import (
    action,
    bump,
    claim_version,
    conflict,
    known_components,
    moment,
    one_of,
    title,
    zone_name,
)
from .maintenance_updates import record_window, require, store_update
from .plans import Plan, Planned
from .words import Together, Word, spoken

Status = MaintenanceStatus


@action
def schedule_maintenance(
    *,
    name: str,
    body: str,
    components: Sequence[str],
    scheduled_for: datetime,
    scheduled_until: datetime,
    actor: audit.Actor,
    time_zone: str = "UTC",
    notify: bool = True,
    idempotency_key: str | None = None,
    now: datetime | None = None,
    together: Together | None = None,
    may_be_over: bool = False,
    **plan: Unpack[Planned],
) -> Maintenance:
    """Announce a window. Its notices, reminders included, follow from the event.

    `plan`: as in `plans.Plan`, whose defaults hold. `together`: with which others it is told of.
    `may_be_over`: a machine may tell of work of the past, as it tells of each of its steps.
    """
    word = spoken(body=body, actor=actor, notify=notify, key=idempotency_key, now=now, together=together)
    start, end = _window(scheduled_for, scheduled_until, None if may_be_over else word.at)
    chosen = known_components(list(components))
    columns = Plan(**plan).columns() | dict.fromkeys(("created_at", "updated_at", "announced_at"), word.at)
    maintenance = Maintenance(
        name=title(name), scheduled_for=start, scheduled_until=end, time_zone=zone_name(time_zone), **columns
    )
    if repeated := word.earlier(MaintenanceUpdate, status=Status.SCHEDULED):
        return repeated.maintenance
    maintenance.revision = bump(word.at)
    maintenance.save(force_insert=True)
    MaintenanceComponent.objects.bulk_create(
        MaintenanceComponent(maintenance=maintenance, component=each) for each in chosen.values()
    )
    record_window(maintenance, word)
    store_update(maintenance, events.MaintenanceScheduled, Status.SCHEDULED, word)
    return maintenance


@action
def move_maintenance(
    *,
    maintenance: Maintenance,
    scheduled_for: datetime,
    scheduled_until: datetime,
    body: str,
    actor: audit.Actor,
    time_zone: str | None = None,
    notify: bool = True,
    expected_version: int | None = None,
    idempotency_key: str | None = None,
    now: datetime | None = None,
) -> MaintenanceUpdate:
    """Give a window other times. Work that has begun keeps its start; its end may move.

    `time_zone`: in which it is told of from now on; None: as before.
    That notice was not possible is said of the old times: it must be asked and approved again.
    Raises MaintenanceClosed when it is over, StaleEdit when it changed meanwhile.
    """
    word = spoken(body=body, actor=actor, notify=notify, key=idempotency_key, now=now)
    start, end = _window(scheduled_for, scheduled_until, word.at)
    if repeated := word.earlier(MaintenanceUpdate, maintenance_id=maintenance.pk):
        return repeated
    require(maintenance, OPEN_MAINTENANCE)
    if maintenance.is_active and _minute(start) != _minute(maintenance.scheduled_for):
        raise conflict("scheduled_for", _("The work has begun: only its end can move."))
    if (start, end) == (maintenance.scheduled_for, maintenance.scheduled_until):
        raise conflict("scheduled_for", _("The window has these times already."))
    before = _previous(maintenance)
    changes = {
        "scheduled_for": maintenance.scheduled_for if maintenance.is_active else start,
        "scheduled_until": end,
        "time_zone": zone_name(time_zone) if time_zone else maintenance.time_zone,
        "window_revision": maintenance.window_revision + 1,
    }
    claim_version(maintenance, expected_version, {**changes, "revision": bump(word.at), "updated_at": word.at})
    record_window(maintenance, word, reason=word.body)
    if not maintenance.is_active:
        approvals.withdraw(maintenance, actor, word.at)
    return store_update(maintenance, events.MaintenanceMoved, Status(maintenance.status), word, **before)


@action
def publish_maintenance_update(
    *,
    maintenance: Maintenance,
    body: str,
    actor: audit.Actor,
    status: str | None = None,
    notify: bool = True,
    expected_version: int | None = None,
    idempotency_key: str | None = None,
    now: datetime | None = None,
) -> MaintenanceUpdate:
    """Say more about a window, or that its work is being verified; other steps have actions."""
    word = spoken(body=body, actor=actor, notify=notify, key=idempotency_key, now=now)
    wanted = one_of(Status, status, "status") if status else None
    if repeated := word.earlier(MaintenanceUpdate, maintenance_id=maintenance.pk):
        return repeated
    require(maintenance, OPEN_MAINTENANCE)
    new = wanted or Status(maintenance.status)
    if new != maintenance.status and not (new == Status.VERIFYING and maintenance.is_active):
        raise conflict("status", _("Start, complete or cancel the maintenance instead."))
    return _step(maintenance, events.MaintenanceUpdated, new, word, expected_version)


@action
def start_maintenance(
    *,
    maintenance: Maintenance,
    actor: audit.Actor,
    body: str = "",
    lasts: timedelta | None = None,
    notify: bool = True,
    expected_version: int | None = None,
    now: datetime | None = None,
) -> MaintenanceUpdate:
    """Begin the work: components that are operational go under maintenance, others stay.

    Work that begins before its window is a new window, from now on and as long as it
    `lasts` (as long as the announced one, unless told): readers must not be given the old
    times for work that is under way.
    """
    word = spoken(body=body or own_words.as_stored(own_words.STARTED), actor=actor, notify=notify, key=None, now=now)
    require(maintenance, {Status.SCHEDULED})
    is_early, before = word.at < maintenance.scheduled_for, _previous(maintenance)
    length = lasts or maintenance.scheduled_until - maintenance.scheduled_for
    early = {
        "scheduled_for": word.at,
        "scheduled_until": word.at + length,
        "window_revision": maintenance.window_revision + 1,
    }
    changes = {"updated_at": word.at, "revision": bump(word.at), **(early if is_early else {})}
    claim_version(maintenance, expected_version, changes)
    if not is_early:
        return store_update(maintenance, events.MaintenanceStarted, Status.IN_PROGRESS, word)
    record_window(maintenance, word, reason=word.body)
    return store_update(maintenance, events.MaintenanceStarted, Status.IN_PROGRESS, word, **before)


@action
def edit_maintenance(
    *, maintenance: Maintenance, actor: audit.Actor, name: str, impact: str, now: datetime | None = None
) -> Maintenance:
    """Correct what a maintenance is called and how it is classed; tells nobody."""
    actor.require(Ability.PUBLISH)
    at = now or selectors.database_now()
    maintenance.refresh_from_db()
    changes = {"name": title(name), "impact": one_of(Impact, impact, "impact")}
    before = {field: getattr(maintenance, field) for field in changes}
    claim_version(maintenance, None, {**changes, "updated_at": at, "revision": bump(at)})
    facts = {"before": before, "after": changes}
    audit.record(actor=actor, action="edit_maintenance", kind="maintenance", object_id=maintenance.pk, at=at, **facts)
    return maintenance


@action
def complete_maintenance(
    *,
    maintenance: Maintenance,
    actor: audit.Actor,
    body: str = "",
    notify: bool = True,
    expected_version: int | None = None,
    now: datetime | None = None,
) -> MaintenanceUpdate:
    """End the work: components return to what open incidents say of them."""
    word = spoken(body=body or own_words.as_stored(own_words.COMPLETED), actor=actor, notify=notify, key=None, now=now)
    require(maintenance, ACTIVE_MAINTENANCE)
    return _step(maintenance, events.MaintenanceCompleted, Status.COMPLETED, word, expected_version)


@action
def cancel_maintenance(
    *,
    maintenance: Maintenance,
    body: str,
    actor: audit.Actor,
    notify: bool = True,
    expected_version: int | None = None,
    idempotency_key: str | None = None,
    now: datetime | None = None,
    together: Together | None = None,
) -> MaintenanceUpdate:
    """Call a window off, or break it off; tells those who were told of it. `together`: with which others."""
    word = spoken(body=body, actor=actor, notify=notify, key=idempotency_key, now=now, together=together)
    if repeated := word.earlier(MaintenanceUpdate, maintenance_id=maintenance.pk, status=Status.CANCELLED):
        return repeated
    require(maintenance, OPEN_MAINTENANCE)
    return _step(maintenance, events.MaintenanceCancelled, Status.CANCELLED, word, expected_version)


def _window(start: datetime, end: datetime, now: datetime | None) -> tuple[datetime, datetime]:
    """Both in UTC, in order; not over by `now`, where that is given."""
    start, end = moment(start, "scheduled_for"), moment(end, "scheduled_until")
    if end <= start:
        raise conflict("scheduled_until", _("The window must end after it starts."))
    if now and end <= now:
        raise conflict("scheduled_until", _("This window is over already."))
    return start, end


def _previous(maintenance: Maintenance) -> dict[str, datetime]:
    """The window that another one is about to replace, for the event."""
    return {
        "previous_scheduled_for": maintenance.scheduled_for,
        "previous_scheduled_until": maintenance.scheduled_until,
    }


def _minute(at: datetime) -> datetime:
    """Forms know whole minutes only."""
    return at.replace(second=0, microsecond=0)


def _step(
    maintenance: Maintenance,
    event: type[events.MaintenanceEvent],
    status: MaintenanceStatus,
    word: Word,
    expected_version: int | None,
) -> MaintenanceUpdate:
    """One step of a window's life, the components going with it."""
    claim_version(maintenance, expected_version, {"updated_at": word.at, "revision": bump(word.at)})
    return store_update(maintenance, event, status, word)
