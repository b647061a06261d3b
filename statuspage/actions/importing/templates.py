"""Templates of an imported page: those that are not here yet, under their own ids. What staff have here stays."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from statuspage import audit, selectors
from statuspage.importing.managed import Template as Record
from statuspage.models import AuditEntry, Component, Publication, Template
from statuspage.roles import Ability


@transaction.atomic
def import_templates(*, templates: Sequence[Record], actor: audit.Actor, now: datetime | None = None) -> int:
    """Keep what is new; how many. One that was thrown away here doesn't come back."""
    actor.require(Ability.OWN)
    Publication.objects.lock()
    now = now or selectors.database_now()
    known = set(Component.objects.values_list("pk", flat=True))
    new = [each for each in templates if not is_known(each)]
    for each in new:
        row = Template.objects.create(id=each.id, created_at=now, updated_at=now, **facts_of(each))
        row.components.set([pk for pk in each.component_ids if pk in known])
        after = {"name": row.name, "kind": row.kind}
        audit.record(actor=actor, action="import_template", kind="template", object_id=row.pk, at=now, after=after)
    return len(new)


def is_known(record: Record) -> bool:
    """By its id, by its name, or by what was done to it here."""
    stored = Template.objects.filter(pk=record.id) | Template.objects.filter(kind=kind_of(record), name=record.name)
    return stored.exists() or AuditEntry.objects.filter(object_kind="template", object_id=record.id).exists()


def kind_of(record: Record) -> str:
    return Template.Kind.MAINTENANCE if record.is_maintenance else Template.Kind.INCIDENT


def facts_of(record: Record) -> dict[str, object]:
    return {
        "kind": kind_of(record),
        "name": record.name,
        "title": record.title,
        "body": record.body,
        "update_status": record.update_status,
        "notify": record.notify,
    }
