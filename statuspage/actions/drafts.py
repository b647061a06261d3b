"""Drafts: what an author wrote, kept until a publisher publishes or discards it."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from statuspage import audit, selectors
from statuspage.models import Draft, Publication
from statuspage.roles import Ability
from statuspage.text import clean_text

from .base import one_of

Payload = Mapping[str, Sequence[str]]
"""A form's input: field -> what was typed, as often as it was sent."""


@transaction.atomic
def save_draft(
    *,
    kind: str,
    payload: Payload,
    actor: audit.Actor,
    key: str,
    subject: str = "",
    note: str = "",
    now: datetime | None = None,
) -> Draft:
    """Keep a filled form; the same `key` again replaces what it kept. Nothing is published."""
    actor.require(Ability.DRAFT)
    Publication.objects.lock()
    now = now or selectors.database_now()
    draft = Draft.objects.filter(key=key).first() or Draft(key=key, author=actor.user)
    if draft.pk:
        require_hand(draft, actor)
    draft.kind, draft.subject = one_of(Draft.Kind, kind, "kind"), subject
    draft.payload = {name: list(values) for name, values in payload.items()}
    draft.note, draft.created_at = clean_text(note), now
    draft.save()
    _note(actor, "save_draft", draft, now, after={"kind": kind, "subject": subject})
    return draft


@transaction.atomic
def discard_draft(*, draft: Draft, actor: audit.Actor, is_published: bool = False, now: datetime | None = None) -> None:
    """Throw a draft away; its text stays in the audit log."""
    require_hand(draft, actor)
    act = "publish_draft" if is_published else "discard_draft"
    before = {"kind": draft.kind, "payload": draft.payload, "author": str(draft.author)}
    _note(actor, act, draft, now or selectors.database_now(), before=before)
    draft.delete()


def require_hand(draft: Draft, actor: audit.Actor) -> None:
    """Whose draft it is may change it, and who may publish."""
    is_own = actor.user is not None and draft.author_id == actor.user.pk
    actor.require(Ability.DRAFT if is_own else Ability.PUBLISH)


def _note(actor: audit.Actor, act: str, draft: Draft, now: datetime, **facts: object) -> None:
    audit.record(actor=actor, action=act, kind="draft", object_id=str(draft.pk), at=now, **facts)
