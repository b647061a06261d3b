"""The console's clocks: what is owed, to whom, by when; read without a script, counting with one; what to promise."""

from datetime import timedelta

import pytest
from django.utils import timezone

from statuspage.actions import client_reports, report_steps, report_triage
from statuspage.actions.report_details import Said
from statuspage.models import Incident
from statuspage.sla.clocks import Step
from tests.barriers import violations
from tests.statuspage.console.conftest import person
from tests.statuspage.contracting import contract, redundant
from tests.statuspage.given import ALICE, component, incident

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("publish_root")]


def reported(name: str, opened: Incident, minutes_ago: float, severity: int = 1, **facts):
    """A client's complete report of an incident, judged and linked."""
    gateways = component(f"{name} A"), component(f"{name} B")
    signed = contract(*gateways, name=name, agreed=redundant(*gateways, report_channels=["phone"]))
    at = timezone.now() - timedelta(minutes=minutes_ago)
    said = Said(channel="phone", service="Gateway A", what="Nothing is sent.", since=at)
    report = client_reports.take_report(contract=signed, said=said, actor=ALICE, reported_at=at, now=at)
    report_triage.triage(report=report, severity=severity, actor=ALICE, reason="So.", now=at, **facts)
    report.refresh_from_db()
    report_triage.link_incident(report=report, incident=opened, actor=ALICE, now=at)
    report.refresh_from_db()
    return report


@pytest.fixture
def opened() -> Incident:
    return incident({}, now=timezone.now() - timedelta(hours=2))


def test_the_incidents_room_names_each_client_and_each_deadline_in_both_zones(publisher, opened, settings):
    settings.PAGE_TIME_ZONE = "Asia/Tokyo"
    report = reported("Acme", opened, 27)
    late = reported("Bravo", opened, 50, severity=2)
    report_steps.record_step(report=late, step=Step.RESPONSE, actor=ALICE, at=late.completed_at + timedelta(minutes=4))
    report_steps.record_step(report=late, step=Step.WAITING_FOR_CLIENT, actor=ALICE)
    page = publisher.get(f"/admin/incident/{opened.pk}/").text
    assert "Acme" in page and f"Report {report.number}" in page and f"Report {late.number}" in page
    due = report.completed_at + timedelta(minutes=30)
    assert f"{due:%H:%M} UTC" in page and "JST" in page
    assert page.count('data-standing="open"') == 4 and page.count('data-standing="met"') == 1
    assert page.count('data-standing="paused"') == 1 and "the client is asked" in page
    own = publisher.get(f"/admin/client-reports/{late.pk}/").text
    assert "Bravo" in own and own.count("data-standing=") == 3 and 'data-standing="paused"' in own
    assert "2 minutes left" in page and 'value="90"' in page, "27 of 30 minutes, said without a script"


def test_a_limit_that_passed_says_so_and_earlier_severities_are_kept(publisher, opened):
    report = reported("Acme", opened, 95, severity=3)
    report_triage.triage(
        report=report, severity=1, actor=ALICE, reason="It was so.", was_wrongly_low=True, now=timezone.now()
    )
    page = publisher.get(f"/admin/incident/{opened.pk}/").text
    assert "1 hour 5 minutes too late" in page and "1 was late" in page
    assert "As Severity III: response runs, fix runs." in page


def test_the_first_page_lists_what_is_due_next_the_nearest_first(publisher, opened):
    assert "What is due next" not in publisher.get("/admin/").text
    own = incident({}, name="Ours", severity=2, now=timezone.now() - timedelta(minutes=1))
    reported("Late", opened, 40)
    reported("Soon", opened, 20)
    page = publisher.get("/admin/").text
    page = page[page.index("What is due next") : page.index("Open incidents")]
    assert page.index("Late") < page.index("Soon") < page.index("Ours")
    assert "our own clock" in page and f"/admin/incident/{own.pk}/" in page


@pytest.mark.parametrize(
    ("severity", "agreed", "proposed"), [(1, None, 60), (2, None, 60), (3, 2700, 45), (3, 600, 10), (3, None, 60)]
)
def test_an_update_proposes_a_next_one_that_satisfies_the_strictest_client(
    publisher, opened, severity, agreed, proposed
):
    reported("Acme", opened, 5, severity, **({"agreed_interval": agreed} if agreed else {}))
    reported("Bravo", opened, 5, 3)
    page = publisher.get(f"/admin/incident/{opened.pk}/").text
    assert f'<option value="{proposed}" selected>' in page
    owed = agreed or {1: 3600, 2: 14400}.get(severity)
    assert ("progress is to be reported every" in page) is bool(owed)
    form = {"body": "Y.", "key": "k", "step": "review", "status": "identified", "was_open": "yes"}
    for promise, said in ((0, "no update is promised"), (owed // 60 if owed else 60, ""), (240, "sooner than is")):
        answer = publisher.post(f"/admin/incident/{opened.pk}/", {**form, "next_update": promise})
        expects = bool(said and owed) and not (promise == 240 and owed >= 14400)
        assert ("sooner than is promised" in answer.text or "no update is promised" in answer.text) is expects
    publisher.post(f"/admin/incident/{opened.pk}/", {**form, "step": "publish", "next_update": proposed})
    opened.refresh_from_db()
    assert opened.next_update_by is not None
    assert opened.next_update_by <= timezone.now() + timedelta(minutes=proposed)


# --- In a browser ----------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (360, "dark")])
def test_a_clock_counts_passes_its_limit_and_fits_a_small_screen(
    chromium, live_server, settings, tmp_path, axe, width, scheme, opened
):
    settings.STATIC_ROOT = tmp_path
    settings.PAGE_TIME_ZONE = "Europe/Amsterdam"
    settings.CSRF_TRUSTED_ORIGINS = [live_server.url]
    report = reported("Acme", opened, 30 - 4 / 60)
    owner = person("owner")
    owner.set_password("a long enough passphrase")
    owner.save()
    context = chromium.new_context(
        base_url=live_server.url, viewport={"width": width, "height": 900}, color_scheme=scheme
    )
    page, complaints = context.new_page(), []
    page.on("console", lambda said: complaints.append(said.text))
    page.goto("/admin/")
    page.fill("[name=username]", "owner")
    page.fill("[name=password]", "a long enough passphrase")
    page.get_by_role("button", name="Log in").click()
    alarms, room = "/admin/notifications/staffroute/", f"/admin/incident/{opened.pk}/"
    for path in (alarms, "/admin/", f"/admin/client-reports/{report.pk}/", room):
        page.goto(path)
        assert violations(page, axe) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    clock = page.locator(".clock").first
    clock.locator("text=too late").wait_for(timeout=15_000)
    assert clock.get_attribute("data-standing") == "missed"
    first = clock.locator(".left").inner_text()
    page.wait_for_function("said => document.querySelector('.clock .left').innerText !== said", arg=first)
    context.close()
    assert complaints == []
