"""A group's course as JSON, exact both ways: what `AlertGroup.course` holds."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from statuspage.vocabulary import ComponentStatus, Impact, IncidentStatus

from .facts import Alert, Course, Said

TIMES = ("over_at", "back_at", "said_at", "better_at", "unsteady_until")


def as_data(course: Course) -> dict[str, Any]:
    return {
        "alerts": [_alert_data(each) for each in course.alerts.values()],
        "hidden": course.hidden,
        "said": said_data(course.said),
        "wanted": said_data(course.wanted),
        **{name: _text(getattr(course, name)) for name in TIMES},
    }


def from_data(data: Mapping[str, Any]) -> Course:
    alerts = [_alert(each) for each in data.get("alerts", [])]
    return Course(
        alerts={each.fingerprint: each for each in alerts},
        hidden=data.get("hidden", 0),
        said=said_from(data.get("said")),
        wanted=said_from(data.get("wanted")),
        **{name: _moment(data.get(name)) for name in TIMES},
    )


def said_data(said: Said | None) -> dict[str, Any] | None:
    if said is None:
        return None
    return {
        "is_over": said.is_over,
        "status": str(said.status),
        "impact": said.impact and str(said.impact),
        "components": {pk: status and str(status) for pk, status in said.components.items()},
        "lines": dict(said.lines),
    }


def said_from(data: Mapping[str, Any] | None) -> Said | None:
    if data is None:
        return None
    return Said(
        is_over=data["is_over"],
        status=IncidentStatus(data["status"]),
        impact=Impact(data["impact"]) if data["impact"] else None,
        components={pk: ComponentStatus(each) if each else None for pk, each in data["components"].items()},
        lines=dict(data["lines"]),
    )


def _alert_data(alert: Alert) -> dict[str, Any]:
    return {
        "fingerprint": alert.fingerprint,
        "starts_at": _text(alert.starts_at),
        "ends_at": _text(alert.ends_at),
        "seen_at": _text(alert.seen_at),
        "components": list(alert.components),
        "component_status": alert.component_status and str(alert.component_status),
        "status": str(alert.status),
        "impact": alert.impact and str(alert.impact),
        "name": alert.name,
        "summary": alert.summary,
    }


def _alert(data: Mapping[str, Any]) -> Alert:
    starts_at = _moment(data["starts_at"])
    assert starts_at
    return Alert(
        fingerprint=data["fingerprint"],
        starts_at=starts_at,
        ends_at=_moment(data["ends_at"]),
        seen_at=_moment(data["seen_at"]),
        components=tuple(data["components"]),
        component_status=ComponentStatus(data["component_status"]) if data["component_status"] else None,
        status=IncidentStatus(data["status"]),
        impact=Impact(data["impact"]) if data["impact"] else None,
        name=data["name"],
        summary=data["summary"],
    )


def _text(at: datetime | None) -> str | None:
    return at and at.astimezone(UTC).isoformat()


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
