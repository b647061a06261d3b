"""The published pages: whole without a script, true to one snapshot, harmless and small."""

import re
from dataclasses import replace
from datetime import date, timedelta
from html.parser import HTMLParser

import brotli
import pytest
from django.conf import settings as site
from django.template.loader import render_to_string
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from statuspage.publishing import assets, documents, html
from statuspage.publishing.languages import published
from statuspage.publishing.snapshot import Month

from .factories import (
    NOW,
    a_component,
    a_group,
    a_maintenance,
    a_month,
    a_page,
    a_snapshot,
    affected,
    ago,
    ahead,
    an_incident,
    an_outage,
    an_update,
    id_of,
)

pytestmark = pytest.mark.usefixtures("all_languages")

FIRST_FLIGHT = 14_336
"""What TCP sends before the first answer: ten segments."""


class Page(HTMLParser):
    """A page as a browser reads it: elements, text, the inlined style and script."""

    VOID = frozenset({"meta", "link", "img", "br", "hr", "input", "path", "use"})

    BLOCKS = frozenset({"p", "li", "dt", "dd", "div", "ul", "ol", "h1", "h2", "h3", "main", "nav", "article"})

    def __init__(self, body):
        super().__init__()
        self.elements, self.text, self.open, self.raw = [], "", [], {"style": "", "script": ""}
        self.feed(body.decode() if isinstance(body, bytes) else body)
        self.close()

    def handle_starttag(self, tag, attributes):
        if tag in self.BLOCKS:
            self.text += " "
        self.elements.append((tag, dict(attributes)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in self.VOID:
            assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] in self.raw:
            self.raw[self.open[-1]] += data
        else:
            self.text += data

    def words(self):
        return " ".join(self.text.split())

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]

    def headings(self):
        return [int(tag[1]) for tag, _ in self.elements if re.fullmatch("h[1-6]", tag)]


def front(**facts):
    return Page(html.front(a_snapshot(**facts)))


def of(entry, **facts):
    document, *_in_other_languages = html.entry_page(a_snapshot(**facts), entry)
    return Page(document.render())


def month(*entries, earlier=None, later=None, key="2026-11"):
    document, *_in_other_languages = html.month_page(
        a_snapshot(), Month(key=key, entries=entries, earlier=earlier, later=later)
    )
    return Page(document.render())


