"""Break-glass: published with nothing but the disk, stored once when the database is back."""

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as django_settings

from statuspage import tasks
from statuspage.actions import emergencies
from statuspage.models import AuditEntry, Incident, Outage, Publication
from statuspage.publishing import break_glass, emergency, frozen, pages, publish, store

from .given import HISTORY, NOON, component, group, history, incident, minutes, scheduled
from .test_serve import Reader

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("publish_root")]

WORDS = ["--title", "Nothing answers", "--body", "We are **at it**."]


def published(*names: str) -> None:
    """A page with these components, as readers have it."""
    for name in names:
        component(name)
    publish.publish(now=NOON)


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The command as on the worst night: neither the database nor the doorbell is there."""
    environment = os.environ | {
        "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "PUBLISH_ROOT": str(store.root()),
        "SITE_URL": django_settings.SITE_URL,
    }
    call = [sys.executable, "manage.py", "post_emergency", *arguments]
    return subprocess.run(call, cwd=django_settings.BASE_DIR, env=environment, capture_output=True, text=True)


def hot(path: str) -> bytes:
    folder = store.root()
    return (store.current(folder) / store.read_manifest(folder).documents[path].file).read_bytes()


def post(**facts: object) -> str:
    words = {"title": "Nothing answers", "body": "We are at it.", "statuses": {}, "now": NOON + minutes(1)}
    return break_glass.post(**words | facts).rpartition("/")[2]


def test_it_stands_beside_incidents_whose_updates_told_of_components():
    incident({component(): "major_outage"}, name="The first")
    post()
    for path in ("/", "/api/v2/incidents.json", "/history.atom"):
        assert b"Nothing answers" in hot(path) and b"The first" in hot(path)


def test_a_promise_that_passed_meanwhile_is_said_to_have_passed():
    late = incident(next_update_by=NOON + minutes(30))
    publish.publish(now=NOON)
    post(now=NOON + minutes(40))
    said = (store.root() / "pages" / "incidents" / f"{late.pk}.html").read_bytes()
    assert b"An update was due by <time" in said


def test_it_is_on_every_path_at_once_without_database_and_doorbell():
    component("API", group=group("Core"))
    published()
    before = store.read_manifest(store.root()).revision
    done = command(*WORDS, "--component", "core - api=major_outage")
    assert (done.returncode, done.stderr) == (0, "")
    pk = done.stdout.split()[1].rstrip(".").rpartition("/")[2]
    assert store.read_manifest(store.root()).revision == before + 1
    assert b"Nothing answers" in hot("/")
    assert b"<strong>at it</strong>" in (store.root() / "pages" / "incidents" / f"{pk}.html").read_bytes()
    assert json.loads(hot("/api/v2/status.json"))["status"]["indicator"] == "critical"
    assert [each["id"] for each in json.loads(hot("/api/v2/incidents/unresolved.json"))["incidents"]] == [pk]
    assert pk.encode() in hot("/history.atom")
    assert pk.encode() in hot("/history.rss")


def test_it_stands_beside_an_incident_that_named_components():
    incident({component("API"): "major_outage"}, name="Cables were cut")
    pk = post()
    posted, before = json.loads(hot("/api/v2/incidents.json"))["incidents"]
    assert posted["id"] == pk
    assert [each["name"] for each in before["incident_updates"][0]["affected_components"]] == ["API"]


def test_readers_keep_it_until_the_database_has_it_and_after():
    api = component("API")
    published()
    pk = post(statuses={"api": "partial_outage"})
    updates = json.loads(hot("/api/v2/incidents.json"))["incidents"][0]["incident_updates"]
    revision = store.read_manifest(store.root()).revision
    incident(name="Another one", now=NOON + minutes(2))
    assert {"Nothing answers", "Another one"} == {each["name"] for each in read_incidents()}
    assert store.read_manifest(store.root()).revision > revision
    tasks.tend()
    assert {"Nothing answers", "Another one"} == {each["name"] for each in read_incidents()}
    merged = Incident.objects.get(pk=pk)
    assert (merged.started_at, merged.status) == (NOON + minutes(1), "investigating")
    assert Outage.objects.get(component=api, ended_at=None, status="partial_outage").started_at == NOON + minutes(1)
    assert [each.pk for each in merged.updates.all()] == [updates[0]["id"]]
    assert not merged.updates.get().deliver_notifications
    assert AuditEntry.objects.filter(action="post_emergency", object_id=pk).count() == 1


def read_incidents() -> list[dict[str, object]]:
    return json.loads(hot("/api/v2/incidents.json"))["incidents"]


def test_it_is_stored_once_however_often_it_is_found():
    published()
    pk = post()
    (found,) = emergency.pending(store.root())
    emergencies.store_emergency(found)
    assert emergencies.merge() == 1
    emergency.keep(store.root(), found)
    assert emergencies.merge() == 1
    assert emergencies.merge() == 0
    assert Incident.objects.get().pk == pk


def test_the_revision_readers_have_never_falls():
    incident()
    post()
    seen = [store.read_manifest(store.root()).revision]
    for step in (publish.publish, tasks.tend, post, post, tasks.tend):
        step()
        seen.append(store.read_manifest(store.root()).revision)
    assert seen == sorted(seen)
    assert Publication.objects.current().revision == seen[-1]


def test_the_database_is_taken_for_no_older_one():
    published()
    epoch = Publication.objects.current().epoch
    post()
    tasks.tend()
    assert Publication.objects.current().epoch == epoch == store.read_manifest(store.root()).epoch


def test_after_an_emergency_what_changed_is_rendered_and_no_history(rendered):
    history()
    posts = [post(), post()]
    rendered.clear()
    publish.publish()
    tasks.tend()
    incident(name="The next", now=NOON + minutes(5))
    assert {f"/incidents/{pk}" for pk in posts} < set(rendered) and len(set(rendered)) < 20 < HISTORY
    assert all(pk.encode() in hot("/history.atom") for pk in posts) and b"The next" in hot("/")


def test_an_emergency_after_a_backup_was_restored_brings_nothing_of_the_lost_past_back():
    kept, lost = incident(name="Kept"), incident(name="Lost", now=NOON + minutes(1))
    epoch = Publication.objects.current().epoch
    pk = post()
    lost.delete()
    Publication.objects.update(revision=1, published_revision=1)
    before = store.read_manifest(store.root()).revision
    tasks.tend()
    files = {file for file in store.page_files(store.root()) if "incidents/" in file}
    assert {Path(file).stem for file in files} == {kept.pk, pk}
    assert {f"incidents/{pk}.html", f"incidents/{pk}.json", f"api/v2/incidents/{pk}.json"} <= files
    assert store.read_manifest(store.root()).revision > before and Publication.objects.current().epoch != epoch


def test_what_was_posted_in_an_emergency_and_taken_back_by_hand_is_gone():
    published()
    pk = post()
    assert Reader().ask(f"/incidents/{pk}")[0] == Reader().ask("/history/2026-11")[0] == 200
    (emergency.folder_of(store.root()) / f"{pk}.json").unlink()
    incident(name="Another one", now=NOON - timedelta(days=40))
    assert Reader().ask(f"/incidents/{pk}")[0] == Reader().ask("/history/2026-11")[0] == 404
    assert pk.encode() not in hot("/") and b'/history/2026-11"' not in hot("/history")


def test_the_page_says_since_when_the_rest_is_as_it_was():
    published("API")
    post(now=NOON + minutes(60 * 14))
    post(now=NOON + minutes(60 * 15))
    page = hot("/").decode()
    assert "Only urgent news has been added since" in page and "As of" in page
    said = page[page.index("Only urgent news") :]
    assert "12:00" in said[: said.index("</p>")]
    publish.publish(now=NOON + minutes(60 * 16))
    assert b"Only urgent news" not in hot("/")


def test_its_month_has_a_page_and_an_entry_in_the_history():
    """The first of a month: what its page links to was never rendered."""
    history(2)
    pk = post(now=NOON + timedelta(days=40))
    reader = Reader()
    assert b'href="/history/2026-12"' in reader.ask(f"/incidents/{pk}")[2]
    status, _, page = reader.ask("/history/2026-12")
    assert (status, pk.encode() in page, b'href="/history/2026-11"' in page) == (200, True, True)
    assert pk.encode() in reader.ask("/history")[2] and b"1 incident" in reader.ask("/history")[2]
    tasks.tend()
    assert b'href="/history/2026-12"' in reader.ask("/history/2026-11")[2]
    assert pk.encode() in reader.ask("/history/2026-12")[2]


def test_a_month_that_the_snapshot_has_a_part_of_keeps_its_page():
    """Its older incidents must not go for the new one."""
    history(55, every=timedelta(hours=4))
    pk = post(now=NOON - timedelta(days=3))
    page = Reader().ask("/history/2026-10")[2]
    assert b"Incident 54<" in page and pk.encode() not in page
    tasks.tend()
    page = Reader().ask("/history/2026-10")[2]
    assert b"Incident 54<" in page and pk.encode() in page


def test_a_later_word_about_a_component_stands():
    api = component("API")
    published()
    pk = post(statuses={"API": "major_outage"})
    incident({api: "degraded_performance"}, now=NOON + minutes(5))
    tasks.tend()
    api.refresh_from_db()
    assert api.status == "degraded_performance"
    assert Incident.objects.get(pk=pk).claims.count() == 0


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--title", " ", "--body", "x"], "--title"),
        (["--title", "x", "--body", ""], "--body"),
        ([*WORDS, "--component", "API"], "NAME=STATUS"),
        ([*WORDS, "--component", "API=broken"], "NAME=STATUS"),
        ([*WORDS, "--component", "Mail=major_outage"], "'Mail' is no component; there is: API"),
    ],
)
def test_what_is_wrong_is_named_in_one_line_and_nothing_is_published(arguments, named):
    published("API")
    before = store.read_manifest(store.root())
    done = command(*arguments)
    assert done.returncode == 2
    assert named in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert store.read_manifest(store.root()) == before
    assert emergency.pending(store.root()) == []


def test_an_empty_folder_is_named():
    done = command(*WORDS)
    assert done.returncode == 2
    assert "holds no publication" in done.stderr


def test_a_file_nobody_understands_stops_nobody():
    published()
    pk = post()
    (emergency.folder_of(store.root()) / "x.json").write_text("{}")
    tasks.tend()
    assert Incident.objects.get().pk == pk


def test_it_waits_for_no_renderer_that_hangs_and_is_not_undone_by_one_that_wakes(monkeypatch):
    """A database that hangs holds whoever renders, and the folder's lock with them."""
    published()
    monkeypatch.setattr(store, "LOCK_SECONDS", 0.2)
    render, posted = publish._render, []

    def wakes_too_late(*arguments):
        done = render(*arguments)
        posted.append(post())
        return done

    monkeypatch.setattr(publish, "_render", wakes_too_late)
    with pytest.raises(publish.Overtaken):
        publish.publish(refresh=True)
    monkeypatch.undo()
    assert posted[0].encode() in hot("/") and len(list((store.root() / "hot").iterdir())) == 2
    tasks.tend()
    assert Incident.objects.get().pk == posted[0] and posted[0].encode() in hot("/")


