"""Components that follow another Statuspage: which one, and what follows from its answers.

A mirror never speaks over staff: while an open incident or an active maintenance names the component, only evidence
is kept. Nothing that a page fails to say changes a status.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import F, Q
from django.utils.translation import gettext as _

from statuspage import audit, selectors
from statuspage.mirroring import evidence
from statuspage.mirroring.reading import Trouble
from statuspage.models import Component, ComponentMirror, Incident, Maintenance, Outage
from statuspage.roles import Ability
from statuspage.text import clean_line
from statuspage.vocabulary import ACTIVE_MAINTENANCE, OPEN_INCIDENT, Cause, ComponentStatus

from .base import action, bump
from .components import set_statuses
from .outages import NAME_MAX, URL_MAX

AT_ONCE = 16
"""Mirrors that one round asks: they are asked at the same time, so a round lasts no longer than one answer may."""
TROUBLE_MAX = 255


@dataclass(frozen=True)
class Followed:
    """The page, and the component of it, that a component follows; an empty id: the whole page."""

    page_url: str
    page_name: str
    remote_id: str = ""
    remote_name: str = ""


@dataclass(frozen=True)
class Word:
    """What a page said of one mirrored component. `tag`: its answer's entity tag."""

    status: ComponentStatus
    incidents: Sequence[Trouble] = ()
    tag: str = ""


@action
def mirror_component(
    *, component: Component, followed: Followed, actor: audit.Actor, now: datetime | None = None
) -> ComponentMirror:
    """Let a third party's component follow a page from now on; it is asked in the next round."""
    actor.require(Ability.OWN)
    now = now or selectors.database_now()
    component.refresh_from_db()
    if not component.is_third_party:
        said = _("Only a third party's component can follow another page; mark it as one first.")
        raise ValidationError({"component": said})
    before = ComponentMirror.objects.filter(component=component).first()
    if before and _facts(before) == vars(followed):
        return before
    ComponentMirror.objects.filter(component=component).delete()
    mirror = ComponentMirror.objects.create(component=component, created_at=now, **vars(followed))
    _note(actor, "mirror_component", component, now, before=_facts(before), after=_facts(mirror))
    return mirror


@action
def stop_mirror(*, component: Component, actor: audit.Actor, now: datetime | None = None) -> None:
    """Let a component follow nobody; its status stays as it is."""
    actor.require(Ability.OWN)
    now = now or selectors.database_now()
    if mirror := ComponentMirror.objects.filter(component=component).first():
        mirror.delete()
        _note(actor, "stop_mirror", component, now, before=_facts(mirror), after=None)


# --- Asking: which are due, and how it went ---------------------------------------------------


def claim_due(now: datetime, every: timedelta) -> list[ComponentMirror]:
    """The mirrors whose turn it is, each claimed: whoever else looks at the same time gets others, or none."""
    is_due = Q(checked_at=None) | Q(checked_at__lte=now - every)
    followed = ComponentMirror.objects.filter(component__is_third_party=True, component__archived_at=None)
    rows = followed.filter(is_due).select_related("component")
    return [each for each in rows.order_by(F("checked_at").asc(nulls_first=True), "pk")[:AT_ONCE] if _claim(each, now)]


def _claim(mirror: ComponentMirror, now: datetime) -> bool:
    rows = ComponentMirror.objects.filter(pk=mirror.pk, checked_at=mirror.checked_at)
    won = rows.update(checked_at=now) == 1
    mirror.checked_at = now
    return won


def note_trouble(mirror: ComponentMirror, words: str, *, now: datetime | None = None) -> None:
    """The page did not answer usably: the component stays as it is."""
    rows = _claimed(mirror)
    rows.filter(trouble="").update(trouble_since=now or selectors.database_now())
    rows.update(trouble=clean_line(words)[:TROUBLE_MAX], etag="")


def take_word(mirror: ComponentMirror, word: Word, *, now: datetime | None = None) -> None:
    """The page answered: keep that, and let the component and its outage follow.

    A claim that somebody else has taken since is void: an answer that comes late changes nothing.
    """
    at = now or selectors.database_now()
    said = {"said": word.status, "etag": word.tag, "answered_at": at, "trouble": "", "trouble_since": None}
    if _claimed(mirror).update(**said) and _calls_for_more(mirror, word, at):
        follow(mirror=mirror, word=word, now=now)