def busy_snapshot(count=30):
    """A page with `count` components in five groups, troubled days, an incident and a maintenance."""
    groups, components = [], []
    for group in range(5):
        name = f"Group {group}"
        members = [
            a_component(
                f"Component {group}.{place}",
                group_id=id_of(name),
                position=place,
                description=f"What component {place} of group {group} does for its users",
                outages=[
                    an_outage(ago(days=7 * n + place + group, hours=n), ago(days=7 * n + place + group), status)
                    for n, status in enumerate(["partial_outage", "major_outage", "degraded_performance"] * 3, 1)
                ],
            )
            for place in range(count // 5)
        ]
        components += members
        groups.append(a_group(name, members, position=group))
    down = replace(components[0], status="partial_outage")
    incident = an_incident(
        components=(down,),
        next_update_by=ahead(minutes=28),
        updates=tuple(an_update(body="A queue is **saturated**. " * 8, at=ago(minutes=n)) for n in range(1, 9)),
    )
    months = tuple(a_month(f"{year}-{number:02}") for year in (2026, 2025) for number in range(11, 0, -1))
    return a_snapshot(
        components=(down, *components[1:]),
        groups=tuple(groups),
        incidents=(
            incident,
            *(an_incident(f"Past {n}", status="resolved", started_at=ago(days=n)) for n in range(1, 12)),
        ),
        maintenances=(a_maintenance(components=(components[3],)),),
        months=months,
    )


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


# --- All pages ----------------------------------------------------------------------------------


def test_the_documents_are_registered():
    snapshot = busy_snapshot()
    assert {"/", "/.stale", "/history", "/404"} <= {each.path for each in documents.hot_documents(snapshot)}
    entry = snapshot.incidents[0]
    assert f"/incidents/{entry.id}" in {each.path for each in documents.entry_documents(snapshot, entry)}
    page = Month(key="2026-11", entries=(), earlier=None, later=None)
    assert "/history/2026-11" in {each.path for each in documents.month_documents(snapshot, page)}


def test_only_the_front_page_changes_when_nothing_but_time_passes():
    snapshot = busy_snapshot()
    later = replace(snapshot, as_of=ahead(minutes=3))
    keys = {each.path: each.key for each in html.hot(snapshot)}
    expected = {"/": None, "/.stale": None, "/history": "7", "/404": "settings alone"}
    assert keys == {language.place(path): key for language in published() for path, key in expected.items()}
    for path in ("/history", "/404"):
        first, second = ({each.path: each.render() for each in html.hot(facts)} for facts in (snapshot, later))
        assert first[path] == second[path]


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


def test_the_feeds_are_announced_as_statuspage_does(every_page):
    for body in every_page.values():
        announced = [each for each in Page(body).all("link") if each["rel"] == "alternate" and "hreflang" not in each]
        atom, rss, calendar = announced
        assert (calendar["type"], calendar["href"]) == ("text/calendar", "https://status.example.com/maintenance.ics")
        assert atom == {
            "rel": "alternate",
            "type": "application/atom+xml",
            "href": "https://status.example.com/history.atom",
            "title": "Example Status History - Atom Feed",
        }
        assert rss == atom | {
            "type": "application/rss+xml",
            "href": "https://status.example.com/history.rss",
            "title": "Example Status History - RSS Feed",
        }


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


# --- Front page ------------------------------------------------------------------------------------


def test_an_empty_page_says_what_is_not_there_yet():
    page = front(components=())
    assert page.text.count("No problems are known.") == 2  # title and headline
    assert "No components are listed yet." in page.words()
    assert "28 Oct to 10 Nov No incidents" in page.words()


def test_the_front_page_says_what_is_down_and_as_of_when():
    page = front(components=(a_component("Actions", status="partial_outage"), a_component("Web")))
    assert "Actions is partly down. Everything else works." in page.words()
    assert "As of 14:32 UTC" in page.words()
    assert page.words().startswith("Actions is partly down. Everything else works. · Example Status")


def test_a_status_is_a_word_and_an_icon_and_not_only_a_colour():
    page = front(components=(a_component(status="major_outage"),))
    assert "Major outage" in page.words()
    assert {"href": "#major_outage"} in page.all("use")
    assert "major_outage" in [each["id"] for each in page.all("symbol")]


def test_an_open_incident_is_told_newest_update_first():
    api = a_component(status="partial_outage")
    updates = (
        an_update("identified", "Second word", at=ago(minutes=2)),
        an_update(body="First word", at=ago(minutes=31)),
    )
    words = front(components=(api,), incidents=(an_incident(components=(api,), updates=updates),)).words()
    assert "Happening now Delays Partial outage API since 13:58 UTC, 34 minutes ago" in words
    assert "Identified 14:30 UTC, 2 minutes ago Second word" in words
    assert words.index("Second word") < words.index("First word")


def test_the_incident_with_the_newest_word_comes_first():
    older = an_incident("Older", updates=(an_update(at=ago(minutes=9)),))
    newer = an_incident("Newer", updates=(an_update(at=ago(minutes=1)),))
    words = front(incidents=(older, newer)).words()
    assert words.index("Newer") < words.index("Older")


def test_the_next_update_is_a_promise_with_a_time():
    words = front(incidents=(an_incident(next_update_by=ahead(minutes=28)),)).words()
    assert "Next update by 15:00 UTC, in 28 minutes" in words


def test_a_promise_that_was_not_kept_says_so():
    words = front(incidents=(an_incident(next_update_by=ago(minutes=12)),)).words()
    assert "An update was due by 14:20 UTC, 12 minutes ago" in words
    assert "Next update by" not in words


def test_a_maintenance_in_progress_says_when_it_ends():
    running = a_maintenance(status="in_progress", scheduled_for=ago(minutes=30), scheduled_until=ahead(minutes=88))
    words = front(maintenances=(running,)).words()
    assert "In progress Tue 10 November, 14:02 to 16:00 UTC" in words
    assert "Ends in 88 minutes" in words
    late = replace(running, scheduled_until=ago(minutes=3))
    assert "Was to end 3 minutes ago" in front(maintenances=(late,)).words()


def test_a_planned_maintenance_says_when_how_long_and_how_far_ahead():
    words = front(maintenances=(a_maintenance(components=(a_component("Issues"),), window_revision=2),)).words()
    assert "Planned maintenance Database upgrade Thu 12 November, 15:00 to 17:00 UTC in 2 days, for 2 hours" in words
    assert "Issues announced 6 days ahead the window was changed We upgrade the database." in words


def test_a_cancelled_maintenance_is_not_planned():
    assert "Planned maintenance" not in front(maintenances=(a_maintenance(status="cancelled"),)).words()


def test_the_soonest_maintenance_comes_first():
    late, soon = a_maintenance("Late", scheduled_for=ahead(days=9)), a_maintenance("Soon", scheduled_for=ahead(days=1))
    words = front(maintenances=(late, soon)).words()
    assert words.index("Soon") < words.index("Late")


def test_a_group_is_open_while_something_in_it_is_wrong():
    works, fails = (
        a_component(name, group_id=id_of(f"Group {name}"), status=status)
        for name, status in (("works", "operational"), ("fails", "major_outage"))
    )
    groups = (a_group("Group works", [works], position=1), a_group("Group fails", [fails], position=2))
    folded, unfolded = front(components=(works, fails), groups=groups).all("details")
    assert "open" not in folded and "open" in unfolded


def test_bars_have_an_uptime_beside_them_and_words_for_who_does_not_see_them():
    outage = an_outage(ago(days=4, minutes=30), ago(days=4), "major_outage")
    words = front(components=(a_component(outages=[outage]),)).words()
    assert "API 99.976% uptime Operational" in words
    assert "The last 90 days: Major outage on 6 Nov." in words
    assert "Uptime = 1 − (time in major outage + 0.3 × time in partial outage) ÷ time shown" in words


def test_a_page_without_bars_explains_none():
    words = front(components=(a_component(showcase=False, days=(), uptime=None),)).words()
    assert "Uptime" not in words and "90 days ago" not in words


def test_a_third_party_is_called_one():
    assert "SMS third party" in front(components=(a_component("SMS", is_third_party=True),)).words()


def test_times_are_told_in_the_pages_zone_too():
    page = front(page=a_page(time_zone="Europe/Amsterdam"))
    assert "As of 14:32 UTC (15:32 CET)" in page.words()
    assert "Times are in UTC and in Europe/Amsterdam." in page.words()
    assert "Days begin at midnight CET." in page.words()


def test_the_front_page_tells_the_script_what_it_knows():
    (main,) = front().all("main")
    assert main["data-live"] == "2026-11-10T14:30:00.000Z"


def test_a_page_that_is_passed_on_says_what_it_is(every_page):
    for path, body in every_page.items():
        said = {each["property"]: each["content"] for each in Page(body).all("meta") if "property" in each}
        if path.endswith("/404"):
            assert said == {}
            continue
        assert said["og:url"].startswith("https://status.example.com/")
        assert all(said[f"og:{name}"].strip() for name in ("title", "description", "site_name", "type"))
        assert len(said["og:description"]) <= 200


def test_the_page_of_a_site_that_tells_nobody_offers_no_updates(monkeypatch):
    monkeypatch.setattr(html.apps, "is_installed", lambda name: False)
    page = front()
    assert "Get updates" not in page.words() and "RSS" not in page.words()
    assert [each["rel"] for each in page.all("link") if "hreflang" not in each] == ["icon", "canonical"]


# --- When the data is old -------------------------------------------------------------------------


def test_a_stale_page_says_since_when_and_nothing_relative():
    snapshot = a_snapshot(incidents=(an_incident(next_update_by=ahead(minutes=28)),), maintenances=(a_maintenance(),))
    words = Page(html.front(snapshot, is_stale=True)).words()
    assert "This page has not been refreshed since Tue 10 November 2026, 14:32 UTC." in words
    assert "What it says may be out of date." in words
    assert "Next update by Tue 10 November 2026, 15:00 UTC" in words
    assert " ago " not in words.replace("90 days ago", "") and "in 28 minutes" not in words


def test_a_fresh_page_says_nothing_of_the_kind():
    assert "refreshed" not in front().words()


# --- History ---------------------------------------------------------------------------------------


def test_history_has_the_newest_month_and_all_months_by_year():
    months = (a_month("2026-11", 1, 1), a_month("2026-01", 0, 2), a_month("2025-12", 3))
    snapshot = a_snapshot(incidents=(an_incident("Now"),), maintenances=(a_maintenance("Soon"),), months=months)
    page = Page(html.history(snapshot))
    words = page.words()
    assert "History November 2026 Thu 12 Nov Soon" in words and "Tue 10 Nov Now" in words
    assert "2026 November 1 incident, 1 maintenance January 2 maintenances 2025 December 3 incidents" in words
    assert "/history/2025-12" in [each["href"] for each in page.all("a")]
    assert "All of November 2026" not in words


def test_a_month_that_holds_more_than_the_snapshot_links_to_its_page():
    snapshot = a_snapshot(incidents=(an_incident(),), months=(a_month("2026-11", 70),))
    assert "All of November 2026" in Page(html.history(snapshot)).words()


def test_a_page_without_history_says_so():
    assert "Nothing has happened yet." in Page(html.history(a_snapshot())).words()


def test_a_month_lists_its_days_newest_first_and_links_its_neighbours():
    older = an_incident("Older", status="resolved", started_at=ago(days=5))
    newer = an_incident("Newer", status="resolved", started_at=ago(days=2), impact="critical")
    page = month(older, newer, earlier="2026-09", later="2026-12")
    words = page.words()
    assert "Sun 8 Nov Newer Critical impact Resolved 30 minutes Thu 5 Nov Older" in words
    assert "← September 2026" in words and "December 2026 →" in words
    assert {each["href"] for each in page.all("a") if "rel" in each} == {"/history/2026-09", "/history/2026-12"}


def test_an_empty_month_says_so():
    assert "Nothing happened in this month." in month().words()


# --- Incidents and maintenances -----------------------------------------------------------------------


def test_an_incidents_page_tells_its_whole_story():
    api = a_component("API")
    updates = (
        an_update(
            "resolved", "It works.", at=ago(days=2), affected_components=(affected(api, "major_outage", "operational"),)
        ),
        an_update("investigating", "We look.", at=ago(days=2, hours=1)),
    )
    incident = an_incident(
        "API is down",
        components=(api,),
        status="resolved",
        impact="critical",
        started_at=ago(days=2, hours=1),
        resolved_at=ago(days=2),
        updates=updates,
    )
    page = of(incident)
    words = page.words()
    assert words.startswith("API is down · Example Status")
    assert "API is down Critical impact Resolved Started Sun 8 November 2026, 13:32 UTC" in words
    assert "Resolved Sun 8 November 2026, 14:32 UTC Duration 1 hour Components API" in words
    assert "API: Major outage → Operational" in words
    assert words.index("It works.") < words.index("We look.")
    assert "/history/2026-11" in [each["href"] for each in page.all("a")]


def test_an_open_incidents_page_says_when_the_next_word_is_due():
    words = of(an_incident(next_update_by=ahead(minutes=28))).words()
    assert "Next update by Tue 10 November 2026, 15:00 UTC" in words
    assert "Resolved" not in words and "Duration" not in words


def test_a_resolved_incident_promises_nothing_more():
    assert "Next update" not in of(an_incident(status="resolved", next_update_by=ahead(minutes=5))).words()


def test_an_entrys_page_stays_true_however_long_it_is_not_rendered_again():
    for entry in (an_incident(), a_maintenance(), an_incident(status="resolved")):
        first, second = (
            next(iter(html.entry_page(a_snapshot(as_of=instant), entry))).render() for instant in (NOW, ahead(days=40))
        )
        assert first == second
        assert "ago" not in Page(first).words()


def test_a_maintenances_page_tells_its_window_and_its_notice():
    work = a_maintenance(
        status="completed",
        window_revision=2,
        components=(a_component("Issues"),),
        started_at=ahead(days=2),
        resolved_at=ahead(days=2, hours=1),
    )
    words = of(work).words()
    assert "Window Thu 12 November 2026, 15:00 to 17:00 UTC, 2 hours" in words
    assert "Announced Fri 6 November 2026, 14:32 UTC, 6 days ahead · the window was changed" in words
    assert "Work began" in words and "Ended" in words and "Components Issues" in words


def test_an_entry_without_updates_says_so():
    assert "Nothing has been published yet." in of(an_incident(updates=())).words()


def test_the_page_for_unknown_addresses_leads_home():
    page = Page(html.rendered("not_found.html", a_page(), {}))
    assert "There is no page at this address." in page.words()
    assert "/" in [each["href"] for each in page.all("a")]


# --- Around: for other packages' pages ---------------------------------------------------------------


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
    }
    page = front()
    assert ":root{--accent:#7a1fa2;--on-accent:#ffffff}" in page.raw["style"]
    assert page.all("img")[0]["src"] == "/static/logo.svg"
    assert {"https://help.example.com", "https://example.com"} <= {each["href"] for each in page.all("a")}
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
    assert front(components=(a_component(status="major_outage"),)).all("link")[0]["href"].count("%23c42b33") == 1


