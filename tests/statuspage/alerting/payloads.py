"""What Alertmanager sends: version 4 of its webhook's payload."""

from datetime import UTC, datetime, timedelta
from typing import Any

from statuspage.models import Component

LABELS = {"statuspagePageId", "statuspageComponentId"}


def alert(name: str, *touched: Component, minutes: float = 1, **notes: str) -> dict[str, Any]:
    """One that has been firing for so many minutes, with the bridge's labels and annotations."""
    labels = {"alertname": name, "statuspage": "true"}
    if touched:
        labels["statuspageComponentId"] = ",".join(each.pk for each in touched)
        notes.setdefault("statuspageComponentStatus", "major_outage")
    labels |= {key: value for key, value in notes.items() if key in LABELS}
    return {
        "status": "firing",
        "labels": labels,
        "annotations": {key: value for key, value in notes.items() if key not in LABELS},
        "startsAt": (datetime.now(UTC) - timedelta(minutes=minutes)).isoformat().replace("+00:00", "123Z"),
        "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "http://prometheus.example.com/graph",
        "fingerprint": f"{abs(hash(name)):016x}"[:16],
    }


def group(*alerts: dict[str, Any], **facts: Any) -> dict[str, Any]:
    """A message about them all."""
    is_firing = any(each["status"] == "firing" for each in alerts)
    return {
        "version": "4",
        "groupKey": '{}:{statuspageComponentId="api"}',
        "truncatedAlerts": 0,
        "status": "firing" if is_firing else "resolved",
        "receiver": "statuspage",
        "groupLabels": {},
        "commonLabels": {},
        "commonAnnotations": {},
        "externalURL": "http://alertmanager.example.com",
        "alerts": list(alerts),
        **facts,
    }
