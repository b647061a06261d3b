"""A component's feeds and calendar tell its own past, whatever happened to others since."""

from dataclasses import replace
from datetime import timedelta

import feedparser
import pytest
from icalendar import Calendar

from notifications import feeds
from notifications.feeds import calendar
from statuspage import tasks
from statuspage.actions import incidents
from statuspage.models import Maintenance, MaintenanceComponent, MaintenanceUpdate, Publication
from statuspage.publishing import break_glass, entries, publish
from statuspage.publishing.snapshot import RECENT, History
from tests.notifications import snapshots
from tests.notifications.test_documents import get
from tests.statuspage import given
from tests.statuspage.test_long_history import TODAY, YEARS, seed

LONG_AGO = TODAY - timedelta(days=365 * YEARS + 30)
OTHERS = RECENT + 10


def titles(path: str) -> list[str]:
    """What a feed has, newest first."""
    return [entry.title for entry in feedparser.parse(get(path)[2]).entries]


def windows(path: str) -> set[str]:
    return {str(event["summary"]) for event in Calendar.from_ical(get(path)[2]).walk("VEVENT")}


def anew() -> None:
    """All of it rendered again, as by a new release."""
    Publication.objects.update(epoch="another00000")
    publish.publish()


@pytest.fixture
def quiet(publish_root):
    """A component to which one thing happened, long ago."""
    found = given.component("Quiet")
    opened = given.incident({found: "major_outage"}, name="Long ago", now=LONG_AGO)
    later = LONG_AGO + timedelta(hours=1)
    incidents.publish_update(incident=opened, status="resolved", body="Over.", actor=given.ALICE, now=later)
    return found


@pytest.fixture
def busy(quiet):
    """A component to which much happened since, more than a page's feed holds."""
    found = given.component("Busy")
    publish.publish(refresh=True)
    seed(OTHERS, found)
    return found


# --- As published ---------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_what_happens_to_others_pushes_nothing_out_of_a_components_feed(quiet, busy):
    given.incident({busy: "major_outage"}, name="Just now")
    for _ in range(2):
        assert titles(f"/components/{quiet.pk}/history.atom") == ["Long ago"]
        assert titles(f"/components/{quiet.pk}/history.rss") == ["Long ago"]
        assert len(titles(f"/components/{busy.pk}/history.atom")) == RECENT
        assert titles(f"/components/{busy.pk}/history.atom")[0] == titles("/history.atom")[0] == "Just now"
        anew()


@pytest.mark.django_db(transaction=True)
def test_a_postmortem_on_an_old_incident_comes_first_in_every_feed(quiet, busy):
    old = quiet.incidents.get()
    incidents.publish_update(incident=old, status="postmortem", body="It was a cable.", actor=given.ALICE)
    for path in ("/history.atom", "/history.rss", f"/components/{quiet.pk}/history.atom"):
        assert titles(path)[0] == "Long ago"


@pytest.mark.django_db(transaction=True)
def test_what_is_planned_for_others_pushes_nothing_out_of_a_components_calendar(quiet, busy):
    past_window("Quiet work", quiet, 1)
    for number in range(OTHERS):
        past_window(f"Busy work {number}", busy, 2 + number)
    anew()
    assert windows(f"/components/{quiet.pk}/maintenance.ics") == {"Quiet work"}
    assert "Quiet work" not in windows("/maintenance.ics")


def past_window(name: str, component, day: int) -> None:
    """A maintenance that is over, on that day of a year long ago."""
    start = LONG_AGO + timedelta(days=day)
    made = Maintenance.objects.create(
        name=name, status="completed", scheduled_for=start, scheduled_until=start + timedelta(hours=1),
        created_at=start, updated_at=start, announced_at=start, started_at=start, resolved_at=start,
    )  # fmt: skip
    MaintenanceComponent.objects.create(maintenance=made, component=component)
    said = {"body": "Done.", "created_at": start, "updated_at": start, "display_at": start}
    MaintenanceUpdate.objects.create(maintenance=made, status="completed", **said)


@pytest.mark.django_db(transaction=True)
def test_only_the_histories_that_an_update_touched_are_read(quiet, busy):
    before = {quiet.pk: 3, busy.pk: 3}
    given.incident({busy: "major_outage"})
    revision = Publication.objects.current().revision
    found = {each.component_id: each for each in entries.histories(revision, revision - 1, before)}
    assert found[quiet.pk] == History(component_id=quiet.pk, changed_in=3)
    assert (found[busy.pk].changed_in, len(found[busy.pk].incidents)) == (revision, RECENT)
    assert not any(each.is_read for each in entries.histories(revision, revision, before))
    assert all(each.is_read for each in entries.histories(revision, -1, {}))


@pytest.mark.django_db(transaction=True)
def test_an_emergency_is_in_its_components_feed_and_the_feeds_of_others_stay(quiet, busy):
    given.incident({busy: "major_outage"}, name="Before")
    at = given.NOON + given.minutes(5)
    break_glass.post(title="Nothing answers", body="We are at it.", statuses={"busy": "major_outage"}, now=at)
    assert titles(f"/components/{busy.pk}/history.atom")[:2] == ["Nothing answers", "Before"]
    assert titles(f"/components/{quiet.pk}/history.atom") == ["Long ago"]
    given.incident(name="Elsewhere")
    assert len(titles(f"/components/{busy.pk}/history.atom")) == RECENT
    assert "Nothing answers" in titles(f"/components/{busy.pk}/history.atom")
    tasks.tend()
    assert len(titles(f"/components/{busy.pk}/history.atom")) == RECENT
    assert "Nothing answers" in titles(f"/components/{busy.pk}/history.atom")
    assert titles(f"/components/{quiet.pk}/history.atom") == ["Long ago"]


# --- Of one snapshot --------------------------------------------------------------------------------


def facts_of(api, past: History, *held):
    return snapshots.snapshot(*held, components=(api,), histories=(past,))


def test_a_history_that_was_read_is_all_that_is_told_but_for_what_is_open():
    api = snapshots.component("API")
    over = snapshots.incident("Over", snapshots.update("Over.", "resolved"), on=(api,))
    still = snapshots.incident("Open", on=(api,))
    older = replace(over, id="older", name="Older")
    past = History(component_id=api.id, changed_in=5, is_read=True, incidents=(older,))
    assert {each.name for each in facts_of(api, past, over, still).entries_of(api.id)} == {"Older", "Open"}


def test_a_history_that_was_not_read_is_told_as_far_as_the_page_holds_it():
    api, web = snapshots.component("API"), snapshots.component("Web")
    ours, theirs = snapshots.incident("Ours", on=(api,)), snapshots.incident("Theirs", on=(web,))
    past = History(component_id=api.id, changed_in=5)
    assert [each.name for each in facts_of(api, past, ours, theirs).entries_of(api.id)] == ["Ours"]


def test_a_components_documents_are_rendered_anew_when_its_history_changed():
    api = snapshots.component("API")
    keys = [
        {each.path: each.key for source in (feeds, calendar) for each in source.documents(facts_of(api, past, *held))}
        for past, *held in (
            (History(component_id=api.id, changed_in=5, is_read=True, incidents=(snapshots.incident(on=(api,)),)),),
            (History(component_id=api.id, changed_in=5),),
            (History(component_id=api.id, changed_in=6),),
        )
    ]
    mine = [path for path in keys[0] if path.startswith("/components/")]
    assert len(mine) == 3
    assert all(keys[0][path] == keys[1][path] != keys[2][path] for path in mine)
