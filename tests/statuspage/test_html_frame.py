"""What all published pages share: one form, one policy, one frame in every language, nothing from elsewhere."""

from dataclasses import replace

import brotli
import pytest
from django.conf import settings as site
from django.template.loader import render_to_string
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from statuspage.publishing import assets, documents, html
from statuspage.publishing.languages import published
from statuspage.publishing.snapshot import Month

from .factories import a_component, a_page, ahead
from .pages import FIRST_FLIGHT, Page, busy_snapshot, front

pytestmark = pytest.mark.usefixtures("all_languages")


@pytest.fixture(scope="module")
def every_page(all_languages):
    """All kinds of pages in every language, by path, of a busy snapshot."""
    snapshot = busy_snapshot()
    entries = (snapshot.incidents[0], snapshot.incidents[1], snapshot.maintenances[0])
    found = {each.path: each.render() for each in html.hot(snapshot)}
    for entry in entries:
        found |= {each.path: each.render() for each in html.entry_page(snapshot, entry)}
    shown = Month(key="2026-11", entries=entries, earlier="2026-10", later="2026-12")
    return found | {each.path: each.render() for each in html.month_page(snapshot, shown)}


def language_of(path):
    """The language whose place a page stands at."""
    default, *others = published()
    return next((each for each in others if f"{path}/".startswith(f"{each.prefix}/")), default)


def test_the_documents_are_registered():
    snapshot = busy_snapshot()
    assert {"/", "/.stale", "/history", "/404", "/503"} <= {each.path for each in documents.hot_documents(snapshot)}
    entry = snapshot.incidents[0]
    assert f"/incidents/{entry.id}" in {each.path for each in documents.entry_documents(snapshot, entry)}
    page = Month(key="2026-11", entries=(), earlier=None, later=None)
    assert "/history/2026-11" in {each.path for each in documents.month_documents(snapshot, page)}


def test_only_the_front_page_changes_when_nothing_but_time_passes():
    snapshot = busy_snapshot()
    later = replace(snapshot, as_of=ahead(minutes=3))
    keys = {each.path: each.key for each in html.hot(snapshot)}
    assert keys == {each.path: each.key for each in html.hot(later)}
    made_anew = {language.place(path) for language in published() for path in ("/", "/.stale")}
    assert {path for path, key in keys.items() if key is None} == made_anew
    for path in ("/history", "/404", "/503"):
        first, second = ({each.path: each.render() for each in html.hot(facts)} for facts in (snapshot, later))
        assert first[path] == second[path]


def test_what_staff_wrote_is_in_the_sites_language_and_says_so_in_the_others(settings):
    settings.BRAND = settings.BRAND | {"home_url": "https://example.com"}
    snapshot = busy_snapshot()
    found = {each.path: each for each in html.hot(snapshot)}
    found |= {each.path: each for each in html.entry_page(snapshot, snapshot.incidents[0])}
    for path in ("", snapshot.incidents[0].path):
        for prefix, lang in (("", None), ("/de", "en"), ("/ar", "en")):
            page = Page(found[f"{prefix}{path}" or "/"].render())
            written = [each for tag, each in page.elements if tag == "bdi" or each.get("class") == "body"]
            _site_name, *written = written
            assert len(written) > 5 and {each.get("lang") for each in written} == {lang}


def test_the_same_snapshot_gives_the_same_bytes_in_whatever_language_a_thread_was():
    snapshot = busy_snapshot()
    first = next(iter(html.hot(snapshot))).render()
    with translation.override("de"):
        assert next(iter(html.hot(snapshot))).render() == first


def test_every_page_is_well_formed_and_has_its_landmarks(every_page):
    for path, body in every_page.items():
        page = Page(body)
        assert page.open == []
        names = [tag for tag, _ in page.elements]
        for landmark in ("header", "main", "footer", "h1"):
            assert names.count(landmark) == 1
        code = language_of(path).code
        assert page.all("html") == [{"lang": code, "dir": "rtl" if code == "ar" else "ltr"}]
        assert page.all("a")[0] == {"class": "skip", "href": "#main"}


def test_headings_are_in_order(every_page):
    for body in every_page.values():
        levels = Page(body).headings()
        assert levels[0] == 1
        assert all(after - before <= 1 for before, after in zip(levels, levels[1:], strict=False))


def test_every_page_keeps_to_its_policy(every_page):
    policy = html.csp()
    for body in every_page.values():
        page = Page(body)
        assert assets.integrity(page.raw["style"]) in policy
        assert assets.integrity(page.raw["script"]) in policy
        assert len(page.all("style")) == len(page.all("script")) == 1
        for tag, attributes in page.elements:
            assert "style" not in attributes
            assert not [name for name in attributes if name.startswith("on")], tag


def test_no_page_asks_anybody_for_anything(every_page):
    for body in every_page.values():
        page = Page(body)
        assert not page.all("img") and not page.all("iframe")
        assert {each["rel"] for each in page.all("link")} <= {"icon", "alternate", "canonical"}
        assert page.all("link")[0]["href"].startswith("data:image/svg+xml,")
        assert "url(" not in page.raw["style"] and "@import" not in page.raw["style"]


FEED_TITLES = {
    "en": "Example Status History - {} Feed",
    "de": "Status von Example: Verlauf ({}-Feed)",
    "nl": "Status van Example: geschiedenis ({}-feed)",
    "fr": "État des services Example\xa0: historique (flux {})",
    "es": "Estado de Example: historial (fuente {})",
    "ar": "حالة Example: السجل (موجز {})",
}


