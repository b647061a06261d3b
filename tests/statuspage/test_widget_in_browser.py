"""The notice and the frame in Chromium, on a site of somebody else's that has a strict policy of its own."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest

from statuspage.actions import embed, incidents
from statuspage.public.serve import Published
from statuspage.publishing import publish
from statuspage.roles import ROLES
from tests.barriers import violations
from tests.servers.host import OtherSite, Page

from .given import ALICE, component, incident

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("publish_root")]

OWNER = replace(ALICE, abilities=ROLES["owner"])
BESIDE = """<!doctype html><html lang="{lang}"><head><title>A shop</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<script src="{url}/embed/status.js" async></script></head>
<body><main><h1>A shop</h1><p>Things to buy. <a href="#none" id="first">A link</a></p></main></body></html>"""
AROUND = """<!doctype html><html lang="en"><head><title>A shop</title></head><body><main><h1>A shop</h1>
<iframe src="{url}{path}" title="Status" width="340" height="160"></iframe></main></body></html>"""
POLICY = "default-src 'none'; script-src {url}; connect-src {url}; frame-src {url}; base-uri 'none'"


class Quiet(WSGIRequestHandler):
    def log_message(self, *words) -> None:
        """Says nothing."""


@pytest.fixture
def ours() -> Iterator[str]:
    """The published page's address, as the program answers it."""
    server = make_server("127.0.0.1", 0, Published(lambda environ, start: [start("404 Not Found", []) or b""]),
                         handler_class=Quiet)  # fmt: skip
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def shop(ours) -> Iterator[OtherSite]:
    """Pages that include the notice and frames, with a policy that permits nothing else."""
    policy = {"Content-Security-Policy": POLICY.format(url=ours)}
    site = OtherSite().start()
    for lang in ("en-GB", "ar", "xx"):
        site.pages[f"/{lang}"] = Page(BESIDE.format(lang=lang, url=ours).encode(), headers=policy)
    for path in ("/embed/", "/"):
        site.pages[f"/framing{path}"] = Page(AROUND.format(url=ours, path=path).encode(), headers=policy)
    yield site
    site.stop()


@pytest.fixture
def window(chromium):
    """A reader's window, and everything that the browser complained of."""
    context = chromium.new_context(viewport={"width": 360, "height": 640})
    page = context.new_page()
    page.complaints = []
    page.on("console", lambda message: page.complaints.append(message.text))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    yield page
    context.close()


def notice(page):
    return page.locator("section")


def test_the_notice_stands_on_a_strict_site_is_closed_by_keyboard_and_stays_closed(shop, window, axe):
    api = component("API")
    cut = incident({api: "major_outage"}, name="Cables were cut")
    window.goto(f"{shop.url}/en-GB")
    notice(window).wait_for()
    assert "API is down." in notice(window).inner_text() and "Cables were cut" in notice(window).inner_text()
    assert window.get_by_role("region", name="Example Status").is_visible()
    assert "API is down." in window.get_by_role("status").inner_text()
    box = notice(window).bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= 360 and box["y"] + box["height"] <= 640
    assert violations(window, axe) == []
    window.locator("#first").focus()
    for name in ("Details", "Close"):
        window.keyboard.press("Tab")
        assert window.evaluate("document.activeElement.shadowRoot.activeElement.textContent") == name
    assert notice(window).get_by_role("link").get_attribute("href").endswith(f"/incidents/{cut.pk}")
    window.keyboard.press("Enter")
    assert notice(window).count() == 0 and window.evaluate("document.activeElement.id") == "first"
    with window.expect_response("**/embed/status.json"):
        window.reload()
    assert notice(window).count() == 0
    assert window.context.cookies() == [] and window.complaints == []


def test_the_notice_speaks_the_sites_language_in_the_chosen_corner_and_goes_with_the_trouble(shop, window):
    api = component("API")
    slow = incident({api: "degraded_performance"}, name="Slow")
    embed.set_embed_config(actor=OWNER, position="top-right", incident_background_color="#102030")
    window.goto(f"{shop.url}/ar")
    notice(window).wait_for()
    assert notice(window).get_attribute("dir") == "rtl" and "إغلاق" in notice(window).inner_text()
    box = notice(window).bounding_box()
    assert box["y"] == 16 and round(box["x"] + box["width"]) == 344
    assert notice(window).evaluate("each => getComputedStyle(each).backgroundColor") == "rgb(16, 32, 48)"
    window.goto(f"{shop.url}/xx")
    notice(window).wait_for()
    assert "API has degraded performance." in notice(window).inner_text()
    incidents.publish_update(incident=slow, status="resolved", body="Over.", actor=ALICE)
    with window.expect_response("**/embed/status.json"):
        window.goto(f"{shop.url}/ar")
    assert notice(window).count() == 0 and window.complaints == []


def test_the_frame_shows_what_is_wrong_and_no_other_page_can_be_framed(ours, shop, window, axe):
    incident({component("API"): "major_outage"}, name="Cables were cut")
    publish.publish()
    window.goto(f"{shop.url}/framing/embed/")
    frame = window.frame_locator("iframe")
    assert "API is down." in frame.locator("h1").inner_text()
    assert frame.get_by_role("link", name="Cables were cut").is_visible()
    assert frame.locator("html").evaluate("each => each.scrollWidth <= each.clientWidth")
    assert window.complaints == []
    window.goto(f"{shop.url}/framing/")
    assert any("frame" in each for each in window.complaints), "the browser says that it refused"
    assert frame.locator("#now").count() == 0
    window.goto(f"{ours}/embed")
    assert violations(window, axe) == []
