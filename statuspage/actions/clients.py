"""Clients: whom contracts are with, by the reference that their contacts carry. Nothing here is published."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from statuspage import audit, selectors
from statuspage.models import Client, Publication
from statuspage.roles import Ability

from .base import claim_version, title


@transaction.atomic
def create_client(*, name: str, reference: str, actor: audit.Actor, now: datetime | None = None) -> Client:
    """Add a client."""
    actor.require(Ability.SERVICE_LEVELS)
    Publication.objects.lock()
    now = now or selectors.database_now()
    client = Client(name=title(name), reference=free_reference(reference), created_at=now, updated_at=now)
    client.save(force_insert=True)
    note(actor, "create_client", client, now, after=facts_of(client))
    return client


@transaction.atomic
def change_client(
    *,
    client: Client,
    name: str,
    reference: str,
    actor: audit.Actor,
    expected_version: int | None = None,
    now: datetime | None = None,
) -> Client:
    """Give a client another name or reference. Contacts keep the reference they carry: change theirs too."""
    actor.require(Ability.SERVICE_LEVELS)
    Publication.objects.lock()
    now = now or selectors.database_now()
    client.refresh_from_db()
    before = facts_of(client)
    changes = {"name": title(name), "reference": free_reference(reference, besides=client), "updated_at": now}
    claim_version(client, expected_version, changes)
    note(actor, "change_client", client, now, before=before, after=facts_of(client))
    return client


def free_reference(value: str, *, besides: Client | None = None) -> str:
    """A reference that no other client has."""
    reference = title(value, "reference")
    other = Client.objects.filter(reference=reference).exclude(pk=besides and besides.pk).first()
    if other:
        raise ValidationError({"reference": reference_taken(other)})
    return reference


def reference_taken(client: Client) -> str:
    words = {"reference": client.reference, "client": client.name}
    return _("%(reference)s is the reference of %(client)s.") % words


def facts_of(client: Client) -> dict[str, str]:
    """What the audit log says of a client."""
    return {"name": client.name, "reference": client.reference}


def note(actor: audit.Actor, act: str, client: Client, now: datetime, **facts: object) -> None:
    audit.record(actor=actor, action=act, kind="client", object_id=client.pk, at=now, **facts)
