"""What stands on the page that the readers among the strangers are shown: something of every kind."""

from datetime import timedelta

from django.utils import timezone

from statuspage.actions import incidents, maintenance
from tests.statuspage import given

BROKEN = 'API: <b>"errors"</b> & delays in Zürich 🚒'
STATUSES = {
    "Web": "operational",
    "API": "partial_outage",
    "Search": "degraded_performance",
    "Database": "under_maintenance",
}


def store_page() -> None:
    """Two components alone and two in a group; an open incident, one that is over; four maintenances."""
    web, api = given.component("Web", position=1), given.component("API", position=2)
    core = given.group("Core", position=3)
    search, database = (given.component(name, group=core, position=n) for n, name in enumerate(("Search", "Database")))
    now = timezone.now()
    over = given.incident({web: "major_outage"}, name="Web is down", now=now - timedelta(days=2))
    resolved = {"status": "resolved", "body": "It was a cable.", "actor": given.ALICE, "notify": False}
    incidents.publish_update(incident=over, now=now - timedelta(days=1), **resolved)
    store_maintenances(database)
    given.incident({api: "partial_outage", search: "degraded_performance"}, name=BROKEN, now=now)


def store_maintenances(*components) -> None:
    """One that runs, one that is planned, one that is over and one that was called off."""
    now = timezone.now()
    by = {"actor": given.ALICE}
    running, over, called_off, _ = (
        given.scheduled(*components, name=name, start=now + timedelta(days=day), now=now - timedelta(days=7))
        for day, name in enumerate(("Running", "Over", "Called off", "Planned"), 1)
    )
    maintenance.start_maintenance(maintenance=over, body="We begin.", now=now - timedelta(hours=3), **by)
    maintenance.complete_maintenance(maintenance=over, body="Done.", now=now - timedelta(hours=2), **by)
    maintenance.start_maintenance(maintenance=running, body="We begin.", now=now - timedelta(hours=1), **by)
    maintenance.cancel_maintenance(maintenance=called_off, body="Not needed.", now=now, **by)
