"""`/report` in a real browser: by keyboard, without a script, narrow and dark; no barrier, no cookie, no stranger."""

import threading
from socketserver import ThreadingMixIn
from urllib.parse import urlsplit
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from django.core.wsgi import get_wsgi_application
from django.db import connections

from statuspage.models import FailureReport
from statuspage.public.serve import Published
from statuspage.publishing import publish

from .given import component, incident

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("publish_root")]

KINDS = [
    pytest.param({"viewport": {"width": 320, "height": 640}, "color_scheme": "dark"}, id="narrow and dark"),
    pytest.param({"viewport": {"width": 1280, "height": 900}, "java_script_enabled": False}, id="no script"),
]


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Silent(WSGIRequestHandler):
    def log_message(self, *words):
        pass


@pytest.fixture
def address(settings):
    """Where published pages are served, and Django behind them."""
    settings.ALLOWED_HOSTS = ["127.0.0.1"]
    application = Published(get_wsgi_application())

    def answer(environ, start_response):
        try:
            return application(environ, start_response)
        finally:
            connections.close_all()

    with make_server("127.0.0.1", 0, answer, Server, Silent) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def opened(chromium, address, settings, tmp_path):
    """Opens pages; at the end nothing was complained of, no cookie is there, and nobody else was asked."""
    settings.STATIC_ROOT = tmp_path
    contexts, complaints, hosts = [], [], set()

    def make(**kind):
        contexts.append(chromium.new_context(base_url=address, **kind))
        page = contexts[-1].new_page()
        page.on("console", lambda said: complaints.append(said.text))
        page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
        return page

    yield make
    assert [context.cookies() for context in contexts] == [[]] * len(contexts)
    for context in contexts:
        context.close()
    assert [each for each in complaints if "status of 422" not in each] == []
    assert hosts == {urlsplit(address).netloc}


def violations(page, axe):
    page.evaluate(axe)
    return [(each["id"], each["nodes"][0]["html"]) for each in page.evaluate("axe.run()")["violations"]]


def tab_to(page, selector):
    """Press Tab until that has the focus, as somebody without a mouse does."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    pytest.fail(f"Tab does not reach {selector}")


@pytest.mark.parametrize("kind", KINDS)
def test_a_problem_is_reported_by_keyboard_alone(opened, kind):
    api = component("API")
    publish.publish()
    page = opened(**kind)
    page.goto("/report")
    tab_to(page, "[name=what]")
    page.keyboard.type("Nothing loads.")
    tab_to(page, "[name=component]")
    page.keyboard.type("API")
    tab_to(page, "button[type=submit], main form button")
    page.keyboard.press("Enter")
    page.wait_for_url("**/report/received")
    report = FailureReport.objects.get()
    assert (report.what, report.component) == ("Nothing loads.", api)


def test_somebody_who_finds_their_problem_says_so_with_one_button(opened):
    known = incident({component("API"): "major_outage"}, name="Cables were cut")
    page = opened()
    page.goto("/")
    page.click("a[href='/report']")
    page.click("text=This is it")
    page.wait_for_url("**/report/received")
    assert known.failure_reports.count() == 1


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_step_of_it_has_a_barrier_or_is_too_wide(opened, axe, theme):
    incident({component("API"): "major_outage"}, name="Cables were cut")
    page = opened(viewport={"width": 320, "height": 640}, color_scheme=theme)
    found = {}
    for place in ("/report", "/report/received"):
        page.goto(place)
        found[place] = violations(page, axe)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.goto("/report")
    page.press("[name=what]", "Enter")
    page.evaluate("document.querySelector('[name=what]').form.noValidate = true")
    page.click("main form:has([name=what]) button")
    page.wait_for_selector("[aria-invalid]")
    found["refused"] = violations(page, axe)
    assert found == dict.fromkeys(found, [])
    assert page.evaluate("document.activeElement.name") == "what"
