"""Statuspage's webhook objects, frozen with the publication: what was published is what is posted.

Written into the outbox row's payload in the transaction that publishes, because receivers
want an incident with all its updates and components as they stood then. The fields are
those of Statuspage's webhooks, all of them; `messages.webhook` puts the envelope around.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from statuspage import selectors
from statuspage.events import AffectedComponent, Event
from statuspage.publishing.api_v2 import status_of, time
from statuspage.vocabulary import IncidentStatus

Data = dict[str, Any]

Row = Any
"""A row of the status page's, as `selectors` hands it out."""

VIEW = "statuspage"
"""The payload's key. A row without it was recorded while webhooks were off, and is posted to nobody."""


def frozen(event: Event) -> dict[str, Data]:
    """The payload's part for webhooks; nothing where what the event speaks of is not there."""
    return frozen_subject(event.subject_kind, event.subject_id)


def frozen_subject(kind: str, subject_id: str) -> dict[str, Data]:
    """The same of an incident or a maintenance as it is now."""
    subject = selectors.told_of(kind, subject_id)
    if subject is None:
        return {}
    shown = page()
    is_planned = kind == "maintenance"
    return {VIEW: {"page": shown, "incident": incident(subject, shown["id"], is_planned=is_planned)}}


def frozen_component(affected: AffectedComponent, event: Event) -> dict[str, Data]:
    """The same for one component whose status an update changed."""
    row = selectors.components().filter(pk=affected.code).first()
    if row is None:
        return {}
    update = {
        "old_status": affected.old_status,
        "new_status": affected.new_status,
        "created_at": time(event.published_at),
        "component_type": "Component",
        "id": event.update_id,
        "component_id": affected.code,
    }
    shown = page()
    return {VIEW: {"page": shown, "component": component(row, shown["id"]), "component_update": update}}


def page() -> Data:
    status = selectors.page_status()
    return {
        "id": selectors.page_id(),
        "status_indicator": status.indicator,
        "status_description": status.description,
    }


def incident(row: Row, page_id: str, *, is_planned: bool) -> Data:
    """An incident or a maintenance: the dialect knows them by one name."""
    updates = list(row.updates.all())
    data = {
        "name": row.name,
        "status": status_of(row.status),
        "created_at": time(row.created_at),
        "updated_at": time(row.updated_at),
        "monitoring_at": time(row.monitoring_at),
        "resolved_at": time(row.resolved_at),
        "impact": row.impact,
        "shortlink": row.shortlink or selectors.address_of(row),
        **postmortem(updates),
        "backfilled": getattr(row, "is_backfilled", False),
        **(window(row) if is_planned else NO_WINDOW),
        "id": row.pk,
        "page_id": page_id,
        "incident_updates": [update(each, row) for each in updates],
        "components": list(components(row, page_id)),
    }
    if getattr(row, "impact_is_chosen", False):
        data["impact_override"] = row.impact
    return data


def postmortem(updates: Sequence[Row]) -> Data:
    """A postmortem is an update like others here; the dialect repeats it beside them."""
    said = next((each for each in updates if each.status == IncidentStatus.POSTMORTEM), None)
    return {
        "postmortem_ignored": False,
        "postmortem_body": said.body if said else None,
        "postmortem_body_last_updated_at": time(said.updated_at) if said else None,
        "postmortem_published_at": time(said.display_at) if said else None,
        "postmortem_notified_subscribers": bool(said and said.deliver_notifications),
        "postmortem_notified_twitter": False,
    }


NO_WINDOW: Data = {
    "scheduled_for": None,
    "scheduled_until": None,
    "scheduled_remind_prior": False,
    "scheduled_reminded_at": None,
    "impact_override": None,
    "scheduled_auto_in_progress": False,
    "scheduled_auto_completed": False,
}


def window(row: Row) -> Data:
    """Windows are reminded of, and begin and end by themselves unless staff chose otherwise."""
    return NO_WINDOW | {
        "scheduled_for": time(row.scheduled_for),
        "scheduled_until": time(row.scheduled_until),
        "scheduled_remind_prior": True,
        "scheduled_auto_in_progress": row.auto_start,
        "scheduled_auto_completed": row.auto_complete,
    }


def update(row: Row, of: Row) -> Data:
    return {
        "status": status_of(row.status),
        "body": row.body,
        "created_at": time(row.created_at),
        "wants_twitter_update": False,
        "twitter_updated_at": None,
        "updated_at": time(row.updated_at),
        "display_at": time(row.display_at),
        "affected_components": row.affected_components,
        "custom_tweet": None,
        "deliver_notifications": row.deliver_notifications,
        "id": row.pk,
        "incident_id": of.pk,
    }


def components(row: Row, page_id: str) -> Iterator[Data]:
    """All it ever touched, as they are now, in the page's order."""
    touched = [claim.component for claim in row.claims.all()]
    return (component(each, page_id) for each in sorted(touched, key=lambda each: (each.position, each.name)))


def component(row: Row, page_id: str) -> Data:
    return {
        "status": row.status,
        "name": row.name,
        "created_at": time(row.created_at),
        "updated_at": time(row.updated_at),
        "position": row.position,
        "description": row.description or None,
        "showcase": row.showcase,
        "id": row.pk,
        "page_id": page_id,
        "group_id": row.group_id,
    }
