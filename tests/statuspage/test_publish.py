"""From the database to files: what is rendered, when, and what stays."""

import json
import os
from datetime import timedelta

import pytest

from statuspage import selectors
from statuspage.actions import incidents, maintenance
from statuspage.models import Publication
from statuspage.publishing import publish, store

from .given import ALICE, NOON, component, incident, minutes, scheduled

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("publish_root")]


def hot(path: str) -> bytes:
    folder = store.root()
    return (store.current(folder) / store.read_manifest(folder).documents[path].file).read_bytes()


def page(path: str) -> bytes:
    return (store.root() / "pages" / store.file_of(path)).read_bytes()


def test_an_action_answers_after_the_page_shows_it():
    opened = incident({component(): "major_outage"}, name="Cables were cut")
    assert b"Cables were cut" in hot("/")
    assert b"Cables were cut" in page(f"/incidents/{opened.pk}")
    assert b"Cables were cut" in page("/history/2026-11")
    assert json.loads(hot("/api/v2/status.json"))["status"]["indicator"] == "critical"
    assert Publication.objects.current().published_revision == 1


def test_the_same_state_is_published_once():
    incident()
    assert publish.publish() is False


def test_the_same_snapshot_gives_the_same_bytes():
    incident({component(): "partial_outage"})
    publish.publish(refresh=True, now=NOON + minutes(1))
    before = store.read_manifest(store.root()).documents
    publish.publish(refresh=True, now=NOON + minutes(1))
    after = store.read_manifest(store.root()).documents
    assert {path: each.etag for path, each in before.items()} == {path: each.etag for path, each in after.items()}


def test_a_refresh_moves_the_page_on_and_leaves_json_and_feeds_alone():
    incident({component(): "partial_outage"})
    publish.publish(refresh=True, now=NOON + minutes(1))
    before = store.read_manifest(store.root()).documents
    publish.publish(refresh=True, now=NOON + minutes(31))
    after = store.read_manifest(store.root()).documents
    changed = {path for path in after if after[path].etag != before[path].etag}
    assert "/" in changed
    assert not [path for path in changed if path.endswith((".json", ".rss", ".atom"))]


def test_an_incidents_page_says_that_its_promise_passed_though_nobody_said_anything(rendered):
    now = selectors.database_now()
    late, other = (incident(now=now, next_update_by=now + minutes(count)) for count in (30, 90))
    rendered.clear()
    publish.publish(refresh=True, now=now + minutes(29))
    assert rendered == [] and b"Next update promised by" in page(f"/incidents/{late.pk}")
    publish.publish(refresh=True, now=now + minutes(31))
    assert b"An update was due by <time" in page(f"/incidents/{late.pk}")
    assert set(rendered) == {f"/incidents/{late.pk}", f"/ar/incidents/{late.pk}"}
    publish.publish(refresh=True, now=now + minutes(32))
    assert len(rendered) == 2 and b"Next update promised by" in page(f"/incidents/{other.pk}")


def test_only_pages_that_changed_are_written_again():
    first, second = incident(name="First"), incident(name="Second", now=NOON + minutes(1))
    stat = os.stat(store.root() / "pages" / "incidents" / f"{first.pk}.html")
    incidents.publish_update(incident=second, status="resolved", body="Over.", actor=ALICE)
    assert b"Over." in page(f"/incidents/{second.pk}")
    again = os.stat(store.root() / "pages" / "incidents" / f"{first.pk}.html")
    assert (again.st_mtime_ns, again.st_ino) == (stat.st_mtime_ns, stat.st_ino)


def test_a_moved_window_leaves_the_month_it_was_in():
    window = scheduled(component(), name="Database upgrade", start=NOON + timedelta(days=7))
    assert b"Database upgrade" in page("/history/2026-11")
    maintenance.move_maintenance(
        maintenance=window,
        scheduled_for=NOON + timedelta(days=37),
        scheduled_until=NOON + timedelta(days=38),
        body="Next month.",
        actor=ALICE,
        now=NOON,
    )
    assert b"Database upgrade" in page("/history/2026-12")
    assert not (store.root() / "pages" / "history" / "2026-11.html").exists()


def test_fault_26_a_crash_between_commit_and_rendering_is_repaired(monkeypatch):
    monkeypatch.setattr(publish, "publish", lambda: (_ for _ in ()).throw(OSError("gone")))
    incident(name="Cables were cut")
    monkeypatch.undo()
    assert publish.is_current() is False
    assert publish.publish() is True
    assert b"Cables were cut" in hot("/")


def test_a_folder_ahead_of_its_database_never_goes_back():
    """A restored backup: its revision is raised above what readers have seen."""
    incident()
    incident(now=NOON + minutes(1))
    Publication.objects.filter(pk=1).update(revision=1, published_revision=1)
    publish.publish()
    assert store.read_manifest(store.root()).revision == 3
    assert Publication.objects.current().revision == 3


def test_pages_of_another_database_are_cleared_away():
    opened = incident()
    opened.delete()
    Publication.objects.filter(pk=1).update(epoch="another00000")
    publish.publish()
    assert store.page_files(store.root()) == set()


def test_old_hot_sets_are_tidied_away():
    for count in range(6):
        incident(now=NOON + minutes(count))
    assert len(list((store.root() / "hot").iterdir())) == store.KEPT


def test_fault_05_a_process_that_was_stopped_amid_a_publication_holds_up_staff_for_seconds_only(monkeypatch, caplog):
    """The word is stored, and the console says that the page is behind; once the other wakes it is put right."""
    incident(name="Before")
    monkeypatch.setattr(store, "LOCK_SECONDS", 0.2)
    with store.lock(store.root()):
        incident(name="Meanwhile")
        assert not publish.is_current() and b"Meanwhile" not in hot("/")
        assert "page not regenerated" in caplog.text
    assert publish.publish() and b"Meanwhile" in hot("/")


def test_a_rendering_that_fails_leaves_nothing_behind(monkeypatch):
    """Else a disk that is full would be filled further with every try."""
    incident()
    before = set((store.root() / "hot").iterdir())
    monkeypatch.setattr(store, "write", no_room)
    with pytest.raises(OSError):
        publish.publish(refresh=True, now=NOON + timedelta(days=30))
    assert set((store.root() / "hot").iterdir()) == before


def no_room(path, body, before):
    raise OSError("no space left on device")