# --- Faults ----------------------------------------------------------------------------------------------

HOSTILE = st.text(max_size=40) | st.sampled_from(
    ["<script>alert(1)</script>", '" onload="alert(1)', "'><img src=x onerror=alert(1)>", "{{ settings.SECRET_KEY }}"]
)


@settings(max_examples=40, deadline=None)
@given(HOSTILE, HOSTILE, HOSTILE)
def test_fault_66_whatever_names_say_the_page_keeps_its_form(site, title, component):
    api = a_component(component, description=title, status="partial_outage", group_id=id_of(title))
    incident = an_incident(title, components=(api,), updates=(an_update(body=component),))
    snapshot = a_snapshot(
        page=a_page(name=site),
        components=(api,),
        groups=(a_group(title, [api]),),
        incidents=(incident,),
        maintenances=(a_maintenance(title, components=(api,)),),
    )
    for body in (html.front(snapshot), next(iter(html.entry_page(snapshot, incident))).render()):
        page = Page(body)
        assert page.open == []
        assert len(page.all("script")) == 1 and page.all("img") == []
        assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]


def test_fault_67_names_keep_their_direction_to_themselves():
    rtl = a_component("خدمة الرسائل", status="major_outage")
    body = html.front(a_snapshot(components=(rtl,), incidents=(an_incident("تأخير", components=(rtl,)),))).decode()
    shown = body.partition("<body")[2]  # a title and a description can hold no <bdi>
    assert shown.count("خدمة الرسائل") == shown.count("<bdi>خدمة الرسائل</bdi>")
    assert "<bdi>تأخير</bdi>" in body
    assert 'class="body" dir="auto"' in body


