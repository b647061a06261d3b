"""What a monitor's mail says of a component: its status, without an incident. People's word stands over it."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from statuspage import audit, selectors
from statuspage.alerting.mails import Mail
from statuspage.models import CallSource, Component, HookCall, Publication
from statuspage.roles import Ability
from statuspage.vocabulary import ComponentStatus

from .components import note, set_component_statuses
from .mirrors import is_spoken_for

ABILITIES = frozenset({Ability.VIEW, Ability.PUBLISH})

OLD_NEWS = timedelta(hours=24)
"""A mail that was so long on its way says nothing of now."""
AHEAD = timedelta(hours=1)
"""A Date further in the future is wrong, and so not gone by."""

IGNORED = {
    "answer": "it is no monitor's mail: an automatic answer, a report, or our own",
    "neither": "the subject says neither UP nor DOWN, or both",
    "old": "it was written over a day ago",
    "overtaken": "a mail that was written later came before it",
    "spoken_for": "an incident or a maintenance of this component is open: people decide",
}
"""For the list of calls: why nothing was done."""


@transaction.atomic
def take(*, component: Component, down: ComponentStatus, mail: Mail, now: datetime | None = None) -> str:
    """Let the component be as the mail says; `set`, `nothing` where it was so, or a word of IGNORED."""
    Publication.objects.lock()
    now = now or selectors.database_now()
    component.refresh_from_db()
    if why := _ignored(component, mail, now):
        return why
    status = down if mail.is_down else ComponentStatus.OPERATIONAL
    if component.status == status:
        return "nothing"
    actor = audit.Actor(name=f"mail to {component.full_name}"[:255], source="mail", abilities=ABILITIES)
    set_component_statuses(statuses={component.pk: status}, actor=actor, now=now)
    return "set"


def _ignored(component: Component, mail: Mail, now: datetime) -> str:
    if mail.is_answer:
        return "answer"
    if mail.is_down is None:
        return "neither"
    written_at = usable_date(mail, now)
    if written_at and now - written_at > OLD_NEWS:
        return "old"
    if written_at and _counted(component).filter(written_at__gt=written_at).exists():
        return "overtaken"
    return "spoken_for" if is_spoken_for(component) else ""


def usable_date(mail: Mail, now: datetime) -> datetime | None:
    """When it was written, unless its clock is wrong."""
    return mail.written_at if mail.written_at and mail.written_at <= now + AHEAD else None


def _counted(component: Component) -> QuerySet[HookCall]:
    return HookCall.objects.filter(component=component, source=CallSource.MAIL, did__in=["set", "nothing"])


@transaction.atomic
def change_address(*, component: Component, actor: audit.Actor, now: datetime | None = None) -> None:
    """Give the component another address; mail to the one it had is refused."""
    actor.require(Ability.OWN)
    Publication.objects.lock()
    now = now or selectors.database_now()
    component.refresh_from_db()
    component.mail_version += 1
    component.save(update_fields=["mail_version"])
    note(actor, "change_mail_address", "component", component.pk, now, after={"version": component.mail_version})
