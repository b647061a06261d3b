"""Emergencies: incidents that were published while the database was away get their rows."""

from statuspage import audit, selectors
from statuspage.models import Component, Incident
from statuspage.publishing import emergency, publish, store
from statuspage.publishing.emergency import Emergency
from statuspage.roles import Ability
from statuspage.status import impact_of
from statuspage.vocabulary import Cause, ComponentStatus, IncidentStatus

from .base import action, bump, component_statuses
from .incident_updates import store_update
from .words import Word

OPERATOR = audit.Actor(name="post_emergency", source="command", abilities=frozenset({Ability.PUBLISH}))
"""Whoever stood at the machine; who that was, its own log knows."""


def merge() -> int:
    """Store what was published without the database, once; how many. Nobody is told by this."""
    root = store.root()
    found = emergency.pending(root)
    for each in found:
        store_emergency(each)
        emergency.settle(root, each)
    return len(found)


@action
def store_emergency(posted: Emergency) -> None:
    """One incident with the id, the words and the time that readers have."""
    if Incident.everything.filter(pk=posted.id).exists():
        return
    statuses = component_statuses(still_said(posted))
    follow_the_folder()
    incident = Incident(
        pk=posted.id,
        name=posted.title,
        status=IncidentStatus.INVESTIGATING,
        impact=impact_of(statuses.values()),
        cause=Cause.OWN,
        started_at=posted.posted_at,
        created_at=posted.posted_at,
        updated_at=posted.posted_at,
        revision=bump(selectors.database_now()),
    )
    incident.save(force_insert=True)
    word = Word(body=posted.body, actor=OPERATOR, at=posted.posted_at, notify=False, id=posted.update_id)
    store_update(incident, word, status=incident.status, statuses=statuses, promise=None, act="post_emergency")


def still_said(posted: Emergency) -> dict[str, ComponentStatus]:
    """What it said of components that are still there, and of which nothing was said since."""
    known = Component.objects.listed().filter(pk__in=posted.components, updated_at__lte=posted.posted_at)
    return {pk: ComponentStatus(posted.components[pk]) for pk in known.values_list("pk", flat=True)}


def follow_the_folder() -> None:
    """Readers have a revision that the database never had: the next one is above it."""
    held = store.read_manifest(store.root())
    if held:
        publish.overtake(held)
