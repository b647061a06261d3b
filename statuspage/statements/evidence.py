"""What is printed beside the figures: names, who said so when, corrections, a provider's incident, approvals.

Read in bulk for many statements. None of it moves a figure, so it is not part of the digest; it is frozen with the
statement all the same.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from statuspage.contract_notice import ForContract
from statuspage.models import Component, IncidentUpdate, Maintenance
from statuspage.sla.accounts import Line
from statuspage.sla.stated import stamp
from statuspage.text import grouped_name

from .gather import Gathered

Said = Sequence[Mapping[str, Any]]
"""The updates of one incident, the oldest first."""


@dataclass(frozen=True)
class Evidence:
    """Names of components by id; updates by incident's id."""

    components: Mapping[str, str]
    updates: Mapping[str, Said]

    def of_outage(self, line: Line, gathered: Gathered) -> dict[str, Any]:
        """The incident with the updates that began and ended it, the last correction, the provider's incident."""
        row = gathered.outages[line.source]
        said = self.updates.get(row["incident_id"], ())
        return {
            "status": row["status"],
            "starts_at": stamp(row["started_at"]),
            "ends_at": row["ended_at"] and stamp(row["ended_at"]),
            "recorded_at": stamp(row["created_at"]),
            "incident": row["incident_id"] or "",
            "title": row["incident__name"] or "",
            "began": update(said, row["started_at"]),
            "ended": update(said, row["ended_at"]) if row["ended_at"] else None,
            "marked": row["interrupts"],
            "correction": correction(row),
            "provider": provider(row),
        }

    def of_work(self, work: ForContract) -> dict[str, Any]:
        row = work.maintenance
        return {
            "title": row.name,
            "starts_at": row.started_at and stamp(row.started_at),
            "ends_at": row.resolved_at and stamp(row.resolved_at),
        }

    def emergency(self, row: Maintenance) -> dict[str, Any] | None:
        """Why notice was not possible, who asked for it to be accepted, who did."""
        found = getattr(row, "emergency", None)
        if found is None:
            return None
        return {
            "reason": found.reason,
            "requested_by": str(found.requested_by or ""),
            "requested_at": stamp(found.requested_at),
            "approved_by": str(found.approved_by or ""),
            "approved_at": found.approved_at and stamp(found.approved_at),
        }


def evidence_of(gathered: Iterable[Gathered]) -> Evidence:
    held = list(gathered)
    components = {
        component
        for each in held
        for stretch in each.inputs.stretches
        for service in stretch.services
        for component in service.components
    }
    incidents = {row["incident_id"] for each in held for row in each.outages.values() if row["incident_id"]}
    return Evidence(names_of(components), updates_of(incidents))


def names_of(components: Iterable[str]) -> dict[str, str]:
    rows = Component.objects.filter(pk__in=list(components)).values_list("pk", "name", "group__name")
    return {pk: grouped_name(group or "", name) for pk, name, group in rows}


def updates_of(incidents: Iterable[str]) -> dict[str, list[Mapping[str, Any]]]:
    rows = IncidentUpdate.objects.filter(incident__in=list(incidents)).order_by("display_at", "created_at", "id")
    found: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows.values("id", "incident_id", "status", "display_at", "created_at", "author__username"):
        found.setdefault(row["incident_id"], []).append(row)
    return found


def update(said: Said, at: datetime) -> dict[str, Any] | None:
    """The update that spoke of that moment: the last one shown as of then or before, else the first."""
    if not said:
        return None
    row = said[max(bisect_right(said, at, key=lambda each: each["display_at"]) - 1, 0)]
    return {
        "id": row["id"],
        "status": row["status"],
        "shown_at": stamp(row["display_at"]),
        "written_at": stamp(row["created_at"]),
        "author": row["author__username"] or "",
    }


def correction(row: Mapping[str, Any]) -> dict[str, Any] | None:
    """Of an outage that staff put right, or recorded afterwards."""
    if not row["reason"]:
        return None
    return {"reason": row["reason"], "author": row["author__username"] or "", "at": stamp(row["created_at"])}


def provider(row: Mapping[str, Any]) -> dict[str, str] | None:
    found = {
        "name": row["provider_name"],
        "address": row["provider_url"],
        "incident": row["provider_incident"],
    }
    return found if any(found.values()) else None
