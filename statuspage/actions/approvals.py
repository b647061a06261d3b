"""Emergencies: that notice of a window was not reasonably possible, said by one person and approved by another.

The enterprise contract asks for notice "where reasonably possible". What was approved
before the start is excluded from availability (docs/service-levels.md); nobody can say so
afterwards. It is said of certain times: a window that is moved must be asked for again.
"""

from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from statuspage import audit, selectors
from statuspage.models import EmergencyApproval, Maintenance, Publication
from statuspage.roles import Ability
from statuspage.vocabulary import OPEN_MAINTENANCE

from .base import BODY_MAX, MaintenanceClosed, body_text

REASON_MAX = min(BODY_MAX, 2_000)


@transaction.atomic
def request_emergency(
    *, maintenance: Maintenance, reason: str, actor: audit.Actor, now: datetime | None = None
) -> EmergencyApproval:
    """Ask for it, with the reason. Asked again before it is approved, the newer reason holds.

    Raises MaintenanceClosed from the start on and where it was approved already.
    """
    actor.require(Ability.PUBLISH)
    Publication.objects.lock()
    now = now or selectors.database_now()
    _require_ahead(maintenance, now)
    held = _held(maintenance)
    if held and held.approved_at:
        raise MaintenanceClosed(_("This was approved already."))
    row = held or EmergencyApproval(maintenance=maintenance)
    row.reason, row.requested_by, row.requested_at = _reason(reason), actor.user, now
    row.save()
    _note(actor, "request_emergency", row, now, after={"reason": row.reason})
    return row


@transaction.atomic
def approve_emergency(
    *, maintenance: Maintenance, actor: audit.Actor, seen: datetime | None = None, now: datetime | None = None
) -> EmergencyApproval:
    """Approve what somebody else asked for.

    `seen`: when what is approved had been asked for; a reason that was changed since is
    read first. Raises PermissionDenied for whoever asked and without the right,
    MaintenanceClosed from the start on. Approving twice changes nothing.
    """
    actor.require(Ability.SERVICE_LEVELS)
    Publication.objects.lock()
    now = now or selectors.database_now()
    row = _held(maintenance)
    if row is None or (seen and row.requested_at != seen):
        raise MaintenanceClosed(_("What is asked for was changed in the meantime. Read it again."))
    if actor.user is None or row.requested_by_id in {None, actor.user.pk}:
        raise PermissionDenied(_("It takes a second person: whoever asked cannot approve it."))
    if row.approved_at:
        return row
    _require_ahead(maintenance, now)
    row.approved_by, row.approved_at = actor.user, now
    row.save()
    _note(actor, "approve_emergency", row, now, after={"reason": row.reason, "asked_by": str(row.requested_by)})
    return row


def withdraw(maintenance: Maintenance, actor: audit.Actor, now: datetime) -> None:
    """End what was asked or approved for a window that gets other times, of which notice may have been possible.

    Call inside the action that moves it. The log keeps who had asked, who had approved, and why.
    """
    row = _held(maintenance)
    if row is None:
        return
    said = {"reason": row.reason, "asked_by": str(row.requested_by), "approved_by": str(row.approved_by or "")}
    EmergencyApproval.objects.filter(pk=row.pk).delete()
    _note(actor, "withdraw_emergency", row, now, before=said)


def _require_ahead(maintenance: Maintenance, now: datetime) -> None:
    """Nobody may excuse afterwards what was not said before."""
    maintenance.refresh_from_db()
    has_begun = maintenance.started_at is not None or maintenance.scheduled_for <= now
    if has_begun or maintenance.status not in OPEN_MAINTENANCE:
        raise MaintenanceClosed(_("The work has begun: this could be asked for and approved before its start only."))


def _held(maintenance: Maintenance) -> EmergencyApproval | None:
    return EmergencyApproval.objects.select_related("requested_by").filter(maintenance=maintenance).first()


def _reason(value: str) -> str:
    cleaned = body_text(value, "reason")
    if len(cleaned) > REASON_MAX:
        raise ValidationError({"reason": _("Say it in at most %(max)d characters.") % {"max": REASON_MAX}})
    return cleaned


def _note(actor: audit.Actor, act: str, row: EmergencyApproval, now: datetime, **facts: Any) -> None:
    # Of a kind of its own: it changes no version of the maintenance, and editors must not be told it did.
    audit.record(actor=actor, action=act, kind="emergency", object_id=row.maintenance_id, at=now, **facts)
