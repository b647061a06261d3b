"""Corrections of what the page says: the text of an update that was published."""

from datetime import datetime

from django.utils.translation import gettext as _

from statuspage import audit, selectors
from statuspage.models import Incident, IncidentUpdate, Maintenance, MaintenanceUpdate
from statuspage.roles import Ability

from .base import StaleEdit, action, body_text, bump, claim_version


@action
def correct_update(
    *,
    update: IncidentUpdate | MaintenanceUpdate,
    body: str,
    actor: audit.Actor,
    expected_updated_at: datetime | None = None,
    now: datetime | None = None,
) -> IncidentUpdate | MaintenanceUpdate:
    """Correct the text of a published update on the page; who was told keeps what was sent.

    Raises StaleEdit where somebody corrected it since `expected_updated_at`.
    """
    actor.require(Ability.PUBLISH)
    text, now = body_text(body), now or selectors.database_now()
    update.refresh_from_db()
    if expected_updated_at and update.updated_at != expected_updated_at:
        raise StaleEdit(_("Somebody else corrected this text in the meantime. Nothing was changed."))
    before, subject = update.body, subject_of(update)
    update.body, update.updated_at = text, max(now, update.created_at)
    update.save(update_fields=["body", "updated_at"])
    claim_version(subject, None, {"updated_at": now, "revision": bump(now)})
    audit.record(
        actor=actor,
        action="correct_update",
        kind=subject._meta.model_name or "",
        object_id=subject.pk,
        at=now,
        before={"update": update.pk, "body": before},
        after={"body": update.body},
    )
    return update


def subject_of(update: IncidentUpdate | MaintenanceUpdate) -> Incident | Maintenance:
    """What the update speaks of."""
    return update.incident if isinstance(update, IncidentUpdate) else update.maintenance
