"""Drafts: what an author wrote, kept until a publisher publishes or discards it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from statuspage import audit
from statuspage.models import Draft
from statuspage.roles import Ability

from .base import one_of


@transaction.atomic
def save_draft(*, kind: str, payload: Mapping[str, Any], actor: audit.Actor, now: datetime | None = None) -> Draft:
    """Keep a filled form. Nothing is published and nobody is told."""
    actor.require(Ability.DRAFT)
    now = now or timezone.now()
    known = one_of(Draft.Kind, kind, "kind")
    draft = Draft.objects.create(kind=known, payload=dict(payload), author=actor.user, created_at=now)
    audit.record(actor=actor, action="save_draft", kind="draft", object_id=str(draft.pk), at=now, after={"kind": kind})
    return draft


@transaction.atomic
def discard_draft(*, draft: Draft, actor: audit.Actor, now: datetime | None = None) -> None:
    """Throw a draft away: one's own, or any for who may publish."""
    own = actor.user is not None and draft.author_id == actor.user.pk
    actor.require(Ability.DRAFT if own else Ability.PUBLISH)
    audit.record(
        actor=actor,
        action="discard_draft",
        kind="draft",
        object_id=str(draft.pk),
        at=now or timezone.now(),
        before={"kind": draft.kind, "payload": draft.payload},
    )
    draft.delete()
