"""Maintenance that recurs: a rule is kept, and each of its windows is announced as a maintenance of its own.

It is announced SERIES_DAYS_AHEAD before it begins: from then on it has its page, its place in calendars, its notices
and their evidence, and is moved, skipped (cancelled) and worked through like any other.

Windows that are announced at once, as a new series' first five, are told of in one message: the first one's, which
lists the times of all. What the others say by themselves begins with their advance notice, and they all have one,
however short they are. Thus nobody gets five mails, and the ledger has for each window its own word to everybody who
could be reached 24 hours before (I12): also to those who came after the series was announced, and who never had the
list. Only a window that is too near for an advance notice tells at once by itself. Calling windows off works likewise.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from statuspage import audit, selectors
from statuspage.models import MaintenanceSeries
from statuspage.recurrence import normal, recurrence
from statuspage.roles import Ability

from .base import FormUsed, action, body_text, claim_version, known_components, title, zone_name
from .plans import reminder_minutes
from .series_windows import WALL, announce, announced, behind_last, call_off, component_ids, horizon, note, replace

logger = logging.getLogger(__name__)


class Series(TypedDict, total=False):
    """What a series is made of; from `notify` on there are defaults. `wall_start` is naive: as clocks show it there."""

    name: str
    body: str
    components: Sequence[str]
    wall_start: datetime
    time_zone: str
    length: timedelta
    rule: str
    notify: bool
    reminders: Sequence[int] | None
    auto_start: bool
    auto_complete: bool
    tells_start: bool
    tells_end: bool


@action
def create_series(
    *,
    actor: audit.Actor,
    idempotency_key: str | None = None,
    now: datetime | None = None,
    **facts: Unpack[Series],
) -> MaintenanceSeries:
    """Keep a rule, and announce those of its windows that are near enough.

    Raises ValidationError by field, FormUsed where the key made another series.
    """
    actor.require(Ability.PUBLISH)
    now = now or selectors.database_now()
    columns = _columns(facts)
    chosen = known_components(list(facts["components"]))
    if earlier := MaintenanceSeries.objects.filter(key=idempotency_key).first() if idempotency_key else None:
        _require_same(earlier, columns)
        return earlier
    series = MaintenanceSeries(**columns, created_at=now, author=actor.user, key=idempotency_key)
    series.save(force_insert=True)
    series.components.set(chosen.values())
    note(actor, "create_series", series, now, after=_plain(series))
    announce(series, actor, since=now, now=now)
    return series


@action
def change_series(
    *,
    series: MaintenanceSeries,
    actor: audit.Actor,
    expected_version: int | None = None,
    replaces_announced: bool = False,
    reason: str = "",
    now: datetime | None = None,
    **facts: Unpack[Series],
) -> MaintenanceSeries:
    """Change what the windows from now on are, for those that are not announced yet.

    `replaces_announced`: those that are announced and have not begun are called off, with
    `reason` as what readers are told, and the new rule's are announced in their place; one
    that both rules have, as long as before, stays as it is. Raises StaleEdit, ValidationError.
    """
    actor.require(Ability.PUBLISH)
    now = now or selectors.database_now()
    series.refresh_from_db()
    _require_open(series)
    kept: Series = {"reminders": series.reminders, "tells_start": series.tells_start, "tells_end": series.tells_end}
    columns, chosen = _columns({**kept, **facts}), known_components(list(facts["components"]))
    if not replaces_announced and _is_same(series, columns) and set(chosen) == component_ids(series):
        return series
    before = _plain(series)
    claim_version(series, expected_version, columns)
    series.components.set(chosen.values())
    note(actor, "change_series", series, now, before=before, after=_plain(series))
    if replaces_announced:
        replace(series, actor, reason, now)
    announce(series, actor, since=now if replaces_announced else behind_last(series, now), now=now)
    return series


@action
def end_series(
    *,
    series: MaintenanceSeries,
    actor: audit.Actor,
    cancels_announced: bool = False,
    body: str = "",
    notify: bool = True,
    expected_version: int | None = None,
    now: datetime | None = None,
) -> MaintenanceSeries:
    """Announce no further windows; call off those that are announced and have not begun, where asked.

    What is called off is told with `body`. A series that has ended may so be called off afterwards.
    """
    actor.require(Ability.PUBLISH)
    now = now or selectors.database_now()
    series.refresh_from_db()
    waiting = list(announced(series)) if cancels_announced else []
    if series.ended_at and not waiting:
        return series
    claim_version(series, expected_version, {"ended_at": series.ended_at or now})
    note(actor, "end_series", series, now, after={"cancelled": [each.pk for each in waiting]})
    call_off(waiting, actor, body, notify, now)
    return series


def extend_series(now: datetime | None = None) -> int:
    """Announce the windows that have come near; how many. The sweep's door.

    Any number of copies may run: each series is read again under the writers' lock, and
    UNIQUE(series, occurs_at) lets no window be announced twice. A series that cannot be
    counted out any more (its zone is gone) is logged, and holds up nothing else.
    """
    now = now or selectors.database_now()
    waiting = MaintenanceSeries.objects.filter(ended_at=None, announced_until__lt=horizon(now))
    return sum(_attempt(pk, now) for pk in waiting.order_by("announced_until").values_list("pk", flat=True))


def _attempt(pk: str, now: datetime) -> int:
    try:
        return _extend(pk, now)
    except (ValidationError, KeyError, ValueError):
        logger.exception("series %s: its next windows cannot be announced", pk)
        return 0


@action
def _extend(pk: str, now: datetime) -> int:
    series = MaintenanceSeries.objects.filter(pk=pk, ended_at=None).first()
    if series is None or series.announced_until is None or series.announced_until >= horizon(now):
        return 0
    return len(announce(series, audit.SYSTEM, since=series.announced_until, now=now))


# --- Facts ------------------------------------------------------------------------------------------


def _columns(facts: Series) -> dict[str, Any]:
    """The columns of a series, checked; its components are a relation of their own."""
    zone = zone_name(facts["time_zone"])
    rule = normal(facts["rule"])
    recurrence(rule, facts["wall_start"], zone, facts["length"])
    plan = ("notify", "auto_start", "auto_complete", "tells_start", "tells_end")
    return {
        "name": title(facts["name"]),
        "body": body_text(facts["body"]),
        "time_zone": zone,
        "wall_start": f"{facts['wall_start']:{WALL}}",
        "length": facts["length"],
        "rule": rule,
        "reminders": reminder_minutes(facts.get("reminders")),
        **{name: facts.get(name, True) for name in plan},
    }


def _require_same(earlier: MaintenanceSeries, columns: dict[str, Any]) -> None:
    if not _is_same(earlier, columns):
        raise FormUsed(_("This form was published before, with other words. Nothing new was published."))


def _is_same(series: MaintenanceSeries, columns: dict[str, Any]) -> bool:
    return all(getattr(series, name) == value for name, value in columns.items())


def _require_open(series: MaintenanceSeries) -> None:
    if series.ended_at:
        raise ValidationError({"rule": _("This series has ended; make a new one.")})


def _plain(series: MaintenanceSeries) -> dict[str, Any]:
    """The series as the audit log keeps it."""
    names = ("name", "body", "time_zone", "wall_start", "rule", "notify", "reminders")
    minutes = round(series.length / timedelta(minutes=1))
    facts = {name: getattr(series, name) for name in names}
    return {**facts, "minutes": minutes, "components": sorted(component_ids(series))}
