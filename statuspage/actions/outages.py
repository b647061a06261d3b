"""Outages put right by people: corrected, recorded afterwards, withdrawn. Each is a version with author and reason.

No row is ever changed back or deleted: what counted before stays as evidence beside what counts now.
"""

from datetime import datetime
from typing import Any, TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext as _

from statuspage import audit, selectors
from statuspage.models import Client, Component, Outage
from statuspage.roles import Ability
from statuspage.text import clean_line, clean_text
from statuspage.vocabulary import Cause, ComponentStatus

from .base import FormUsed, StaleEdit, action, bump, moment, one_of, require_length

REASON_MAX = 2_000
NAME_MAX = 255
URL_MAX = 500
BROKEN = (ComponentStatus.DEGRADED_PERFORMANCE, ComponentStatus.PARTIAL_OUTAGE, ComponentStatus.MAJOR_OUTAGE)
"""What an outage that the page never showed can have been; work is recorded as a maintenance."""


class Facts(TypedDict, total=False):
    """What of an outage can be corrected; what is not named stays."""

    started_at: datetime
    ended_at: datetime | None
    cause: str
    interrupts: bool | None
    """None: as its status says."""
    client: Client | None
    provider_name: str
    provider_url: str
    provider_incident: str


FIELDS = tuple(Facts.__annotations__)


@action
def correct_outage(
    *, outage: Outage, reason: str, actor: audit.Actor, now: datetime | None = None, **facts: Unpack[Facts]
) -> Outage:
    """Replace what the record says of an outage; the row it replaces stays as evidence.

    One that was withdrawn counts again. Raises StaleEdit when there is a newer version.
    """
    actor.require(Ability.PUBLISH, Ability.SERVICE_LEVELS)
    now = now or selectors.database_now()
    why = stated(reason)
    outage.refresh_from_db()
    standing: dict[str, Any] = {name: getattr(outage, name) for name in FIELDS}
    checked = cleaned({**standing, **facts}, now, is_open=outage.ended_at is None)  # type: ignore[typeddict-item]
    return replace(outage, "correct_outage", actor=actor, at=now, reason=why, **checked)


@action
def withdraw_outage(*, outage: Outage, reason: str, actor: audit.Actor, now: datetime | None = None) -> Outage:
    """Say that there was no such outage: a last version that counts no more.

    One that is open is refused: the component's status says so too. Raises StaleEdit
    when there is a newer version.
    """
    actor.require(Ability.SERVICE_LEVELS)
    now = now or selectors.database_now()
    why = stated(reason)
    outage.refresh_from_db()
    if outage.ended_at is None:
        raise still_open()
    if outage.is_withdrawn:
        raise StaleEdit(_("This outage has been withdrawn already."))
    gone = {"is_current": False, "is_withdrawn": True}
    return replace(outage, "withdraw_outage", actor=actor, at=now, reason=why, **gone)


@action
def record_outage(
    *,
    component: Component,
    status: str,
    reason: str,
    actor: audit.Actor,
    idempotency_key: str | None = None,
    now: datetime | None = None,
    **facts: Unpack[Facts],
) -> Outage:
    """Record an outage that is over and that the page never showed; tells nobody.

    It counts in contracts, and the page's bars show it, unless it was one client's alone.
    The same form sent twice records it once; with other facts it raises FormUsed.
    """
    actor.require(Ability.SERVICE_LEVELS)
    now = now or selectors.database_now()
    why, word = stated(reason), one_of(ComponentStatus, status, "status")
    if word not in BROKEN:
        raise ValidationError({"status": _("Say how the component was: not operational, and not under maintenance.")})
    checked = {"component": component, "status": word, "reason": why}
    checked |= cleaned(facts, now, is_open=False)
    if earlier := Outage.objects.filter(idempotency_key=idempotency_key).first() if idempotency_key else None:
        if any(getattr(earlier, name) != value for name, value in checked.items()):
            raise FormUsed(_("This form was used before, for another outage. Nothing new was recorded."))
        return earlier
    bump(now)
    outage = Outage.objects.create(author=actor.user, created_at=now, idempotency_key=idempotency_key, **checked)
    note(actor, "record_outage", outage, now, after={**told(outage), "reason": why})
    return outage


