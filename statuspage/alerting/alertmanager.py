"""Pure: what Alertmanager's webhook says, version 4 of its payload, with the labels and annotations of the bridge.

https://prometheus.io/docs/alerting/latest/configuration/#webhook_config. Labels `statuspage`,
`statuspagePageId`, `statuspageComponentId`; annotations `statuspageComponentName`, `statuspageStatus`,
`statuspageImpactOverride`, `statuspageComponentStatus`, `statuspageSummary`. No other label or
annotation becomes public: they name machines and people.
"""

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar

from statuspage.text import clean_line
from statuspage.vocabulary import ComponentStatus, Impact, IncidentStatus

from .facts import STATUS_RANK, Alert, Report

VERSION = "4"
MOST_ALERTS = 2_000
SUMMARY_MAX = 500
NAME_MAX = 120
KEY_MAX = 4_096
PLAIN = re.compile("[A-Za-z0-9_.:-]{1,64}")
FIRST_YEAR = 2000
"""Alertmanager writes `0001-01-01T00:00:00Z` for the end of what still fires."""

W = TypeVar("W", bound=StrEnum)


class Unreadable(ValueError):
    """What is wrong with a payload, in words for whoever configures what sends it."""


def read(payload: Any, page_id: str) -> tuple[str, Report]:
    """The group's key, and what is said of it; alerts that name another page are not ours. Raises Unreadable."""
    data = _dictionary(payload, "the payload")
    if str(data.get("version")) != VERSION:
        raise Unreadable(f"version: {clean_line(str(data.get('version')))[:20]!r}, where {VERSION!r} is known")
    key = data.get("groupKey")
    if not (isinstance(key, str) and 0 < len(key) <= KEY_MAX):
        raise Unreadable(f"groupKey: a text of 1 to {KEY_MAX} characters is expected")
    alerts = data.get("alerts")
    if not isinstance(alerts, list) or not 0 < len(alerts) <= MOST_ALERTS:
        raise Unreadable(f"alerts: a list of 1 to {MOST_ALERTS} is expected")
    ours = [each for each in (_dictionary(one, "alerts") for one in alerts) if _is_ours(each, page_id)]
    if not ours:
        raise Unreadable(f"statuspagePageId: no alert is for the page {page_id}")
    hidden = data.get("truncatedAlerts") or 0
    if not isinstance(hidden, int) or hidden < 0:
        raise Unreadable("truncatedAlerts: a number of zero or more is expected")
    return key, Report(alerts=tuple(map(_alert, ours)), is_whole=hidden == 0, hidden=hidden)


def _is_ours(alert: Mapping[str, Any], page_id: str) -> bool:
    labels = _texts(alert, "labels")
    return labels.get("statuspagePageId", page_id) == page_id and labels.get("statuspage", "true").lower() != "false"


def _alert(data: Mapping[str, Any]) -> Alert:
    labels, notes = _texts(data, "labels"), _texts(data, "annotations")
    starts_at = moment(data.get("startsAt"))
    if starts_at is None:
        raise Unreadable("startsAt: a time is expected, such as 2026-11-02T12:00:00Z")
    if data.get("status") not in {"firing", "resolved"}:
        raise Unreadable(f"status: {clean_line(str(data.get('status')))[:20]!r} is neither firing nor resolved")
    status = known(IncidentStatus, notes.get("statuspageStatus"))
    return Alert(
        fingerprint=_fingerprint(data, labels),
        starts_at=starts_at,
        ends_at=None if data["status"] == "firing" else max(moment(data.get("endsAt")) or starts_at, starts_at),
        components=listed(labels.get("statuspageComponentId")),
        component_status=known(ComponentStatus, notes.get("statuspageComponentStatus")),
        status=status if status in STATUS_RANK else IncidentStatus.IDENTIFIED,
        impact=known(Impact, notes.get("statuspageImpactOverride")),
        name=clean_line(notes.get("statuspageComponentName", ""))[:NAME_MAX],
        summary=clean_line(notes.get("statuspageSummary", ""))[:SUMMARY_MAX],
    )


def _fingerprint(data: Mapping[str, Any], labels: Mapping[str, str]) -> str:
    """Alertmanager's own, or one of the labels, as it makes it; a fingerprint says which alert it is over and over."""
    given = data.get("fingerprint")
    if isinstance(given, str) and PLAIN.fullmatch(given):
        return given
    drawn = "\x00".join(f"{name}\x01{labels[name]}" for name in sorted(labels))
    return hashlib.sha256(drawn.encode("utf-8", "surrogatepass")).hexdigest()


def listed(text: str | None) -> tuple[str, ...]:
    """Ids with commas or spaces between them, each once."""
    return tuple(dict.fromkeys((text or "").replace(",", " ").split()))


def known(words: type[W], text: str | None) -> W | None:
    """A word of that vocabulary; None where it is another, as `none` is for a component's status."""
    try:
        return words((text or "").strip().lower())
    except ValueError:
        return None


def moment(text: Any) -> datetime | None:
    """An instant in UTC, its parts of a second cut to microseconds; None for none, and for the year 1."""
    try:
        at = datetime.fromisoformat(_with_microseconds(str(text)))
        at = at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    return at if at.year >= FIRST_YEAR else None


def _with_microseconds(text: str) -> str:
    """Go writes up to nine digits."""
    whole, point, rest = text.partition(".")
    digits = rest[: len(rest) - len(rest.lstrip("0123456789"))]
    return f"{whole}.{digits[:6].ljust(6, '0')}{rest[len(digits) :]}" if point else text


def _dictionary(value: Any, what: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise Unreadable(f"{what}: an object is expected")
    return value


def _texts(data: Mapping[str, Any], field: str) -> dict[str, str]:
    """Labels or annotations: names and texts."""
    found = data.get(field) or {}
    return {str(name): str(words) for name, words in _dictionary(found, field).items()}