def test_what_cannot_be_put_away_stops_nobody_and_comes_no_second_time(monkeypatch, caplog):
    """Whoever was root on the worst night left a folder that the workers cannot change."""
    published()
    pk = post()
    monkeypatch.setattr(emergency.os, "replace", not_yours)
    tasks.tend()
    monkeypatch.undo()
    assert "give it to the user the workers run as" in caplog.text
    (left,) = emergency.pending(store.root())
    assert left.id == pk
    Incident.objects.filter(pk=pk).update(status="resolved", resolved_at=NOON + minutes(5))
    assert pages.changes(store.root(), store.read_manifest(store.root())).unstored == ()


def not_yours(source, target):
    if "merged" in str(target):
        raise PermissionError(1, "Operation not permitted")
    os.rename(source, target)


def test_a_snapshot_survives_the_disk():
    api, web = component("API", group=group("Core")), component("Web", showcase=True)
    incident({api: "major_outage", web: "partial_outage"}, next_update_by=NOON + timedelta(hours=1))
    scheduled(web)
    taken = frozen.from_json((store.current(store.root()) / frozen.FILE).read_bytes())
    assert frozen.from_json(frozen.to_json(taken)) == taken
    assert taken.components[1].days
    assert {each.name for each in taken.open_incidents[0].updates[0].affected_components} == {"Core - API", "Web"}
    assert taken.open_incidents[0].next_update_by == NOON + timedelta(hours=1)
