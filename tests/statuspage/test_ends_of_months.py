"""Fault 54: the last moment of a month or a year, and a second that some clocks count and ours do not."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from statuspage.publishing import store
from statuspage.publishing.bars import Outage, days
from statuspage.vocabulary import ComponentStatus

from .given import component, incident, scheduled

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("publish_root")]

INSTANT = timedelta(microseconds=1)


def pages_with(words: str) -> set[str]:
    """The months whose page says so."""
    found = (store.root() / "pages" / "history").glob("*.html")
    return {page.stem for page in found if words in page.read_text()}


@pytest.mark.parametrize(
    ("zone", "before", "after", "midnight"),
    [
        ("Etc/UTC", "2026-12", "2027-01", datetime(2027, 1, 1)),
        ("Europe/Amsterdam", "2026-12", "2027-01", datetime(2027, 1, 1)),
        ("Pacific/Kiritimati", "2027-02", "2027-03", datetime(2027, 3, 1)),
        ("America/New_York", "2028-02", "2028-03", datetime(2028, 3, 1)),
    ],
)
def test_fault_54_a_month_ends_where_the_next_begins_and_nothing_is_in_both(settings, zone, before, after, midnight):
    settings.PAGE_TIME_ZONE = zone
    turn = midnight.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    incident(name="The last moment", now=turn - INSTANT)
    incident(name="The first moment", now=turn)
    scheduled(component(), name="Planned for the turn", start=turn, now=turn - timedelta(days=2))
    assert pages_with("The last moment") == {before}
    assert pages_with("The first moment") == pages_with("Planned for the turn") == {after}


def test_fault_54_a_leap_second_is_in_no_day():
    """POSIX time, and so every timestamp here, has 86,400 seconds a day: the night of 2016 lasted a second longer."""
    turn = datetime(2017, 1, 1, tzinfo=UTC)
    outage = Outage(turn - timedelta(seconds=30), turn + timedelta(seconds=30), ComponentStatus.MAJOR_OUTAGE)
    old, new = days([outage], as_of=turn + timedelta(hours=12), zone=ZoneInfo("UTC"), count=2)
    assert (old.major_seconds, new.major_seconds) == (30, 30)
    whole = Outage(turn - timedelta(days=1), turn + timedelta(hours=12), ComponentStatus.MAJOR_OUTAGE)
    old, new = days([whole], as_of=turn + timedelta(hours=12), zone=ZoneInfo("UTC"), count=2)
    assert (old.major_seconds, new.major_seconds) == (86_400, 43_200)
