"""Rows of incidents and maintenances -> Statuspage's v1 objects, all keys of them. No writes, no decision."""

from collections.abc import Iterable
from typing import Any

from statuspage import selectors
from statuspage.models import Component, Incident, IncidentUpdate, Maintenance, MaintenanceUpdate, Template
from statuspage.publishing.api_v2 import status_of, time
from statuspage.vocabulary import Impact, IncidentStatus, MaintenanceStatus

from .component_objects import component

Data = dict[str, Any]
Entry = Incident | Maintenance
Update = IncidentUpdate | MaintenanceUpdate

WITH_IT = ("updates", "claims__component")
"""What an object is made of beside its row; to prefetch where many are answered."""


def entry_of(row: Entry, page_id: str) -> Data:
    """An incident or a maintenance: the dialect knows them by one name."""
    updates = list(row.updates.all())
    return {
        "id": row.pk,
        "page_id": page_id,
        "name": row.name,
        "status": status_of(row.status),
        "impact": row.impact,
        "impact_override": impact_override(row),
        "created_at": time(row.created_at),
        "updated_at": time(row.updated_at),
        "started_at": time(row.announced_at if isinstance(row, Maintenance) else row.started_at),
        "monitoring_at": time(row.monitoring_at),
        "resolved_at": time(row.resolved_at),
        "shortlink": row.shortlink or selectors.address_of(row),
        "backfilled": isinstance(row, Incident) and row.is_backfilled,
        "metadata": row.metadata or {},
        **(window_of(row) if isinstance(row, Maintenance) else NO_WINDOW),
        **NO_TWEETS,
        **postmortem_fields(updates),
        "incident_updates": [update_of(each, row.pk) for each in updates],
        "components": components_of((claim.component for claim in row.claims.all()), page_id),
    }


def impact_override(row: Entry) -> str | None:
    """Where somebody chose the impact; it follows the components, or is that of maintenance, otherwise."""
    if isinstance(row, Maintenance):
        return None if row.impact == Impact.MAINTENANCE else row.impact
    return row.impact if row.impact_is_chosen else None


NO_WINDOW: Data = {
    "scheduled_for": None,
    "scheduled_until": None,
    "scheduled_remind_prior": False,
    "scheduled_reminded_at": None,
    "scheduled_auto_in_progress": False,
    "scheduled_auto_completed": False,
    "auto_transition_to_maintenance_state": False,
    "auto_transition_to_operational_state": False,
    "auto_transition_deliver_notifications_at_start": False,
    "auto_transition_deliver_notifications_at_end": False,
    "reminder_intervals": None,
}

NO_TWEETS: Data = {
    "auto_tweet_at_beginning": False,
    "auto_tweet_on_completion": False,
    "auto_tweet_on_creation": False,
    "auto_tweet_one_hour_before": False,
}


def window_of(row: Maintenance) -> Data:
    """Components always go under maintenance when the work begins, and return when it ends."""
    return NO_WINDOW | {
        "scheduled_for": time(row.scheduled_for),
        "scheduled_until": time(row.scheduled_until),
        "scheduled_remind_prior": row.reminders != [],
        "scheduled_auto_in_progress": row.auto_start,
        "scheduled_auto_completed": row.auto_complete,
        "auto_transition_to_maintenance_state": True,
        "auto_transition_to_operational_state": True,
        "auto_transition_deliver_notifications_at_start": row.tells_start,
        "auto_transition_deliver_notifications_at_end": row.tells_end,
    }


def postmortem_fields(updates: Iterable[Update]) -> Data:
    """A postmortem is an update like others here; the dialect repeats it beside them."""
    said = next((each for each in updates if each.status == IncidentStatus.POSTMORTEM), None)
    return {
        "postmortem_body": said.body if said else None,
        "postmortem_body_last_updated_at": time(said.updated_at) if said else None,
        "postmortem_ignored": False,
        "postmortem_published_at": time(said.created_at) if said else None,
        "postmortem_notified_subscribers": bool(said and said.deliver_notifications),
        "postmortem_notified_twitter": False,
    }


def update_of(row: Update, entry_id: str) -> Data:
    return {
        "id": row.pk,
        "incident_id": entry_id,
        "status": status_of(row.status),
        "body": row.body,
        "affected_components": row.affected_components,
        "deliver_notifications": row.deliver_notifications,
        "display_at": time(row.display_at),
        "created_at": time(row.created_at),
        "updated_at": time(row.updated_at),
        "custom_tweet": None,
        "tweet_id": None,
        "twitter_updated_at": None,
        "wants_twitter_update": False,
    }


def components_of(rows: Iterable[Component], page_id: str) -> list[Data]:
    """These components as they are now, in the page's order."""
    return [component(each, page_id) for each in sorted(rows, key=lambda each: (each.position, each.name))]


def postmortem_of(row: Incident, published: IncidentUpdate | None) -> Data:
    """What is published, and the draft beside it; a published one is its own draft until another is written."""
    body = published.body if published else None
    told_at, drafted_at = published and published.updated_at, row.postmortem_draft_at
    moments = [each for each in (told_at, drafted_at) if each]
    return {
        "preview_key": None,
        "body": body,
        "body_updated_at": time(told_at),
        "body_draft": row.postmortem_draft or body,
        "body_draft_updated_at": time(drafted_at or told_at),
        "published_at": time(published.created_at if published else None),
        "notify_subscribers": bool(published and published.deliver_notifications),
        "notify_twitter": False,
        "custom_tweet": None,
        "created_at": time(published.created_at if published else drafted_at),
        "updated_at": time(max(moments, default=None)),
    }


def template_of(row: Template, page_id: str) -> Data:
    is_planned = row.kind == Template.Kind.MAINTENANCE
    return {
        "id": row.pk,
        "name": row.name,
        "title": row.title,
        "body": row.body,
        "group_id": None,
        "update_status": MaintenanceStatus.SCHEDULED if is_planned else row.update_status or None,
        "should_tweet": False,
        "should_send_notifications": row.notify,
        "components": components_of(row.components.all(), page_id),
    }