def replace(outage: Outage, act: str, *, actor: audit.Actor, at: datetime, reason: str, **facts: Any) -> Outage:
    """The next version: what is not corrected stays. Call inside an action."""
    bump(at)
    if Outage.objects.filter(replaces=outage).exists():
        raise StaleEdit(_("This outage has been corrected already; correct the newer one."))
    Outage.objects.filter(pk=outage.pk).update(is_current=False)
    standing = {name: getattr(outage, name) for name in (*FIELDS, *KEPT)}
    version = Outage.objects.create(
        **{**standing, **facts}, replaces=outage, reason=reason, author=actor.user, created_at=at
    )
    note(actor, act, version, at, before=told(outage), after={**told(version), "reason": reason})
    return version


KEPT = ("component", "status", "incident", "maintenance", "provider_evidence")
"""What no correction changes."""


def stated(reason: str) -> str:
    """Why the record is put right: a reason is never left out."""
    why = clean_text(reason)
    if not why:
        raise ValidationError({"reason": _("Say why the record is corrected.")})
    require_length(why, REASON_MAX, "reason")
    return why


def cleaned(facts: Facts, now: datetime, *, is_open: bool) -> dict[str, Any]:
    """The facts, checked."""
    if not facts.get("started_at"):
        raise ValidationError({"started_at": _("Give this time with its zone or offset.")})
    start, end = interval(facts["started_at"], facts.get("ended_at"), now, is_open=is_open)
    return {
        "started_at": start,
        "ended_at": end,
        "cause": one_of(Cause, facts.get("cause", Cause.OWN), "cause"),
        "interrupts": facts.get("interrupts"),
        "client": facts.get("client"),
        "provider_name": named(facts.get("provider_name", ""), "provider_name"),
        "provider_url": web_address(facts.get("provider_url", ""), "provider_url"),
        "provider_incident": named(facts.get("provider_incident", ""), "provider_incident"),
    }


def named(value: str, field: str) -> str:
    line = clean_line(value)
    require_length(line, NAME_MAX, field)
    return line


def web_address(value: str, field: str) -> str:
    """An http or https address, or nothing."""
    address = clean_line(value)
    if address:
        require_length(address, URL_MAX, field)
        try:
            URLValidator(schemes=["http", "https"])(address)
        except ValidationError:
            raise ValidationError({field: _("Give a web address, such as https://status.example.com.")}) from None
    return address


def still_open() -> ValidationError:
    return ValidationError({"ended_at": _("An outage ends when its component's status says so; publish that.")})


def interval(
    started_at: datetime, ended_at: datetime | None, now: datetime, *, is_open: bool
) -> tuple[datetime, datetime | None]:
    """The corrected times, checked; an outage that is open stays so, and the other way round."""
    start = moment(started_at, "started_at")
    end = moment(ended_at, "ended_at") if ended_at else None
    if (end is None) != is_open:
        raise still_open()
    if start > now:
        raise ValidationError({"started_at": _("An outage cannot start in the future.")})
    if end is not None and end <= start:
        raise ValidationError({"ended_at": _("The outage must end after it starts.")})
    if end is not None and end > now:
        raise ValidationError({"ended_at": _("An outage cannot end in the future.")})
    return start, end


def note(actor: audit.Actor, act: str, outage: Outage, at: datetime, **facts: Any) -> None:
    audit.record(actor=actor, action=act, kind="outage", object_id=str(outage.pk), at=at, **facts)


def told(outage: Outage) -> dict[str, Any]:
    """What the audit log keeps of one version."""
    said = {name: getattr(outage, name) for name in ("cause", "interrupts", "provider_url", "provider_incident")}
    return {
        "component": outage.component_id,
        "status": str(outage.status),
        "started_at": outage.started_at.isoformat(),
        "ended_at": outage.ended_at.isoformat() if outage.ended_at else None,
        **{name: str(value) for name, value in said.items() if value not in ("", None)},
        **({"client": outage.client_id} if outage.client_id else {}),
        **({"withdrawn": True} if outage.is_withdrawn else {}),
    }