def take_silence(mirror: ComponentMirror, *, now: datetime | None = None) -> None:
    """Nothing changed on the page since its last answer. Where the component changed meanwhile, it is asked in full."""
    held = ComponentStatus(mirror.said)
    needs_all = _calls_for_more(mirror, Word(held), now or selectors.database_now())
    take_word(mirror, Word(held, tag="" if needs_all else mirror.etag), now=now)


def _claimed(mirror: ComponentMirror) -> Any:
    """The row, as long as nobody asked again since."""
    return ComponentMirror.objects.filter(pk=mirror.pk, checked_at=mirror.checked_at)


# --- What follows from an answer ----------------------------------------------------------------


def _calls_for_more(mirror: ComponentMirror, word: Word, at: datetime) -> bool:
    """Whether the component, or its outage's evidence, is not yet as the page says."""
    component = Component.objects.get(pk=mirror.component_id)
    if component.status != word.status and not is_spoken_for(component):
        return True
    outage = _concerned(component, word)
    return bool(outage and _proof(outage, mirror, word, at))


def is_spoken_for(component: Component) -> bool:
    """Whether staff speak of it: an open incident, or work that is going on."""
    incidents = Incident.objects.filter(status__in=OPEN_INCIDENT, claims__component=component)
    work = Maintenance.objects.filter(status__in=ACTIVE_MAINTENANCE, claims__component=component)
    return incidents.exists() or work.exists()


@action
def follow(*, mirror: ComponentMirror, word: Word, now: datetime | None = None) -> None:
    """Set the component's status as the page has it, and keep what the page says with its outage."""
    now = now or selectors.database_now()
    if not _claimed(mirror).exists():
        return
    component = Component.objects.select_related("group").get(pk=mirror.component_id)
    kept = _keep(mirror, word, now)
    affected = []
    if component.status != word.status and not is_spoken_for(component):
        bump(now)
        affected = set_statuses({component: word.status}, at=now, cause=Cause.THIRD_PARTY)
        kept = _keep(mirror, word, now) or kept
    if affected or kept:
        after = {"page": mirror.page_url, "components": affected, **kept}
        _note(audit.SYSTEM, "follow_page", component, now, after=after)


def _concerned(component: Component, word: Word) -> Outage | None:
    """The outage that is open; else the last of an incident that the provider still tells of."""
    rows = Outage.objects.current().filter(component=component, client=None)
    told = [each.id for each in word.incidents]
    return rows.filter(ended_at=None).first() or rows.filter(provider_incident__in=told).first()


def _keep(mirror: ComponentMirror, word: Word, at: datetime) -> dict[str, str]:
    """What is new with the outage, for the audit log: a digest, so that evidence cannot be changed unseen."""
    outage = _concerned(mirror.component, word)
    facts = _proof(outage, mirror, word, at) if outage else {}
    if not (outage and facts):
        return {}
    Outage.objects.filter(pk=outage.pk).update(**facts)
    return {"outage": str(outage.pk), "evidence": digest(facts.get("provider_evidence", outage.provider_evidence))}


def _proof(outage: Outage, mirror: ComponentMirror, word: Word, at: datetime) -> dict[str, Any]:
    """The outage's columns that the page's word changes; what staff filled in stays.

    A page to which all is well, and that tells of nothing, is no proof of anything.
    """
    if word.status == ComponentStatus.OPERATIONAL and not word.incidents:
        return {}
    seen = evidence.added(outage.provider_evidence, word.incidents, page=mirror.page_url, at=at)
    facts: dict[str, Any] = {} if seen == outage.provider_evidence else {"provider_evidence": seen}
    first = word.incidents[0] if word.incidents else None
    if first and not outage.provider_incident:
        facts |= {"provider_incident": first.id, "provider_url": (first.url or mirror.page_url)[:URL_MAX]}
    if not outage.provider_name:
        facts |= {"provider_name": mirror.page_name[:NAME_MAX]}
    return facts


def digest(kept: Any) -> str:
    """SHA-256 of the evidence as canonical JSON; empty where there is none."""
    if not kept:
        return ""
    return hashlib.sha256(json.dumps(kept, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _facts(mirror: ComponentMirror | None) -> dict[str, str] | None:
    return {name: getattr(mirror, name) for name in Followed.__annotations__} if mirror else None


def _note(actor: audit.Actor, act: str, component: Component, at: datetime, **facts: Any) -> None:
    audit.record(actor=actor, action=act, kind="component", object_id=component.pk, at=at, **facts)
