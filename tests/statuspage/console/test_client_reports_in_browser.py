"""Clients' reports in a real browser: at 360 px and in the dark too, and judged without a mouse."""

from datetime import timedelta

import pytest
from django.utils import timezone

from statuspage import audit
from statuspage.actions import client_reports, report_steps, report_triage
from statuspage.actions.agreed import Contact
from statuspage.actions.report_details import Said
from statuspage.models import ClientReport
from tests.statuspage.console.test_in_browser import faults, page, signed_in  # noqa: F401 - fixtures
from tests.statuspage.contracting import contract, redundant
from tests.statuspage.given import component, incident

pytestmark = pytest.mark.django_db(transaction=True)

LIST = "/admin/client-reports/"


def phoned(signed, ago: float, **said) -> ClientReport:
    at = timezone.now() - timedelta(minutes=ago)
    words = {"channel": "phone", "service": "Gateway A", "what": "Nothing is sent.", "since": at, **said}
    return client_reports.take_report(said=Said(**words), contract=signed, actor=audit.SYSTEM, reported_at=at)


@pytest.fixture
def reports() -> list[ClientReport]:
    """One that waits, one of the same failure, one that is declined; all of one client."""
    gateways = component("Gateway A"), component("Gateway B")
    incident({gateways[0]: "major_outage"}, now=None)
    ann = [Contact(name="Ann", email="ann@acme.example")]
    signed = contract(agreed=redundant(*gateways, report_channels=["phone"], contacts=ann))
    first, again, third = (
        phoned(signed, 50, contact_email="ann@acme.example"),
        phoned(signed, 40),
        phoned(signed, 30, since=None),
    )
    report_steps.record_step(report=first, step="response", words="We look at it.", actor=audit.SYSTEM)
    report_triage.name_failure(report=again, same_as=first, actor=audit.SYSTEM)
    client_reports.decline_report(report=third, reason="Your own firewall.", actor=audit.SYSTEM)
    return [first, again, third]


def test_every_room_fits_a_telephone_and_keeps_the_standard(signed_in, reports, axe):  # noqa: F811
    page, found = signed_in, {}  # noqa: F811
    step = reports[0].steps.get().pk
    places = ["", "?standing=all", "?standing=resolved", "new/", *(f"{each.pk}/" for each in reports)]
    places += [f"{reports[0].pk}/{step_of}" for step_of in ("details/", "decline/", f"steps/{step}/back/")]
    for place in places:
        page.goto(LIST + place)
        if wrong := faults(page, axe):
            found[place] = wrong
    assert found == {}


def test_a_report_is_judged_with_the_keyboard_alone(signed_in, reports):  # noqa: F811
    page = signed_in  # noqa: F811
    page.goto(f"{LIST}{reports[0].pk}/")
    page.locator("[name=severity]").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.type("API is down")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("A cable of ours.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("Recorded.").wait_for()
    report = ClientReport.objects.get(pk=reports[0].pk)
    assert (report.severity, report.provider_caused, report.incident.name) == (1, True, "API is down")
