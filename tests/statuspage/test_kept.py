"""What a process keeps from one publication to the next makes no page old: one that kept nothing writes the same."""

import gc
import re
import time
from datetime import datetime
from functools import _lru_cache_wrapper

import pytest

from statuspage import audit
from statuspage.actions import components, corrections, groups, incidents, maintenance
from statuspage.models import Incident, Publication
from statuspage.publishing import entries, look, publish, store

from .given import ALICE, NOON, component, group, history, hours, incident, minutes, scheduled

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("publish_root")]


LIVE = re.compile(rb'data-live="[^"]*"')
"""When anything on the page last changed, as of the rendering of this document."""


def published() -> dict[str, bytes]:
    """All that readers have, by file."""
    hot, pages = store.current(store.root()), store.root() / "pages"
    files = [*hot.rglob("*"), *pages.rglob("*")]
    private = {"manifest.json", "snapshot.json"}
    return {
        str(file.relative_to(hot if hot in file.parents else pages)): LIVE.sub(b"", file.read_bytes())
        for file in files
        if file.is_file() and file.suffix not in {".br", ".gz"} and file.name not in private
    }


def forget() -> None:
    """As a process that has just begun."""
    entries.forget()
    for each in gc.get_objects():
        if isinstance(each, _lru_cache_wrapper) and each.__module__.startswith(("statuspage.", "notifications.")):
            each.cache_clear()


@pytest.fixture
def assert_as_anew(settings, tmp_path):
    """Compares the folder with one of the same revision and moment, which is rendered from nothing."""
    rounds = iter(range(100))
    ours = settings.PUBLISH_ROOT

    def compare() -> dict[str, bytes]:
        found, held = published(), store.read_manifest(ours)
        forget()
        settings.PUBLISH_ROOT = tmp_path / f"anew-{next(rounds)}"
        publish.publish(now=datetime.fromisoformat(held.as_of))
        anew = published()
        settings.PUBLISH_ROOT = ours
        assert [path for path in anew if found.get(path) != anew[path]] == []
        return found

    return compare


@pytest.fixture
def page(publish_root):
    """Two components in a group with an incident and a window, and a past that all of the page's lists hold."""
    core = group()
    api, web = component("API", group=core), component("Web", group=core)
    history(12, touched=api)
    publish.publish(refresh=True)
    return api, web, core, incident({api: "degraded_performance"}, name="It is slow"), scheduled(web)


def test_every_change_is_shown_though_most_of_a_page_is_kept(page, assert_as_anew):
    api, web, core, slow, work = page
    said = {"incident": slow, "actor": ALICE}
    words = incidents.publish_update(**said, status="identified", body="A cable.", components={web.pk: "major_outage"})
    assert_as_anew()
    corrections.correct_update(update=words, body="A pipe.", actor=ALICE)
    assert b"A pipe." in assert_as_anew()[f"components/{web.pk}/history.atom"]
    incidents.edit_incident(**said, name="It is very slow", impact="critical", severity=None, cause="own")
    assert_as_anew()
    maintenance.move_maintenance(
        maintenance=work, scheduled_for=NOON + hours(50), scheduled_until=NOON + hours(51), body="Later.", actor=ALICE,
        now=NOON,
    )  # fmt: skip
    assert_as_anew()
    incidents.publish_update(**said, status="resolved", body="Over.", now=NOON + minutes(95))
    assert b"1 hour 35 minutes" in assert_as_anew()["history/2026-11.html"]


def test_another_name_of_a_component_or_a_group_is_shown(page, assert_as_anew):
    api, _, core, slow, _ = page
    components.edit_component(component=api, actor=audit.SYSTEM, name="Interface")
    assert b"Core - Interface" in assert_as_anew()[f"incidents/{slow.pk}.html"]
    groups.save_group(name="Heart", actor=audit.SYSTEM, group=core)
    found = assert_as_anew()
    assert b"Heart - Interface" in found["history/2026-11.html"]
    assert b"Heart - Interface" in found[f"components/{api.pk}/history.rss"]


def test_another_brand_language_and_zone_are_shown(page, assert_as_anew, settings, monkeypatch):
    for name, value in (
        ("SITE_URL", "https://elsewhere.example.com"),
        ("SITE_NAME", "Elsewhere"),
        ("PAGE_TIME_ZONE", "Pacific/Auckland"),
        ("BRAND", {**settings.BRAND, "footer": "Not the same."}),
        ("LANGUAGE_CODE", "de"),
    ):
        setattr(settings, name, value)
        monkeypatch.setattr(look, "STARTED", time.time())  # as the program that is released
        publish.publish()
        publish.finish()
        assert_as_anew()


def test_a_restored_database_is_told_as_it_is(page, assert_as_anew):
    """The same revision and the same time, but another past."""
    _, _, _, slow, _ = page
    Incident.objects.filter(pk=slow.pk).update(name="It was fast after all")
    Publication.objects.update(epoch="another00000")
    publish.publish()
    assert b"It was fast after all" in assert_as_anew()[f"incidents/{slow.pk}.html"]


def test_an_entry_that_did_not_change_is_not_read_again(page, monkeypatch):
    read, facts = [], entries._incident
    monkeypatch.setattr(entries, "_incident", lambda row: read.append(row.pk) or facts(row))
    incidents.publish_update(incident=page[3], status="identified", body="A cable.", actor=ALICE)
    assert set(read) == {page[3].pk}
    assert len(read) == 1


def test_what_is_kept_has_a_bound(page, monkeypatch):
    monkeypatch.setattr(entries, "KEPT", 5)
    incidents.publish_update(incident=page[3], status="identified", body="A cable.", actor=ALICE)
    assert len(entries._kept) <= 5
