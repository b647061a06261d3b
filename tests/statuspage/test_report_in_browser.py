"""`/report` in a real browser: by keyboard, without a script, narrow and dark; no barrier, no cookie, no stranger."""

import pytest

from statuspage.models import ClientReport, FailureReport
from statuspage.publishing import publish
from tests.barriers import violations
from tests.windows import address, opened, press, tab_to

from .given import component, incident

__all__ = ["address", "opened"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("publish_root")]

KINDS = [
    pytest.param({"viewport": {"width": 320, "height": 640}, "color_scheme": "dark"}, id="narrow and dark"),
    pytest.param({"viewport": {"width": 1280, "height": 900}, "java_script_enabled": False}, id="no script"),
]


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
    press(page, "button[type=submit], main form button")
    page.wait_for_url("**/report/received")
    report = FailureReport.objects.get()
    assert (report.what, report.component) == ("Nothing loads.", api)


@pytest.mark.parametrize("kind", KINDS)
def test_a_client_says_who_it_is_by_keyboard_alone(opened, axe, kind):
    component("API")
    publish.publish()
    page = opened(**kind)
    page.goto("/report")
    tab_to(page, "[name=what]")
    page.keyboard.type("Nothing is sent.")
    tab_to(page, "details summary")
    page.keyboard.press("Enter")
    tab_to(page, "[name=contact_email]")
    page.keyboard.type("ann@acme.example")
    tab_to(page, "[name=total_messages]")
    page.keyboard.type("many")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    if kind.get("java_script_enabled", True):
        assert violations(page, axe) == []
    page.fill("[name=total_messages]", "400")
    press(page, "button[type=submit], main form button")
    page.wait_for_url("**/report/received")
    report = ClientReport.objects.get()
    assert (report.contact_email, report.total_messages, report.contract) == ("ann@acme.example", 400, None)


def test_somebody_who_finds_their_problem_says_so_with_one_button(opened):
    known = incident({component("API"): "major_outage"}, name="Cables were cut")
    page = opened()
    page.goto("/")
    page.click("a[href='/report']")
    page.click("text=This is it")
    page.wait_for_url("**/report/received")
    assert known.failure_reports.count() == 1


def test_no_step_of_it_has_a_barrier_or_is_too_wide(opened, address, axe):
    incident({component("API"): "major_outage"}, name="Cables were cut")
    page = opened(viewport={"width": 320, "height": 640})
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
    assert page.evaluate("document.activeElement.name") == "what"
    found["refused"] = violations(page, axe)
    page.set_content(f'<form method="post" action="{address}/report"><button>Elsewhere</button></form>')
    page.click("button")
    page.wait_for_selector("[role=alert]")
    found["said"] = violations(page, axe)
    assert found == dict.fromkeys(found, [])
