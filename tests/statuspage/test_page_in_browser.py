"""The pages in a real browser: axe finds nothing, nothing overflows, the script only refines."""

from datetime import date

import pytest

from statuspage.publishing import board, html
from statuspage.publishing.snapshot import DAYS
from tests.barriers import pages_below, violations

from .factories import a_component, a_page, a_snapshot, ago, an_incident, an_outage, an_update
from .pages import busy_snapshot


@pytest.mark.parametrize("width", [320, 1280])
def test_axe_finds_nothing_and_nothing_overflows(reader, axe, shown, width):
    window = reader(busy_snapshot(), viewport={"width": width, "height": 900})
    for path in window.paths():
        page = window.open(path)
        page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")
        assert (path, violations(page, axe)) == (path, [])
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert window.complaints == []
    assert pages_below("public") - shown == {"public/said.html"}, "which no publication has"


def test_nothing_overflows_on_a_wide_screen(reader):
    window = reader(busy_snapshot(), viewport={"width": 2560, "height": 900})
    for path in window.paths():
        assert window.open(path).evaluate("document.documentElement.scrollWidth") <= 2560


@pytest.mark.parametrize("width", [320, 1280])
def test_arabic_is_read_from_right_to_left_and_axe_finds_nothing(reader, axe, width):
    window = reader(busy_snapshot(), viewport={"width": width, "height": 900})
    paths = window.paths("/ar")
    assert {"/ar", "/ar/history", "/ar/404", "/ar/history/2026-11", "/ar/report", "/ar/subscribe"} <= set(paths)
    for path in paths:
        page = window.open(path)
        page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")
        assert page.evaluate("[document.documentElement.dir, document.documentElement.lang]") == ["rtl", "ar"]
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert (path, violations(page, axe)) == (path, [])
    assert window.complaints == []


def test_in_arabic_today_is_on_the_left_and_so_is_its_bar(reader):
    window = reader(a_snapshot(components=(a_component("API"),)))
    page = window.open("/ar")
    oldest, newest = page.locator(".axis span").all()
    assert oldest.bounding_box()["x"] > newest.bounding_box()["x"]
    box = page.locator(".row .bars").bounding_box()
    page.mouse.move(box["x"] + 2, box["y"] + 10)
    assert page.locator(".uptime").inner_text().startswith(words_of(page, "2026-11-10"))
    page.mouse.move(box["x"] + box["width"] - 2, box["y"] + 10)
    assert page.locator(".uptime").inner_text().startswith(words_of(page, "2026-08-13"))


def words_of(page, day):
    """A day as the browser names it in Arabic, in the digits that the page has."""
    options = "{ weekday: 'short', day: 'numeric', month: 'short', timeZone: 'UTC' }"
    return page.evaluate(f"day => new Intl.DateTimeFormat('ar-u-nu-latn', {options}).format(new Date(day))", day)


def test_fault_67_long_words_do_not_break_a_narrow_page(reader):
    long = "x" * 200
    components = (
        a_component(long, description=long, status="degraded_performance"),
        a_component("خدمة " * 40, position=2, is_third_party=True),
        a_component("🚀" * 60, position=3, status="under_maintenance"),
    )
    body = f"{long} `{long}` https://example.com/{long}\n\n```\n{long}\n```\n\n- {long}"
    incident = an_incident(long, components=components, updates=(an_update(body=body),))
    snapshot = a_snapshot(components=components, incidents=(incident,), page=a_page(name=long))
    window = reader(snapshot, viewport={"width": 320, "height": 900})
    for path in ("/", incident.path, "/history/2026-11"):
        assert window.open(path).evaluate("document.documentElement.scrollWidth") == 320


def test_a_visit_is_one_request_and_leaves_no_cookie(reader):
    window = reader(busy_snapshot())
    window.open()
    window.page.wait_for_timeout(200)
    assert window.asked == ["/"]
    assert window.context.cookies() == []
    assert window.complaints == []


def test_the_page_is_whole_without_the_script(reader):
    window = reader(busy_snapshot(), java_script_enabled=False)
    window.open()
    assert "Component 0.0 is partly down. Everything else works. As of 14:32 UTC" in window.words()
    assert "Next update by 15:00 UTC, in 28 minutes" in window.words()
    window.page.locator("summary").last.click()
    assert "Component 4.5" in window.words()


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("UTC", "As of 14:32 UTC"),
        ("America/New_York", "As of 14:32 UTC (09:32 your time)"),
        ("Pacific/Auckland", "As of 14:32 UTC (Wed 03:32 your time)"),
        ("no/such", "As of 14:32 UTC"),
    ],
)
def test_the_visitors_own_time_stands_beside_utc(reader, zone, words):
    window = reader(timezone_id=zone) if zone != "no/such" else reader(java_script_enabled=False)
    window.open()
    assert " ".join(window.page.inner_text(".now p").split()) == words


def test_the_visitors_time_joins_the_pages_zone(reader):
    window = reader(a_snapshot(page=a_page(time_zone="Europe/Amsterdam")), timezone_id="Asia/Tokyo")
    window.open()
    assert window.page.inner_text(".now p").strip() == "As of 14:32 UTC (15:32 CET, 23:32 your time)"


def test_the_day_under_the_pointer_is_named(reader):
    window = reader()
    page = window.open()
    bars = page.locator("li .bars").first.bounding_box()
    page.mouse.move(bars["x"] + bars["width"] - 3, bars["y"] + 20)
    assert page.locator(".uptime").inner_text() == "Tue 10 Nov · Operational"
    page.mouse.move(3, 3)
    assert page.locator(".uptime").inner_text() == "100% uptime"


@pytest.mark.parametrize("step", [board.STEP, 7])
def test_the_day_under_the_pointer_is_named_with_its_trouble_however_wide_days_are_drawn(reader, monkeypatch, step):
    """The script has the drawing's numbers from the page."""
    monkeypatch.setattr(board, "STEP", step)
    monkeypatch.setattr(html, "STEP", step)
    down = an_outage(ago(days=4, minutes=30), ago(days=4), "major_outage")
    page = reader(a_snapshot(components=(a_component(outages=[down], start_date=date(2026, 11, 4)),))).open()
    bars = page.locator("li .bars").first.bounding_box()
    for back, words in ((0, "Tue 10 Nov · Operational"), (4, "Fri 6 Nov · Major outage"), (20, "Wed 21 Oct")):
        share = 1 - (back + 0.5) / DAYS
        page.mouse.move(bars["x"] + share * bars["width"], bars["y"] + 20)
        assert page.locator(".uptime").inner_text() == words


def test_the_keyboard_reaches_the_content_first(reader):
    window = reader(busy_snapshot())
    page = window.open()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_print_unfolds_everything(reader):
    window = reader(busy_snapshot())
    page = window.open()
    page.emulate_media(media="print")
    assert page.locator("text=Component 4.5").is_visible()
    assert not page.locator("nav").first.is_visible()
