"""Incidents and maintenances as Statuspage's v1 sends and answers them; it knows both by one name."""

from typing import Annotated, Any, Literal, get_args

from ninja import Schema
from pydantic import ConfigDict, Field

from statuspage.actions.base import BODY_MAX

from .answers import Sent, Title, Words
from .component_objects import Component
from .sending import Blank, Flag, Id, Ids, Instant, Metadata, PageInstant

RealtimeStatus = Literal["investigating", "identified", "monitoring", "resolved"]
ScheduledStatus = Literal["scheduled", "in_progress", "verifying", "completed"]
Impact = Literal["none", "maintenance", "minor", "major", "critical"]
ComponentStatus = Literal[
    "operational", "under_maintenance", "degraded_performance", "partial_outage", "major_outage", ""
]

# --- Sent -----------------------------------------------------------------------------------------


class ComponentSent(Sent):
    """A component as it was answered: its status is meant."""

    id: Id
    status: ComponentStatus = ""


class IncidentFields(Sent):
    """What can be said of an incident. Whatever else Statuspage knows (tweets) is taken and does nothing.

    `components`: id -> status, or a list of ids, or one of objects as they are answered; "" names a component and
    leaves its status. Statuses of a scheduled maintenance hold once it has begun. A time without an offset is UTC.
    """

    impact_override: Annotated[Impact | Literal[""] | None, Blank] = None
    scheduled_for: Instant = None
    scheduled_until: Instant = None
    scheduled_remind_prior: Flag = None
    scheduled_auto_transition: Flag = None
    scheduled_auto_in_progress: Flag = None
    scheduled_auto_completed: Flag = None
    auto_transition_deliver_notifications_at_start: Flag = None
    auto_transition_deliver_notifications_at_end: Flag = None
    metadata: Metadata = None
    deliver_notifications: Flag = None
    body: Annotated[Annotated[str, Field(max_length=BODY_MAX)] | None, Blank] = None
    components: Annotated[dict[Id, ComponentStatus] | list[Id | ComponentSent] | None, Blank] = None
    component_ids: Ids = None

    def asked(self) -> dict[str, Any]:
        """The fields that were sent and say something; components by their ids, however they came."""
        fields = self.model_dump(exclude_unset=True, exclude_none=True)
        if isinstance(sent := fields.get("components"), list):
            whole = [each for each in sent if isinstance(each, dict)]
            fields["component_ids"] = [*(each for each in sent if each not in whole), *fields.get("component_ids", ())]
            fields["components"] = {each["id"]: each.get("status", "") for each in whole}
            if not whole:
                del fields["components"]
        return fields


NOTHING: dict[str, Any] = {"enum": [None, ""]}
MOMENT = {"type": "string", "minLength": 1}
PRESENT = {"enum": [None, False, ""]}
KINDS: Any = [
    {
        "title": "An incident",
        "properties": {
            "status": {"enum": [None, "", *get_args(RealtimeStatus)]},
            "scheduled_for": NOTHING,
            "backfilled": PRESENT,
        },
    },
    {
        "title": "Scheduled maintenance",
        "required": ["scheduled_for", "scheduled_until"],
        "properties": {
            "status": {"enum": [None, "", *get_args(ScheduledStatus)]},
            "scheduled_for": MOMENT,
            "scheduled_until": MOMENT,
            "backfilled": PRESENT,
        },
    },
    {
        "title": "An incident of the past",
        "required": ["backfilled"],
        "properties": {
            "backfilled": {"const": True},
            "components": {"enum": [None, "", {}, []]},
            "component_ids": {"enum": [None, "", []]},
        },
    },
]
"""What goes together in a new one, as the document says it; `incident_writing.create` asks for the same."""


class NewIncident(IncidentFields):
    """`scheduled_for` makes it a maintenance; `backfilled` one of the past, at `backfill_date` (the page's time)."""

    model_config = ConfigDict(json_schema_extra={"anyOf": KINDS})

    name: Title
    status: Annotated[RealtimeStatus | ScheduledStatus | Literal[""] | None, Blank] = None
    backfilled: Flag = None
    backfill_date: PageInstant = None


