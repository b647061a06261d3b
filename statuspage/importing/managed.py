"""What the Manage API v1 answers, as the documents that `parse` reads, and as templates and subscribers.

Pure. Its objects are those of `/api/v2` with some differences: groups are a list of their own, incidents and
maintenances one, a page's zone may be a name of its own, and a postmortem may stand in the incident alone.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import available_timezones

from statuspage.ports import IncomingSubscriber
from statuspage.vocabulary import OPEN_INCIDENT, IncidentStatus, MaintenanceStatus

from .fields import Fields
from .parse import COMPONENTS, INCIDENTS, MAINTENANCES

MAINTENANCE = {each.value for each in MaintenanceStatus}
STATES = ("active", "unconfirmed", "quarantined")
UNSUBSCRIBED = "unsubscribed"


def documents(
    page: Any, components: Iterable[Any], groups: Iterable[Any], entries: Iterable[Any]
) -> dict[str, dict[str, Any]]:
    """Documents for `parse.history`."""
    named = _page(Fields(page, "page"))
    incidents = [_with_postmortem(each) for each in entries]
    return {
        COMPONENTS: {"page": named, "components": list(_components(components, groups))},
        INCIDENTS: {"page": named, "incidents": [each for each in incidents if not is_maintenance(each)]},
        MAINTENANCES: {"page": named, "scheduled_maintenances": [each for each in incidents if is_maintenance(each)]},
    }


def is_maintenance(entry: Mapping[str, Any]) -> bool:
    return entry.get("status") in MAINTENANCE


def _page(page: Fields) -> dict[str, Any]:
    zone = page.data.get("time_zone")
    return page.data | {"time_zone": zone if zone in available_timezones() else None}


def _components(components: Iterable[Any], groups: Iterable[Any]) -> Iterator[Any]:
    """Groups once: they may stand among the components too. Who is in one, either list may say."""
    groups = [Fields(each, f"component-groups {number}") for number, each in enumerate(groups, 1)]
    led = {member: each.data["id"] for each in groups for member in each.data.get("components") or () if member}
    for each in groups:
        yield each.data | {"group": True, "position": _position(each.data.get("position"))}
    known = {each.data["id"] for each in groups}
    for each in components:
        if each["id"] not in known:
            yield each | {"group_id": each.get("group_id") or led.get(each["id"])}


def _position(value: Any) -> Any:
    """Statuspage's groups have theirs as text."""
    return int(value) if isinstance(value, str) and value.isdigit() else value


def _with_postmortem(entry: Any) -> Any:
    """A published postmortem is an update, as on the page; here it may stand in the incident's own fields only."""
    body, at = entry.get("postmortem_body"), entry.get("postmortem_published_at")
    updates = entry.get("incident_updates") or []
    if not body or not at or any(each.get("status") == IncidentStatus.POSTMORTEM for each in updates):
        return entry
    moment = at if isinstance(at, str) else entry.get("postmortem_body_last_updated_at") or entry.get("updated_at")
    said = {
        "id": derived_id(f"postmortem {entry.get('id')}"),
        "status": IncidentStatus.POSTMORTEM.value,
        "body": body,
        "created_at": moment,
        "updated_at": moment,
        "display_at": moment,
        "affected_components": None,
        "deliver_notifications": bool(entry.get("postmortem_notified_subscribers")),
    }
    return entry | {"incident_updates": [said, *updates], "status": IncidentStatus.POSTMORTEM.value}


def derived_id(name: str) -> str:
    """12 lower-case letters and digits that follow from a name: the same at every import."""
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:10])
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    return "".join(digits[number // 36**place % 36] for place in range(12))


# --- Templates --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Template:
    """Words written ahead. `update_status` is empty where ours starts with its own."""

    id: str
    is_maintenance: bool
    name: str
    title: str
    body: str
    update_status: str
    notify: bool
    component_ids: tuple[str, ...]


def template(data: Any) -> Template:
    """One of `/incident_templates`."""
    row = Fields(data, "incident_templates")
    row = row.named(f"incident_templates: {row.identifier()}")
    status = row.data.get("update_status") or ""
    return Template(
        id=row.identifier(),
        is_maintenance=status in MAINTENANCE,
        name=row.line("name"),
        title=row.line("title") if row.data.get("title") else row.line("name"),
        body=row.text("body"),
        update_status=status if status in OPEN_INCIDENT else "",
        notify=row.flag("should_send_notifications", True),
        component_ids=_ids(row.data.get("components")) or _ids(row.data.get("component_ids")) or (),
    )


# --- Subscribers ------------------------------------------------------------------------------------------------


def subscriber(data: Any, state: str) -> IncomingSubscriber:
    """One of `/subscribers`, which is in `state` there. What cannot be told here has a channel of its own name."""
    row = Fields(data, "subscribers")
    channel = row.data.get("mode") or _mode(row.data)
    since = row.optional_moment("quarantined_at")
    return IncomingSubscriber(
        channel=channel if isinstance(channel, str) else "",
        address=_address(row, channel),
        country=_text(row.data.get("phone_country")),
        owner=_text(row.data.get("email")) if channel == "webhook" else "",
        state="quarantined" if since and state != UNSUBSCRIBED else state,
        since=since,
        created_at=row.optional_moment("created_at"),
        component_ids=_ids(row.data.get("components")),
    )


def _mode(data: Mapping[str, Any]) -> str:
    """Where it is not said: by what there is."""
    return next((mode for mode, name in KEYS.items() if data.get(name)), "")


KEYS = {"sms": "phone_number", "webhook": "endpoint", "email": "email"}


def _address(row: Fields, channel: Any) -> str:
    return _text(row.data.get(KEYS.get(channel, "")))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _ids(value: Any) -> tuple[str, ...] | None:
    """Ids, whether the list has them or whole objects; None where there is no list, or nothing in it: everything."""
    if not isinstance(value, list) or not value:
        return None
    found = (each.get("id") if isinstance(each, dict) else each for each in value)
    return tuple(each for each in found if isinstance(each, str))
