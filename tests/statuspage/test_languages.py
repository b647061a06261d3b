"""The page in several languages: the same facts at addresses of their own."""

import pytest
from django.utils import translation

from statuspage import own_words
from statuspage.actions import due, maintenance
from statuspage.public.serve import Published
from statuspage.publishing import languages, publish, store
from statuspage.publishing.documents import HTML

from .given import ALICE, NOON, component, incident, minutes, scheduled

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("publish_root")]


@pytest.fixture(autouse=True)
def two_languages(settings):
    settings.LANGUAGES = [("en", "English"), ("de", "Deutsch")]


def ask(path: str) -> tuple[str, str]:
    """What a reader is answered: status, body."""
    seen = []

    def start(status, headers):
        seen.append(status)

    app = Published(lambda environ, start: pytest.fail("Django was asked"))
    body = b"".join(app({"PATH_INFO": path, "REQUEST_METHOD": "GET"}, start))
    return seen[0], body.decode()


def test_every_page_stands_in_every_language_and_leads_to_its_own(settings):
    opened = incident({component(): "major_outage"})
    for path in ("/", "/history", "/history/2026-11", f"/incidents/{opened.pk}"):
        for prefix, code in (("", "en"), ("/de", "de")):
            status, body = ask(f"{prefix}{path}")
            assert (status, f'lang="{code}"' in body) == ("200 OK", True)
            assert f'href="{prefix}/history"' in body
            assert f'rel="canonical" href="{settings.SITE_URL}{prefix}{path}"' in body


def test_each_page_names_the_others(settings):
    opened = incident()
    _, body = ask(f"/incidents/{opened.pk}")
    assert f'<a href="/de/incidents/{opened.pk}" lang="de" hreflang="de">Deutsch</a>' in body
    assert f'hreflang="de" href="{settings.SITE_URL}/de/incidents/{opened.pk}"' in body


def test_the_default_language_has_no_prefix(settings):
    settings.LANGUAGE_CODE = "de"
    incident()
    assert 'lang="de"' in ask("/")[1]
    assert 'lang="en"' in ask("/en")[1]


def test_unknown_paths_and_old_pages_speak_the_readers_language(settings):
    publish.publish(now=NOON)
    assert ask("/de/nothing")[0] == "404 Not Found"
    assert 'lang="de"' in ask("/de/nothing")[1]
    assert ask("/de/.stale")[0] == ask("/de/404")[0] == ask("/503")[0] == ask("/de/503")[0] == "404 Not Found"
    settings.STALE_AFTER_SECONDS = 0
    (store.root() / "heartbeat").unlink()
    assert '<p class="old">' in ask("/de")[1]
    assert 'lang="de"' in ask("/de")[1]


def test_a_month_that_is_empty_again_goes_in_every_language():
    planned = scheduled(component())
    assert ask("/de/history/2026-11")[0] == "200 OK"
    start = planned.scheduled_for + minutes(60 * 24 * 40)
    facts = {"scheduled_for": start, "scheduled_until": start + minutes(60)}
    maintenance.move_maintenance(maintenance=planned, body="Later.", actor=ALICE, now=NOON, **facts)
    assert ask("/de/history/2026-11")[0] == ask("/history/2026-11")[0] == "404 Not Found"


def test_a_report_in_another_language_leads_to_pages_that_are_there():
    publish.publish(now=NOON)
    assert 'href="/de/subscribe"' in ask("/de/report/received")[1]
    assert ask("/de/subscribe")[0] == "200 OK"


@pytest.mark.parametrize("default", ["en", "de"])
@pytest.mark.parametrize("spoken", ["en", "de"])
def test_what_the_page_says_by_itself_is_read_in_the_readers_language(settings, default, spoken):
    """Whatever language the process is in that starts and ends the work."""
    settings.LANGUAGE_CODE = default
    window = scheduled(component())
    with translation.override(spoken):
        due.run_due(window.scheduled_for)
        due.run_due(window.scheduled_until)
    with translation.override(default):
        said = [str(words) for words in (own_words.COMPLETED, own_words.STARTED)]
    assert [update.body for update in window.updates.all()][:2] == said
    for language in languages.published():
        with translation.override(language.code):
            words = [str(each) for each in (own_words.COMPLETED, own_words.STARTED)]
        body = ask(language.place(f"/incidents/{window.pk}"))[1]
        assert all(f'<div class="body" dir="auto"><p>{each}</p>' in body for each in words)
        assert f'content="{words[0]}"' in body
    feed = ask("/history.atom")[1]
    assert all(each in feed for each in said)


def test_machines_get_one_document_whatever_the_number_of_languages(settings):
    publish.publish(now=NOON)
    of_machines = {path for path, kind in kinds().items() if kind != HTML}
    assert "/history.rss" in of_machines and not [path for path in of_machines if path.startswith("/de/")]
    for path in ("/history.rss", "/maintenance.ics", "/api/v2/summary.json", "/badge.svg"):
        assert ask(f"/de{path}")[0] == "404 Not Found"


def test_what_is_published_does_not_hang_on_who_publishes_it(settings):
    settings.LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("ar", "العربية")]
    parts = component("API")
    scheduled(parts)
    incident({parts: "partial_outage"})
    folders = []
    for spoken in ("en", "ar"):
        with translation.override(spoken):
            publish.publish(refresh=True, now=NOON + minutes(5))
        folder = store.current(store.root())
        files = [each for each in folder.rglob("*.*") if each.is_file() and each.name != "manifest.json"]
        folders.append({str(each.relative_to(folder)): each.read_bytes() for each in files})
        (store.root() / "current").unlink()
    assert len(folders[0]) > 50 and folders[0] == folders[1]


def kinds() -> dict[str, str]:
    """What is published: path -> content type."""
    manifest = store.read_manifest(store.root())
    assert manifest
    return {path: held.content_type for path, held in manifest.documents.items()}


@pytest.mark.parametrize(("path", "place"), [("/", "/de"), ("/history", "/de/history"), ("/.stale", "/de/.stale")])
def test_a_place_is_the_path_behind_the_language(path, place):
    assert [each.place(path) for each in languages.published()] == [path, place]
