"""Windows and their notices at the boundary second: every offset, nights when clocks change, ends of days and years."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.notifications.travel import Travel, travel

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quick", "publish_root")]

SECOND, MINUTE, HOUR, DAY = (timedelta(**{unit: 1}) for unit in ("seconds", "minutes", "hours", "days"))


@pytest.fixture
def site(scripted):
    with travel(scripted("email")) as there:
        yield there


def tell_at_the_second(site: Travel, moment: datetime, kind: str) -> None:
    """One second before: nothing. At the second: told. Once."""
    before = site.heard()
    site.round(moment - SECOND)
    assert site.heard() == before, f"{kind}: a second early"
    site.round(moment)
    assert site.heard() == [*before, kind], f"{kind}: at its second"
    site.round(moment + SECOND)
    assert site.heard() == [*before, kind], f"{kind}: once"


def live_through(site: Travel, start: datetime, end: datetime, **wanted: object) -> None:
    """From the announcement to the end, second by second where it matters."""
    site.people()
    site.window(start, end - start, **wanted)
    site.round()
    assert site.heard() == ["scheduled"]
    if end - start > 30 * MINUTE:
        tell_at_the_second(site, start - 25 * HOUR, "advance")
    tell_at_the_second(site, start - HOUR, "reminder")
    tell_at_the_second(site, start, "started")
    tell_at_the_second(site, end, "completed")


def test_every_default_offset_at_its_second(site):
    start = datetime(2026, 3, 9, 12, tzinfo=UTC)
    live_through(site, start, start + 2 * HOUR)


def test_half_an_hour_of_work_has_no_advance_notice(site):
    start = datetime(2026, 3, 9, 12, tzinfo=UTC)
    live_through(site, start, start + 30 * MINUTE)


@pytest.mark.parametrize("minutes", [5, 119, 120, 121, 24 * 60, 25 * 60, 3 * 24 * 60])
def test_every_chosen_offset_at_its_second(site, minutes):
    start = datetime(2026, 3, 9, 12, tzinfo=UTC)
    site.people()
    site.window(start, reminders=[minutes])
    site.round()
    tell_at_the_second(site, start - minutes * MINUTE, "reminder" if minutes <= 120 else "advance")
    tell_at_the_second(site, start, "started")


def test_the_start_and_the_end_are_told_or_not_as_was_chosen(site):
    start = datetime(2026, 3, 9, 12, tzinfo=UTC)
    site.people()
    window = site.window(start, reminders=[60], tells_start=False, tells_end=False)
    site.round()
    tell_at_the_second(site, start - HOUR, "reminder")
    for moment, status in ((start, "in_progress"), (start + 2 * HOUR, "completed")):
        site.round(moment)
        window.refresh_from_db()
        assert (window.status, site.heard()) == (status, ["scheduled", "reminder"])


NIGHTS = {
    "Amsterdam, spring": ("Europe/Amsterdam", "2026-03-29 01:00", "2026-03-29 04:00", 2 * HOUR),
    "Amsterdam, autumn": ("Europe/Amsterdam", "2026-10-25 01:00", "2026-10-25 04:00", 4 * HOUR),
    "New York, spring": ("America/New_York", "2026-03-08 01:00", "2026-03-08 04:00", 2 * HOUR),
    "New York, autumn": ("America/New_York", "2026-11-01 00:30", "2026-11-01 03:30", 4 * HOUR),
    "Lord Howe, autumn": ("Australia/Lord_Howe", "2026-04-05 01:00", "2026-04-05 04:00", 3.5 * HOUR),
    "Lord Howe, spring": ("Australia/Lord_Howe", "2026-10-04 01:00", "2026-10-04 04:00", 2.5 * HOUR),
}
"""Zone, wall times of a window around the change, and how long it really is."""


@pytest.mark.parametrize(("zone", "starts", "ends", "length"), NIGHTS.values(), ids=NIGHTS.keys())
def test_fault_52_a_night_in_which_clocks_change_moves_no_notice(site, zone, starts, ends, length):
    """Offsets are real hours: 25 of them before a start that clocks show 24 or 26 hours later."""
    start, end = (
        datetime.fromisoformat(each).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC) for each in (starts, ends)
    )
    assert end - start == length
    site.to(start - 3 * DAY)
    live_through(site, start, end, time_zone=zone)


OVER = {
    "midnight": datetime(2026, 3, 9, 23, 30, tzinfo=UTC),
    "a month": datetime(2026, 3, 31, 23, 30, tzinfo=UTC),
    "a year": datetime(2026, 12, 31, 23, 30, tzinfo=UTC),
}


@pytest.mark.parametrize("start", OVER.values(), ids=OVER.keys())
def test_fault_54_a_window_over_the_end_of_a_day_a_month_or_a_year(site, start):
    site.to(start - 3 * DAY)
    live_through(site, start, start + HOUR)
    first, last = start.date(), (start + HOUR).date()
    assert first != last
    announced = site.provider.sent[0].content.decode()
    assert f"{first.day} {first:%B %Y}, 23:30 UTC" in announced
    assert f"{last.day} {last:%B %Y}, 00:30 UTC" in announced
