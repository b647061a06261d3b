"""What is told of a window beside its steps: that it begins late, that it goes on, and when it is reminded of."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypedDict, Unpack

from statuspage import audit, events, own_words, selectors
from statuspage.models import Maintenance, MaintenanceUpdate
from statuspage.models.base import new_id
from statuspage.roles import Ability
from statuspage.vocabulary import ACTIVE_MAINTENANCE, OPEN_MAINTENANCE, MaintenanceStatus

from .base import action, bump, claim_version
from .maintenance_updates import require, store_update, update_event
from .notice_summaries import summarise
from .plans import reminder_minutes
from .words import Word, spoken

Status = MaintenanceStatus


class Notices(TypedDict, total=False):
    """What of a plan may be changed while the window is open; what is not given stays."""

    reminders: Sequence[int] | None
    auto_start: bool
    auto_complete: bool
    tells_start: bool
    tells_end: bool
    shows_notice: bool


@action
def set_notices(
    *,
    maintenance: Maintenance,
    actor: audit.Actor,
    expected_version: int | None = None,
    now: datetime | None = None,
    **wanted: Unpack[Notices],
) -> Maintenance:
    """Change how a window begins, ends and is reminded of. Reminders to come are planned anew.

    Raises MaintenanceClosed when it is over, StaleEdit when it changed meanwhile.
    """
    actor.require(Ability.PUBLISH)
    at = now or selectors.database_now()
    columns = dict(wanted)
    if "reminders" in wanted:
        columns["reminders"] = reminder_minutes(wanted["reminders"])
    require(maintenance, OPEN_MAINTENANCE)
    before = {name: getattr(maintenance, name) for name in columns}
    if before == columns:
        return maintenance
    claim_version(maintenance, expected_version, {**columns, "revision": bump(at)})
    audit.record(
        actor=actor,
        action=events.MaintenanceReplanned.kind,
        kind="maintenance",
        object_id=maintenance.pk,
        at=at,
        before=before,
        after=columns,
    )
    if columns.get("reminders") != before.get("reminders"):
        replan(maintenance, at)
    if columns.get("shows_notice") != before.get("shows_notice"):
        summarise(maintenance, at)
    return maintenance


def replan(maintenance: Maintenance, at: datetime) -> None:
    """Have the reminders planned anew, with the words by which this revision of the window was announced."""
    if maintenance.is_active:
        return
    said = maintenance.updates.order_by("-created_at")
    window = maintenance.windows.filter(number=maintenance.window_revision).first()
    update = (said.filter(created_at=window.published_at).first() if window else None) or said.first()
    if update:
        event = update_event(update, events.MaintenanceReplanned, undoable=False)
        events.emit(replace(event, update_id=new_id(), published_at=at))


@action
def say_delayed(
    *,
    maintenance: Maintenance,
    actor: audit.Actor,
    notify: bool = True,
    expected_version: int | None = None,
    now: datetime | None = None,
) -> MaintenanceUpdate:
    """Say that the start has passed and the work has not begun; once for each revision of the window."""
    word = spoken(body=own_words.as_stored(own_words.DELAYED), actor=actor, notify=notify, key=None, now=now)
    require(maintenance, {Status.SCHEDULED})
    told = {"delay_told_for": maintenance.window_revision}
    return _say(maintenance, events.MaintenanceDelayed, word, expected_version, told)


@action
def say_overran(
    *,
    maintenance: Maintenance,
    actor: audit.Actor,
    notify: bool = True,
    expected_version: int | None = None,
    now: datetime | None = None,
) -> MaintenanceUpdate:
    """Say that the end has passed and the work goes on, components with it; once for each revision of the window."""
    word = spoken(body=own_words.as_stored(own_words.OVERRAN), actor=actor, notify=notify, key=None, now=now)
    require(maintenance, ACTIVE_MAINTENANCE)
    told = {"overrun_told_for": maintenance.window_revision}
    return _say(maintenance, events.MaintenanceOverran, word, expected_version, told)


def _say(
    maintenance: Maintenance,
    event: type[events.MaintenanceEvent],
    word: Word,
    expected_version: int | None,
    told: dict[str, int],
) -> MaintenanceUpdate:
    """One word of the program's own that changes no status, and of which revision it was said."""
    claim_version(maintenance, expected_version, {**told, "updated_at": word.at, "revision": bump(word.at)})
    return store_update(maintenance, event, Status(maintenance.status), word)
