"""Words that were published without the database: kept beside the page until it is back.

    PUBLISH_ROOT/emergency/<id>.json          not in the database yet
    PUBLISH_ROOT/emergency/merged/<id>.json   stored by `actions.emergencies`

Until an emergency is stored every publication of this folder shows it all the same, so
that no reader sees it come, go and come again.
"""

import json
import logging
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

from django.conf import settings

from statuspage.status import impact_of, page_status, worst
from statuspage.vocabulary import ComponentStatus, Impact, IncidentStatus

from . import capture, store
from .snapshot import AffectedComponent, Component, Group, Incident, MonthCount, Snapshot, Update

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Emergency:
    """One incident that was opened without the database. `components`: id -> ComponentStatus value."""

    id: str
    update_id: str
    title: str
    body: str
    components: dict[str, str]
    at: str
    """ISO 8601, in UTC."""

    @property
    def posted_at(self) -> datetime:
        return datetime.fromisoformat(self.at)


def folder_of(root: Path) -> Path:
    return root / "emergency"


def keep(root: Path, emergency: Emergency) -> None:
    """Write it down for good, before anybody reads it: what was told must not be forgotten."""
    file = folder_of(root) / f"{emergency.id}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_suffix(".new")
    temporary.write_text(json.dumps(asdict(emergency), sort_keys=True))
    os.replace(temporary, file)
    store.sync(file.parent)


def pending(root: Path) -> list[Emergency]:
    """Those the database does not have yet, oldest first."""
    found = []
    for file in folder_of(root).glob("*.json"):
        try:
            found.append(Emergency(**json.loads(file.read_text())))
        except FileNotFoundError:
            continue  # stored a moment ago, by another process
        except (TypeError, ValueError):
            logger.error("%s holds no emergency that this program understands; it is left there", file)
        except OSError as error:
            logger.error("%s cannot be read (%s); give it to the user the workers run as", file, error.strerror)
    return sorted(found, key=lambda each: each.at)


def settle(root: Path, emergency: Emergency) -> None:
    """The database has it. Where another user wrote it, it stays there, and is passed by from now on."""
    merged = folder_of(root) / "merged"
    try:
        merged.mkdir(exist_ok=True)
        os.replace(folder_of(root) / f"{emergency.id}.json", merged / f"{emergency.id}.json")
    except FileNotFoundError:
        return  # another process was faster
    except OSError as error:
        logger.error("%s cannot be put away (%s); give it to the user the workers run as", merged, error.strerror)


def overlaid(snapshot: Snapshot, emergencies: Iterable[Emergency]) -> Snapshot:
    """The snapshot with these incidents in it, and what they say of components; each once."""
    for emergency in emergencies:
        if all(incident.id != emergency.id for incident in snapshot.incidents):
            snapshot = _with(snapshot, emergency)
    return snapshot


def _with(snapshot: Snapshot, emergency: Emergency) -> Snapshot:
    said = {pk: ComponentStatus(status) for pk, status in emergency.components.items()}
    components = tuple(_restated(each, said, emergency.posted_at) for each in snapshot.components)
    incidents = (incident_of(emergency, snapshot), *snapshot.incidents)
    return replace(
        snapshot,
        page=replace(snapshot.page, updated_at=max(snapshot.page.updated_at, emergency.posted_at)),
        components=components,
        groups=tuple(_regrouped(group, components) for group in snapshot.groups),
        incidents=incidents,
        histories=tuple(
            replace(each, changed_in=snapshot.revision) if each.component_id in said else each
            for each in snapshot.histories
        ),
        status=page_status(
            [each.status for each in components], [Impact(each.impact) for each in incidents if each.is_open]
        ),
        months=_counted(snapshot.months, capture.month_key(emergency.posted_at)),
    )


def _counted(months: Iterable[MonthCount], key: str) -> tuple[MonthCount, ...]:
    """The months with one incident more in this one."""
    by_key = {each.key: each for each in months}
    before = by_key.get(key, MonthCount(key=key, incidents=0, maintenances=0))
    by_key[key] = replace(before, incidents=before.incidents + 1)
    return tuple(by_key[each] for each in sorted(by_key, reverse=True))


def _restated(component: Component, said: Mapping[str, ComponentStatus], at: datetime) -> Component:
    if component.id not in said:
        return component
    return replace(component, status=said[component.id], updated_at=max(component.updated_at, at))


def _regrouped(group: Group, components: Iterable[Component]) -> Group:
    return replace(group, status=worst(each.status for each in components if each.group_id == group.id))


def incident_of(emergency: Emergency, snapshot: Snapshot) -> Incident:
    """The incident as readers have it until the database is back."""
    at = emergency.posted_at
    touched = [each for each in snapshot.components if each.id in emergency.components]
    affected = tuple(
        AffectedComponent(
            code=each.id,
            name=snapshot.full_name(each),
            old_status=each.status,
            new_status=emergency.components[each.id],
        )
        for each in touched
    )
    word = Update(
        id=emergency.update_id,
        status=IncidentStatus.INVESTIGATING,
        body=emergency.body,
        created_at=at,
        updated_at=at,
        display_at=at,
        deliver_notifications=False,
        affected_components=affected or None,
    )
    return Incident(
        id=emergency.id,
        name=emergency.title,
        status=IncidentStatus.INVESTIGATING,
        impact=impact_of(ComponentStatus(each) for each in emergency.components.values()),
        created_at=at,
        updated_at=at,
        started_at=at,
        monitoring_at=None,
        resolved_at=None,
        shortlink=f"{settings.SITE_URL}/incidents/{emergency.id}",
        updates=(word,),
        component_ids=tuple(each.id for each in touched),
        component_names=tuple(snapshot.full_name(each) for each in touched),
    )