def test_fault_67_a_huge_body_is_rendered():
    updates = (an_update(body="x" * 1_000_000), an_update(body="é" * 25_000))
    assert len(html.front(a_snapshot(incidents=(an_incident(updates=updates),)))) > 1_000_000


def test_fault_68_a_body_is_sanitised_on_the_page():
    updates = (an_update(body="<script>alert(1)</script> [x](javascript:alert(1)) ![x](https://t.example/p.png)"),)
    incident = an_incident(updates=updates)
    for page in (front(incidents=(incident,)), of(incident)):
        assert len(page.all("script")) == 1 and page.all("img") == []
        assert not [each for each in page.all("a") if "javascript" in each["href"]]


def test_fault_69_text_is_never_compiled_as_a_template():
    secret = "{{ settings.SECRET_KEY }}{% debug %}{% load i18n %}"
    incident = an_incident(secret, updates=(an_update(body=secret),))
    for page in (front(incidents=(incident,), page=a_page(name=secret)), of(incident)):
        assert secret in page.text


def test_fault_70_a_lone_surrogate_does_not_stop_the_publication():
    incident = an_incident("x\ud800y", updates=(an_update(body="x\udfffy"),))
    assert "x?y" in front(incidents=(incident,)).words()


def test_fault_87_an_unusually_long_history_is_one_page_of_links():
    months = tuple(a_month(f"{year}-{number:02}") for year in range(2026, 1990, -1) for number in range(12, 0, -1))
    snapshot = replace(busy_snapshot(), months=months)
    assert len(brotli.compress(html.history(snapshot), quality=5)) <= FIRST_FLIGHT


def test_a_component_in_service_since_last_week_is_drawn_from_then():
    page = front(components=(a_component(start_date=date(2026, 11, 4)),))
    assert {"class": "none", "d": "M0 20H332"} in page.all("path")


def test_an_incident_of_the_turn_of_the_year_is_dated_with_its_year():
    incident = an_incident(started_at=NOW - timedelta(days=320))
    assert "since Thu 25 December 2025, 14:32 UTC, 320 days ago" in front(incidents=(incident,)).words()
