"""Outages corrected by staff: a new version with author and reason, the old one kept."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from statuspage import audit, selectors
from statuspage.models import Outage
from statuspage.roles import Ability
from statuspage.text import clean_text
from statuspage.vocabulary import Cause

from .base import StaleEdit, action, bump, moment, one_of


@action
def correct_outage(
    *,
    outage: Outage,
    started_at: datetime,
    ended_at: datetime | None,
    cause: str,
    reason: str,
    actor: audit.Actor,
    now: datetime | None = None,
) -> Outage:
    """Replace an outage's times or cause; the row it replaces stays as evidence.

    Raises StaleEdit when it has been corrected already.
    """
    actor.require(Ability.PUBLISH)
    now = now or selectors.database_now()
    why = clean_text(reason)
    if not why:
        raise ValidationError({"reason": _("Say why the record is corrected.")})
    outage.refresh_from_db()
    start, end = interval(started_at, ended_at, now, is_open=outage.ended_at is None)
    bump(now)
    if not Outage.objects.filter(pk=outage.pk, is_current=True).update(is_current=False):
        raise StaleEdit(_("This outage has been corrected already; correct the newer one."))
    times = {"started_at": start, "ended_at": end, "created_at": now}
    corrected = _replacement(outage, cause=one_of(Cause, cause, "cause"), reason=why, author=actor.user, **times)
    audit.record(
        actor=actor,
        action="correct_outage",
        kind="outage",
        object_id=str(corrected.pk),
        at=now,
        before=_facts(outage),
        after={**_facts(corrected), "reason": why},
    )
    return corrected


def _replacement(outage: Outage, **facts: Any) -> Outage:
    """The new version: what is not corrected stays."""
    return Outage.objects.create(
        component=outage.component,
        status=outage.status,
        incident=outage.incident,
        maintenance=outage.maintenance,
        replaces=outage,
        **facts,
    )


def interval(
    started_at: datetime, ended_at: datetime | None, now: datetime, *, is_open: bool
) -> tuple[datetime, datetime | None]:
    """The corrected times, checked; an outage that is open stays so, and the other way round."""
    start = moment(started_at, "started_at")
    end = moment(ended_at, "ended_at") if ended_at else None
    if (end is None) != is_open:
        raise ValidationError({"ended_at": _("An outage ends when its component's status says so; publish that.")})
    if start > now:
        raise ValidationError({"started_at": _("An outage cannot start in the future.")})
    if end is not None and end <= start:
        raise ValidationError({"ended_at": _("The outage must end after it starts.")})
    if end is not None and end > now:
        raise ValidationError({"ended_at": _("An outage cannot end in the future.")})
    return start, end


def _facts(outage: Outage) -> dict[str, str | None]:
    return {
        "component": outage.component_id,
        "started_at": outage.started_at.isoformat(),
        "ended_at": outage.ended_at.isoformat() if outage.ended_at else None,
        "cause": str(outage.cause),
    }
