"""Pure: a webhook of any shape, read by a mapping that is data.

A mapping says for each fact where it stands in the payload, and what its words mean here:

    {
      "each": "alerts",
      "alert": "id",
      "state": {"path": "status", "values": {"alerting": "firing", "ok": "resolved"}},
      "component": {"path": "labels.service", "values": {"pay": "Checkout"}},
      "component_status": {"path": "severity", "values": {"critical": "major_outage"}, "default": "partial_outage"},
      "summary": "annotations.public"
    }

`each` names a list of alerts; without it the payload is one. A path is names and list positions
with dots between them, looked up in the alert first, then in the whole payload. `values` is a
table from the payload's words, in any case, to ours; what is not in it is the default.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from statuspage.text import clean_line
from statuspage.vocabulary import ComponentStatus, Impact, IncidentStatus

from .alertmanager import MOST_ALERTS, NAME_MAX, SUMMARY_MAX, Unreadable, known, moment
from .facts import STATUS_RANK, Alert, Report

WORDS: dict[str, Sequence[str]] = {
    "state": ("firing", "resolved"),
    "component_status": [str(each) for each in ComponentStatus],
    "status": [str(each) for each in STATUS_RANK],
    "impact": [str(each) for each in Impact],
}
"""What a fact's words can be here."""
FACTS = ("alert", "group", "component", "name", "summary", "starts_at", *WORDS)
EACH = "each"
DEEPEST = 12
KEY_MAX = 200
MILLISECONDS = 100_000_000_000
"""A number of this size counts milliseconds of the epoch; a smaller one seconds."""


def check(mapping: Any) -> dict[str, Any]:
    """The mapping, if it is one. Raises Unreadable, naming the fact."""
    if not isinstance(mapping, dict):
        raise Unreadable("mapping: an object is expected")
    for name, rule in mapping.items():
        if name == EACH:
            _check_path(name, rule)
        elif name in FACTS:
            _check_rule(name, rule)
        else:
            raise Unreadable(f"{clean_line(str(name))[:40]}: none of {', '.join([EACH, *FACTS])}")
    if "state" not in mapping:
        raise Unreadable("state: say where it stands whether the alert fires or is resolved")
    return mapping


def _check_rule(name: str, rule: Any) -> None:
    if isinstance(rule, str):
        return _check_path(name, rule)
    if not isinstance(rule, dict) or not rule or set(rule) - {"path", "values", "default"}:
        raise Unreadable(f"{name}: a path, or an object of path, values and default")
    _check_path(name, rule.get("path", "x"))
    values = rule.get("values", {})
    if not isinstance(values, dict) or not all(isinstance(each, str) for each in values.values()):
        raise Unreadable(f"{name}: values is a table of texts")
    given = [*values.values(), *([rule["default"]] if "default" in rule else [])]
    wrong = [each for each in given if name in WORDS and each not in WORDS[name] or not isinstance(each, str)]
    if wrong:
        raise Unreadable(
            f"{name}: {clean_line(str(wrong[0]))[:40]!r} is none of {', '.join(WORDS.get(name, ['text']))}"
        )
    return None


def _check_path(name: str, path: Any) -> None:
    if not isinstance(path, str) or not path.strip() or len(path.split(".")) > DEEPEST:
        raise Unreadable(f"{name}: a path is expected, such as alert.labels.service")


def read(payload: Any, mapping: Mapping[str, Any], now: datetime, components: Sequence[str] = ()) -> dict[str, Report]:
    """Group -> what is said of it; `components` where an alert names none. Raises Unreadable."""
    if not isinstance(payload, dict | list):
        raise Unreadable("the payload: an object is expected")
    found: dict[str, list[Alert]] = {}
    for one in _each(payload, mapping):
        alert, group = _alert(one, payload, mapping, now, tuple(components))
        found.setdefault(group, []).append(alert)
    if not found:
        raise Unreadable(f"{EACH}: the payload has no alert there")
    return {group: Report(alerts=tuple(alerts), is_whole=False) for group, alerts in found.items()}


def _each(payload: Any, mapping: Mapping[str, Any]) -> list[Any]:
    if EACH not in mapping:
        return [payload]
    found = dig(payload, mapping[EACH])
    if not isinstance(found, list) or len(found) > MOST_ALERTS:
        raise Unreadable(f"{EACH}: a list of at most {MOST_ALERTS} is expected at {mapping[EACH]}")
    return found


def _alert(
    one: Any, payload: Any, mapping: Mapping[str, Any], now: datetime, usual: tuple[str, ...]
) -> tuple[Alert, str]:
    said = {name: list(_said(mapping[name], one, payload)) if name in mapping else [] for name in FACTS}
    first = {name: words[0] if words else "" for name, words in said.items()}
    state = first["state"].lower()
    if state not in WORDS["state"]:
        raise Unreadable(f"state: {first['state'][:40]!r} is neither firing nor resolved")
    began = time(first["starts_at"]) or now
    fingerprint = first["alert"][:KEY_MAX]
    alert = Alert(
        fingerprint=fingerprint,
        starts_at=min(began, now),
        ends_at=now if state == "resolved" else None,
        components=tuple(said["component"]) or usual,
        component_status=known(ComponentStatus, first["component_status"]),
        status=known(IncidentStatus, first["status"]) or IncidentStatus.IDENTIFIED,
        impact=known(Impact, first["impact"]),
        name=first["name"][:NAME_MAX],
        summary=first["summary"][:SUMMARY_MAX],
    )
    return alert, (first["group"] or fingerprint)[:KEY_MAX]


def _said(rule: Any, one: Any, payload: Any) -> Iterator[str]:
    """The fact's words: one, or several where a list stands there; the default where nothing does."""
    rule = {"path": rule} if isinstance(rule, str) else rule
    found = dig(one, rule["path"]) if "path" in rule else None
    if found is None and "path" in rule:
        found = dig(payload, rule["path"])
    table = {str(words).lower(): meant for words, meant in rule.get("values", {}).items()}
    for each in found if isinstance(found, list) else [found]:
        words = plain(each)
        meant = table.get(words.lower(), rule.get("default", words if not table else "")) if words else None
        if chosen := rule.get("default", "") if meant is None else meant:
            yield chosen


def dig(data: Any, path: str) -> Any:
    """What stands at the path; None where nothing does."""
    for name in path.strip().split("."):
        if isinstance(data, dict):
            data = data.get(name)
        elif isinstance(data, list) and name.isdecimal() and int(name) < len(data):
            data = data[int(name)]
        else:
            return None
    return data


def plain(value: Any) -> str:
    """A text, number or truth value as text; empty for anything else."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return clean_line(str(value)) if isinstance(value, str | int | float) else ""


def time(text: str) -> datetime | None:
    """ISO 8601, or seconds or milliseconds of the epoch."""
    try:
        number = float(text)
        return datetime.fromtimestamp(number / (1000 if number >= MILLISECONDS else 1), UTC) if number > 0 else None
    except (ValueError, OverflowError, OSError):
        return moment(text)
