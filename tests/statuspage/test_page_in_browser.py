"""The pages in a real browser: axe finds nothing, nothing overflows, the script only refines."""

from dataclasses import replace
from datetime import date

import pytest

from notifications import pages
from statuspage.public import reporting
from statuspage.publishing import api_v2, board, html, languages
from statuspage.publishing.snapshot import DAYS, Month
from tests.barriers import pages_below, violations

from .factories import NOW, a_component, a_page, a_snapshot, ago, ahead, an_incident, an_outage, an_update, id_of
from .pages import busy_snapshot

SITE = "https://status.example.com"


class Reader:
    """A browser window on a snapshot that can be replaced, as a publication replaces it."""

    def __init__(self, chromium, snapshot, **options):
        self.snapshot, self.asked, self.complaints, self.is_down = snapshot, [], [], False
        self.context = chromium.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        self.page = self.context.new_page()
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.route("**/*", self.answer)

    def documents(self):
        entries = (*self.snapshot.incidents, *self.snapshot.maintenances)
        month = Month(key="2026-11", entries=entries, earlier="2026-10", later=None)
        found = [*html.hot(self.snapshot), *api_v2.documents(self.snapshot), *html.month_page(self.snapshot, month)]
        found += [each for entry in entries[:3] for each in html.entry_page(self.snapshot, entry)]
        found += [*reporting.documents(self.snapshot), *pages.documents(self.snapshot)]
        return {each.path: each for each in found}

    def paths(self, prefix=""):
        """Its pages in one language."""
        elsewhere = tuple(each.prefix for each in languages.published() if each.prefix not in {"", prefix})
        found = [path for path in self.documents() if not path.endswith(".json")]
        return [path for path in found if path.startswith(prefix) and not path.startswith(elsewhere)]

    def answer(self, route):
        path = route.request.url.removeprefix(SITE)
        self.asked.append(path)
        if self.is_down:
            return route.abort()
        document = self.documents()[path]
        headers = {"ETag": f'"{self.snapshot.revision}"', "Content-Security-Policy": html.csp()}
        if route.request.headers.get("if-none-match") == headers["ETag"]:
            return route.fulfill(status=304, headers=headers)
        return route.fulfill(body=document.render(), content_type=document.content_type, headers=headers)

    def open(self, path="/"):
        self.page.goto(SITE + path)
        return self.page

    def words(self):
        return " ".join(self.page.inner_text("body").split())

    def wait(self, seconds):
        """Let so much of the page's own time pass, answers included."""
        for _ in range(seconds):
            self.page.clock.run_for(1000)
        self.page.wait_for_timeout(100)


@pytest.fixture
def reader(chromium):
    """Opens windows on snapshots, `reader(snapshot, timezone_id=...)`, and closes them."""
    opened = []

    def make(snapshot=None, **options):
        opened.append(Reader(chromium, snapshot or a_snapshot(), **options))
        opened[-1].page.clock.install(time=NOW)
        return opened[-1]

    yield make
    for each in opened:
        each.context.close()


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


def test_relative_words_stay_true_while_the_page_is_open(reader):
    window = reader(a_snapshot(incidents=(an_incident(next_update_by=ahead(minutes=28)),)))
    window.open()
    window.wait(100)
    assert "in 26 minutes" in window.page.inner_text(".next")


def test_a_publication_is_shown_without_a_reload_and_said_once(reader):
    down = a_component("Actions", status="major_outage")
    window = reader()
    window.open()
    window.wait(60)
    assert window.asked == ["/", "/api/v2/status.json", "/api/v2/status.json"]
    window.snapshot = a_snapshot(
        revision=8, as_of=ahead(minutes=1), components=(down,), page=a_page(updated_at=ahead(minutes=1))
    )
    window.wait(60)
    assert window.page.inner_text("h1") == "Actions is down."
    assert window.page.text_content("#said") == "Actions is down."
    assert window.page.title() == "Actions is down. · Example Status"
    assert window.page.get_attribute(".top", "data-status") == "major_outage"
    assert window.asked.count("/") == 2


def test_a_refresh_keeps_what_the_reader_unfolded_and_where_they_are(reader):
    window = reader(busy_snapshot())
    page = window.open()
    last = f"#g-{id_of('Group 4')}"
    page.locator(f"{last} > summary").click()
    window.snapshot = replace(busy_snapshot(), revision=8, page=a_page(updated_at=ahead(minutes=1)))
    window.wait(60)
    assert window.asked.count("/") == 2
    assert page.locator(last).get_attribute("open") is not None
    assert page.evaluate("document.activeElement.parentNode.id") == last[1:]


def test_a_missed_promise_is_looked_up_again(reader):
    window = reader(a_snapshot(incidents=(an_incident(next_update_by=ahead(minutes=2)),)))
    window.open()
    window.snapshot = replace(window.snapshot, as_of=ahead(minutes=3))
    window.wait(180)
    assert "An update was due by 14:34 UTC" in window.page.inner_text(".next")


def test_a_page_that_gets_no_answer_says_since_when(reader):
    window = reader(timezone_id="America/New_York")
    window.open()
    window.wait(31)
    assert "checked" in window.page.inner_text("#checked")
    window.is_down = True
    window.wait(150)
    assert window.page.inner_text("#checked") == "· no answer since 09:32 your time"
    window.is_down = False
    window.wait(60)
    assert "checked" in window.page.inner_text("#checked")


def test_a_hidden_page_asks_nothing(reader):
    window = reader()
    page = window.open()
    page.evaluate("Object.defineProperty(document, 'hidden', {get: () => true})")
    window.wait(120)
    assert window.asked == ["/"]


def test_a_page_of_the_past_is_left_alone(reader):
    over = an_incident(status="resolved", started_at=ago(days=3))
    window = reader(a_snapshot(incidents=(over,)))
    window.open(over.path)
    window.wait(120)
    assert window.asked == [over.path]


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
