"""April 2026 of Acme, as tests of statements have it: outages, a window that was noticed, one that was not."""

from datetime import UTC, datetime, timedelta

from statuspage.models import Component, Contract, Incident, IncidentUpdate, Maintenance, MaintenanceWindow, Outage
from tests.statuspage import contracting, given

APRIL = datetime(2026, 4, 1, tzinfo=UTC)
LATER = datetime(2026, 11, 2, 13, tzinfo=UTC)
HOUR = timedelta(hours=1)


def at(hours: float) -> datetime:
    return APRIL + hours * HOUR


def outage(component: Component, start: float, end: float | None, **facts) -> Outage:
    facts = {"status": "major_outage", "created_at": at(start)} | facts
    ended = None if end is None else at(end)
    return Outage.objects.create(component=component, started_at=at(start), ended_at=ended, **facts)


def incident(start: float, end: float, name: str = "API is down") -> Incident:
    """Said a minute after it began, and when it was over."""
    said = {"created_at": at(start), "updated_at": at(end), "started_at": at(start), "resolved_at": at(end)}
    row = Incident.objects.create(name=name, status="resolved", **said)
    for status, moment in (("investigating", at(start + 1 / 60)), ("resolved", at(end))):
        times = {"created_at": moment, "updated_at": moment, "display_at": moment}
        IncidentUpdate.objects.create(incident=row, status=status, body="We look.", **times)
    return row


def window(
    *components: Component, start: float, end: float, ahead: float = 48, until: float | None = None, **facts
) -> Maintenance:
    """Work from its start to its end, announced by the page so many hours ahead."""
    said = at(start - ahead)
    times = {"scheduled_for": at(start), "scheduled_until": at(end), "created_at": said, "updated_at": at(end)}
    times |= {"announced_at": said, "started_at": at(start), "resolved_at": at(end if until is None else until)}
    row = Maintenance.objects.create(**{"name": "Upgrade", "status": "completed"} | times | facts)
    row.claims.bulk_create([row.claims.model(maintenance=row, component=each) for each in components])
    MaintenanceWindow.objects.create(
        maintenance=row, number=1, scheduled_for=at(start), scheduled_until=at(end), published_at=said
    )
    return row


def april(name: str = "Acme") -> tuple[Contract, Component]:
    """Two hours of outage that its incident tells of, an hour of a third party's, four hours of noticed work."""
    api = given.component(f"{name} API")
    contract = contracting.contract(api, name=name)
    outage(api, 1, 3, incident=incident(1, 3))
    outage(api, 10, 11, cause="third_party", provider_name="Twilio", provider_incident="twilio-1")
    outage(api, 20, 21, status="partial_outage")
    window(api, start=100, end=104)
    outage(api, 103, 105)
    return contract, api