def test_the_feeds_are_announced_as_statuspage_does(every_page):
    for path, body in every_page.items():
        title = FEED_TITLES[language_of(path).code]
        announced = [each for each in Page(body).all("link") if each["rel"] == "alternate" and "hreflang" not in each]
        atom, rss, calendar = announced
        assert (calendar["type"], calendar["href"]) == ("text/calendar", "https://status.example.com/maintenance.ics")
        assert atom == {
            "rel": "alternate",
            "type": "application/atom+xml",
            "href": "https://status.example.com/history.atom",
            "title": title.format("Atom"),
        }
        assert rss == atom | {
            "type": "application/rss+xml",
            "href": "https://status.example.com/history.rss",
            "title": title.format("RSS"),
        }


def test_a_name_that_ends_with_status_does_not_say_it_twice():
    body = front(page=a_page(name="GitHub Status"))
    assert [each["title"] for each in body.all("link") if each.get("type") == "application/atom+xml"] == [
        "GitHub Status History - Atom Feed"
    ]


def test_a_first_visit_fits_in_the_first_flight_in_every_language(every_page, capsys):
    sizes = {path: len(brotli.compress(body, quality=5)) for path, body in every_page.items()}
    fronts = {path: size for path, size in sizes.items() if path == language_of(path).home}
    with capsys.disabled():
        print(f"\n30 components, bytes after brotli 5: {fronts}, the largest page {max(sizes.values())}")
    assert len(fronts) == len(site.LANGUAGES)
    assert max(sizes.values()) <= FIRST_FLIGHT


def test_no_page_asks_the_database(every_page, django_assert_num_queries, db):
    with django_assert_num_queries(0):
        html.front(busy_snapshot())


def test_a_page_that_is_passed_on_says_what_it_is(every_page):
    for path, body in every_page.items():
        said = {each["property"]: each["content"] for each in Page(body).all("meta") if "property" in each}
        if path.endswith(("/404", "/503")):
            assert said == {}
            continue
        assert said["og:url"].startswith("https://status.example.com/")
        assert all(said[f"og:{name}"].strip() for name in ("title", "description", "site_name", "type"))
        assert len(said["og:description"]) <= 200


def test_the_page_for_unknown_addresses_leads_home():
    page = Page(html.rendered("not_found.html", a_page(), {}))
    assert "There is no page at this address." in page.words()
    assert "/" in [each["href"] for each in page.all("a")]


def test_the_page_for_forms_that_nobody_takes_says_what_still_works(every_page):
    words = Page(every_page["/503"]).words()
    assert "Forms do not work just now" in words and "it may not have arrived" in words
    assert "You can still read the status page, its history and its feeds." in words
    assert {"/", "/history", "/history.rss"} <= {each["href"] for each in Page(every_page["/503"]).all("a")}


# --- Around: for other packages' pages -------------------------------------------------------------------------------


def test_the_layout_renders_outside_of_a_snapshot():
    page = Page(render_to_string("public/layout.html", html.layout_context(a_page(name="Köln Status"))))
    assert "Köln Status" in page.words() and "Status Status" not in page.words()
    assert "data-live" not in page.all("main")[0]


def test_a_brand_brings_its_colour_logo_and_links(settings):
    settings.BRAND = {
        "logo": "/static/logo.svg",
        "colour": "#7a1fa2",
        "support_url": "https://help.example.com",
        "home_url": "https://example.com",
        "links": [("Terms & prices", "https://example.com/terms?a=1&b=2"), ("Write to us", "mailto:help@example.com")],
        "footer": "Example B.V. <Amsterdam>",
    }
    page = front()
    assert ":root{--accent:#7a1fa2;--on-accent:#ffffff}" in page.raw["style"]
    assert page.all("img")[0]["src"] == "/static/logo.svg"
    assert {"https://help.example.com", "https://example.com"} <= {each["href"] for each in page.all("a")}
    assert {"https://example.com/terms?a=1&b=2", "mailto:help@example.com"} <= {each["href"] for each in page.all("a")}
    assert "Terms & prices Write to us" in page.words() and "Example B.V. <Amsterdam>" in page.words()
    assert assets.integrity(page.raw["style"]) in html.csp()


@pytest.mark.parametrize("logo", ["https://tracker.example/logo.svg", "//tracker.example/x", "nowhere.svg", ""])
def test_a_logo_elsewhere_is_not_shown(settings, logo):
    settings.BRAND = {**settings.BRAND, "logo": logo}
    assert front().all("img") == []


def test_a_logo_given_as_a_file_is_inlined(settings, tmp_path):
    file = tmp_path / "logo.svg"
    file.write_text("<svg/>")
    settings.BRAND = {**settings.BRAND, "logo": str(file)}
    assert front().all("img")[0]["src"] == "data:image/svg+xml;base64,PHN2Zy8+"


@pytest.mark.parametrize("colour", ["red", "#12", "#12345g", "#123456}body{display:none", "</style><script>"])
def test_a_colour_that_is_none_is_left_out(settings, colour):
    settings.BRAND = {**settings.BRAND, "colour": colour}
    assert "--on-accent:#f" not in front().raw["style"].split("@media")[-1]


@given(st.from_regex("#[0-9a-f]{6}", fullmatch=True))
def test_the_ink_on_a_brands_colour_can_always_be_read(colour):
    assert assets.contrast(colour, assets.readable_on(colour)) >= 4.5


def test_the_tabs_icon_has_the_style_sheets_colours():
    sheet = assets.source("page.css")
    assert {colour for colour in assets.FAVICON_COLOURS.values() if colour not in sheet} == set()
    assert front(components=(a_component(status="major_outage"),)).all("link")[0]["href"].count("%23b3202c") == 1
