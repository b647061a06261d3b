"""Templates: words written ahead. They are data for a form; readers see what is published from it, never these."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from statuspage import audit, selectors
from statuspage.models import Publication, Template
from statuspage.roles import Ability
from statuspage.vocabulary import OPEN_INCIDENT, IncidentStatus

from .base import body_text, claim_version, conflict, known_components, one_of
from .base import title as line

LONGEST_MINUTES = 60 * 24 * 60


@transaction.atomic
def save_template(
    *,
    template: Template | None = None,
    kind: str,
    name: str,
    title: str,
    body: str,
    actor: audit.Actor,
    components: Sequence[str] = (),
    update_status: str = "",
    minutes: int | None = None,
    notify: bool = True,
    expected_version: int | None = None,
    now: datetime | None = None,
) -> Template:
    """Keep a template, a new one or `template` as it is to be from now on.

    `minutes`: how long such maintenance takes; `update_status`: what an incident starts
    with, empty for the form's own. Raises ValidationError, StaleEdit.
    """
    actor.require(Ability.PUBLISH)
    Publication.objects.lock()
    now = now or selectors.database_now()
    facts = _facts(kind=kind, name=name, title=title, body=body, notify=notify)
    facts |= _of_kind(facts["kind"], update_status, minutes)
    chosen = known_components(list(components))
    _require_new_name(facts["kind"], facts["name"], template)
    before = facts_of(template) if template else None
    template = _kept(template, {**facts, "updated_at": now}, expected_version)
    template.components.set(chosen.values())
    act = "edit_template" if before else "add_template"
    _note(actor, act, template, now, before=before, after=facts_of(template))
    return template


def _kept(template: Template | None, facts: dict[str, Any], expected_version: int | None) -> Template:
    if template is None:
        return Template.objects.create(created_at=facts["updated_at"], **facts)
    claim_version(template, expected_version, facts)
    return template


@transaction.atomic
def remove_template(*, template: Template, actor: audit.Actor, now: datetime | None = None) -> None:
    """Throw a template away; its words stay in the audit log. What was published from it stays as it is."""
    actor.require(Ability.PUBLISH)
    Publication.objects.lock()
    _note(actor, "remove_template", template, now or selectors.database_now(), before=facts_of(template))
    template.delete()


def facts_of(template: Template) -> dict[str, Any]:
    """What the audit log says of one."""
    names = ("kind", "name", "title", "body", "update_status", "minutes", "notify")
    components = template.components.order_by("pk").values_list("pk", flat=True)
    return {**{name: getattr(template, name) for name in names}, "components": list(components)}


def _facts(*, kind: str, name: str, title: str, body: str, notify: bool) -> dict[str, Any]:
    return {
        "kind": one_of(Template.Kind, kind, "kind"),
        "name": line(name, "name"),
        "title": line(title, "title"),
        "body": body_text(body),
        "notify": notify,
    }


def _of_kind(kind: str, update_status: str, minutes: int | None) -> dict[str, Any]:
    """What only an incident has, or only maintenance; of the other kind it is left out."""
    if kind == Template.Kind.MAINTENANCE:
        if minutes is not None and not 1 <= minutes <= LONGEST_MINUTES:
            raise ValidationError({"minutes": _("Give a length between 1 minute and 60 days.")})
        return {"minutes": minutes, "update_status": ""}
    if update_status and one_of(IncidentStatus, update_status, "update_status") not in OPEN_INCIDENT:
        raise conflict("update_status", _("An incident starts open."))
    return {"minutes": None, "update_status": update_status}


def _require_new_name(kind: str, name: str, template: Template | None) -> None:
    same = Template.objects.filter(kind=kind, name=name)
    if same.exclude(pk=template.pk if template else None).exists():
        raise conflict("name", _("There is one of that name already."))


def _note(actor: audit.Actor, act: str, template: Template, now: datetime, **facts: Any) -> None:
    audit.record(actor=actor, action=act, kind="template", object_id=template.pk, at=now, **facts)
