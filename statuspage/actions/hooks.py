"""Webhooks of any shape: keep one, and try a mapping without anything coming of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from statuspage import audit, selectors
from statuspage.alerting import mapping as mappings
from statuspage.alerting.alertmanager import Unreadable
from statuspage.alerting.facts import Alert, Report
from statuspage.models import CallSource, IncomingHook, Publication
from statuspage.roles import Ability

from . import alerts
from .alert_steps import Outcome, placed
from .base import known_components, require_length, title

NAME_MAX = 100


@transaction.atomic
def save_hook(
    *,
    name: str,
    mapping: Any,
    actor: audit.Actor,
    hook: IncomingHook | None = None,
    components: Sequence[str] = (),
    is_draft_first: bool = False,
    is_active: bool = True,
    now: datetime | None = None,
) -> IncomingHook:
    """Add a webhook, or change one. Raises ValidationError."""
    actor.require(Ability.OWN)
    Publication.objects.lock()
    now = now or selectors.database_now()
    before = facts_of(hook) if hook else None
    hook = hook or IncomingHook(created_at=now)
    hook.name, hook.mapping, hook.updated_at = _free_name(name, hook), checked(mapping), now
    hook.is_draft_first, hook.is_active = is_draft_first, is_active
    chosen = known_components(list(components))
    hook.save()
    hook.components.set(chosen.values())
    act = "edit_webhook" if before else "add_webhook"
    audit.record(
        actor=actor, action=act, kind="webhook", object_id=hook.pk, at=now, before=before, after=facts_of(hook)
    )
    return hook


def checked(mapping: Any) -> dict[str, Any]:
    try:
        return mappings.check(mapping)
    except Unreadable as error:
        raise ValidationError({"mapping": str(error)}) from None


def facts_of(hook: IncomingHook) -> dict[str, Any]:
    """What the audit log says of one."""
    components = list(hook.components.order_by("pk").values_list("pk", flat=True))
    names = ("name", "mapping", "is_draft_first", "is_active")
    return {**{name: getattr(hook, name) for name in names}, "components": components}


def _free_name(name: str, hook: IncomingHook) -> str:
    cleaned = title(name)
    require_length(cleaned, NAME_MAX, "name")
    if IncomingHook.objects.filter(name=cleaned).exclude(pk=hook.pk).exists():
        raise ValidationError({"name": _("There is one of that name already.")})
    return cleaned


@dataclass(frozen=True)
class Rehearsed:
    """One group of a payload, its alerts as they were read, and what would become of it."""

    key: str
    alerts: Sequence[Alert]
    did: str


def take(*, hook: IncomingHook, payload: Any, actor: audit.Actor, now: datetime | None = None) -> list[Outcome]:
    """What becomes of one call, group by group. Raises Unreadable."""
    now = now or selectors.database_now()
    return [_take_group(hook, key, report, actor, now) for key, report in _read(hook, payload, now).items()]


def rehearse(*, hook: IncomingHook | None, payload: Any, actor: audit.Actor, **facts: Any) -> list[Rehearsed]:
    """What would become of a payload if the webhook were as `facts` say; all of it taken back. Raises Unreadable."""
    now = selectors.database_now()
    with transaction.atomic():
        kept = save_hook(hook=hook, actor=actor, now=now, **facts)
        found = [
            Rehearsed(key, placed(report).alerts, _take_group(kept, key, report, actor, now).did)
            for key, report in _read(kept, payload, now).items()
        ]
        transaction.set_rollback(True)
    return found


def _read(hook: IncomingHook, payload: Any, now: datetime) -> dict[str, Report]:
    return mappings.read(payload, hook.mapping, now, list(hook.components.values_list("pk", flat=True)))


def _take_group(hook: IncomingHook, key: str, report: Report, actor: audit.Actor, now: datetime) -> Outcome:
    source = alerts.Source(CallSource.HOOK, key, hook=hook, is_draft_first=hook.is_draft_first)
    return alerts.take(source=source, report=report, actor=actor, now=now)