class IncidentChanges(IncidentFields):
    """`cancelled` is this product's own: it calls a maintenance off and says so."""

    name: Annotated[Title | Literal[""] | None, Blank] = None
    status: Annotated[RealtimeStatus | ScheduledStatus | Literal["postmortem", "cancelled", ""] | None, Blank] = None


class NewIncidentIn(Sent):
    incident: NewIncident


class IncidentChangesIn(Sent):
    incident: IncidentChanges


class UpdateChanges(Sent):
    """Another text, another time that it stands at. Who was told keeps what was sent."""

    body: Annotated[Words | Literal[""] | None, Blank] = None
    display_at: Instant = None


class UpdateChangesIn(Sent):
    incident_update: UpdateChanges


class PostmortemDraft(Sent):
    body_draft: Words


class PostmortemDraftIn(Sent):
    postmortem: PostmortemDraft


class PostmortemTelling(Sent):
    notify_subscribers: Flag = None


class PostmortemTellingIn(Sent):
    postmortem: PostmortemTelling = Field(default_factory=PostmortemTelling)


class NewTemplate(Sent):
    name: Title
    title: Title
    body: Words
    update_status: Annotated[RealtimeStatus | ScheduledStatus | Literal[""] | None, Blank] = None
    should_send_notifications: Flag = None
    component_ids: Ids = None


class NewTemplateIn(Sent):
    template: NewTemplate


# --- Answered -------------------------------------------------------------------------------------


class AffectedComponent(Schema):
    """What an update said of one component."""

    code: str
    name: str
    old_status: str
    new_status: str


class IncidentUpdate(Schema):
    id: str
    incident_id: str
    status: str
    body: str
    affected_components: list[AffectedComponent] | None
    deliver_notifications: bool
    display_at: str
    created_at: str
    updated_at: str
    custom_tweet: str | None
    tweet_id: str | None
    twitter_updated_at: str | None
    wants_twitter_update: bool


class Incident(Schema):
    """An incident, or a scheduled maintenance; one that was called off is `completed`."""

    id: str
    page_id: str
    name: str
    status: str
    impact: str
    impact_override: str | None
    created_at: str
    updated_at: str
    started_at: str
    monitoring_at: str | None
    resolved_at: str | None
    shortlink: str
    backfilled: bool
    metadata: dict[str, Any]
    scheduled_for: str | None
    scheduled_until: str | None
    scheduled_remind_prior: bool
    scheduled_reminded_at: str | None
    scheduled_auto_in_progress: bool
    scheduled_auto_completed: bool
    auto_transition_to_maintenance_state: bool
    auto_transition_to_operational_state: bool
    auto_transition_deliver_notifications_at_start: bool
    auto_transition_deliver_notifications_at_end: bool
    auto_tweet_at_beginning: bool
    auto_tweet_on_completion: bool
    auto_tweet_on_creation: bool
    auto_tweet_one_hour_before: bool
    reminder_intervals: str | None
    postmortem_body: str | None
    postmortem_body_last_updated_at: str | None
    postmortem_ignored: bool
    postmortem_published_at: str | None
    postmortem_notified_subscribers: bool
    postmortem_notified_twitter: bool
    incident_updates: list[IncidentUpdate]
    components: list[Component]


class Postmortem(Schema):
    """A draft, what is published, or both."""

    preview_key: str | None
    body: str | None
    body_updated_at: str | None
    body_draft: str | None
    body_draft_updated_at: str | None
    published_at: str | None
    notify_subscribers: bool
    notify_twitter: bool
    custom_tweet: str | None
    created_at: str | None
    updated_at: str | None


class IncidentTemplate(Schema):
    id: str
    name: str
    title: str
    body: str
    group_id: str | None
    update_status: str | None
    should_tweet: bool
    should_send_notifications: bool
    components: list[Component]
