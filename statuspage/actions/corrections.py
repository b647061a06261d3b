"""Corrections of what the page says: the text of an update that was published."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from statuspage import audit, selectors
from statuspage.models import Incident, IncidentUpdate, Maintenance, MaintenanceUpdate
from statuspage.roles import Ability

from .base import StaleEdit, action, body_text, bump, claim_version, conflict, moment


@action
def correct_update(
    *,
    update: IncidentUpdate | MaintenanceUpdate,
    body: str | None = None,
    actor: audit.Actor,
    display_at: datetime | None = None,
    expected_updated_at: datetime | None = None,
    now: datetime | None = None,
) -> IncidentUpdate | MaintenanceUpdate:
    """Correct the text of a published update on the page, or as of when it stands there; None: it stays.

    Who was told keeps what was sent.

    Raises StaleEdit where somebody corrected it since `expected_updated_at`.
    """
    actor.require(Ability.PUBLISH)
    now = now or selectors.database_now()
    update.refresh_from_db()
    changes = _changes(body, display_at, now)
    if expected_updated_at and update.updated_at != expected_updated_at:
        raise StaleEdit(_("Somebody else corrected this text in the meantime. Nothing was changed."))
    before, subject = {name: getattr(update, name) for name in changes}, subject_of(update)
    for name, value in changes.items():
        setattr(update, name, value)
    update.updated_at = max(now, update.created_at)
    update.save(update_fields=[*changes, "updated_at"])
    claim_version(subject, None, {"updated_at": now, "revision": bump(now)})
    audit.record(
        actor=actor,
        action="correct_update",
        kind=subject._meta.model_name or "",
        object_id=subject.pk,
        at=now,
        before={"update": update.pk, **{name: str(value) for name, value in before.items()}},
        after={name: str(value) for name, value in changes.items()},
    )
    return update


def _changes(body: str | None, display_at: datetime | None, now: datetime) -> dict[str, Any]:
    changes: dict[str, Any] = {} if body is None else {"body": body_text(body)}
    if display_at is not None:
        changes["display_at"] = moment(display_at, "display_at")
        if changes["display_at"] > now:
            raise conflict("display_at", _("An update cannot stand on the page as of a time to come."))
    return changes


def subject_of(update: IncidentUpdate | MaintenanceUpdate) -> Incident | Maintenance:
    """What the update speaks of."""
    return update.incident if isinstance(update, IncidentUpdate) else update.maintenance
