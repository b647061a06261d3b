"""The uptime beside a component, from rows to the page: counted second by second, and no contract's affair."""

from datetime import datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest

from statuspage.models import Client, Component, Outage, Publication
from statuspage.publishing import capture, html
from statuspage.publishing.snapshot import Snapshot

from . import contracting, given

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 10, 12, tzinfo=ZoneInfo("UTC"))
WEIGHT = {"major_outage": Fraction(1), "partial_outage": Fraction(3, 10)}
"""The page's formula; everything else costs nothing."""


@pytest.fixture(autouse=True)
def sydney(settings):
    """Where the clocks changed within the ninety days."""
    settings.PAGE_TIME_ZONE = "Australia/Sydney"


def outage(component: Component, status: str, days: float, hours: float | None = 1, **facts) -> Outage:
    """So many days ago, for so many hours; None: it goes on."""
    start = NOW - timedelta(days=days)
    end = start + timedelta(hours=hours) if hours else None
    return Outage.objects.create(
        component=component, status=status, started_at=start, ended_at=end, created_at=start, **facts
    )


def counted(component: Component, since: datetime) -> Fraction:
    """The share of the seconds since then, each at the worst weight of its current outages."""
    worst: dict[int, Fraction] = {}
    for row in Outage.objects.filter(component=component, is_current=True, client=None, status__in=WEIGHT):
        first = max(row.started_at, since)
        for second in range(int(first.timestamp()), int((row.ended_at or NOW).timestamp())):
            worst[second] = max(worst.get(second, Fraction(0)), WEIGHT[row.status])
    return 1 - sum(worst.values(), Fraction(0)) / int((NOW - since).total_seconds())


def midnight(days: int) -> datetime:
    """Of the page's zone, so many days before today."""
    today = NOW.astimezone(ZoneInfo("Australia/Sydney")).date() - timedelta(days=days)
    return datetime(today.year, today.month, today.day, tzinfo=ZoneInfo("Australia/Sydney"))


def captured() -> Snapshot:
    return capture.take(Publication.objects.current(), as_of=NOW, months={})


def uptimes() -> dict[str, Fraction]:
    return {each.name: each.uptime for each in captured().components}


def test_it_is_the_seconds_of_the_last_ninety_days_weighed_by_status():
    api, young = given.component("API"), given.component("Young", start_date=midnight(7).date())
    outage(api, "major_outage", 89.7, 6)  # begun before the first day shown, or not
    outage(api, "partial_outage", 50, 30)
    outage(api, "major_outage", 49.9, 2)  # within the partial one
    outage(api, "degraded_performance", 20, 40)
    outage(api, "under_maintenance", 10, 40, cause="maintenance")
    outage(api, "major_outage", 9.9, 1)  # during the maintenance
    outage(api, "major_outage", 0.02, None)
    outage(young, "major_outage", 9, 48)  # begun before it was in service
    found = uptimes()
    assert found["API"] == counted(api, midnight(89)) < 1
    assert found["Young"] == counted(young, midnight(7)) < 1


def test_maintenance_alone_does_not_lower_it_and_the_page_says_so():
    outage(given.component("API"), "under_maintenance", 10, 40, cause="maintenance")
    snapshot = captured()
    assert snapshot.components[0].uptime == 1
    assert "maintenance does not lower it" in html.front(snapshot).decode()


def test_what_contracts_make_of_an_outage_does_not_move_it():
    """Marks, causes, one client's own outages and contracts: other figures, in other places."""
    api = given.component("API")
    down = outage(api, "major_outage", 5, 3)
    before = uptimes()["API"]
    assert before == counted(api, midnight(89))
    contracting.contract(api)
    Outage.objects.filter(pk=down.pk).update(interrupts=False, cause="third_party")
    outage(api, "partial_outage", 3, 9, client=Client.objects.get())
    assert uptimes()["API"] == before
