"""Clients' reports in the console: taken down, judged with the keyboard alone, their whole history on one page."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from notifications.models import OutboxEvent
from statuspage import reported
from statuspage.actions import incidents, report_triage
from statuspage.models import AuditEntry, ClientReport, ReportStep
from tests.notifications.test_letters import gateways  # noqa: F401 - a fixture
from tests.statuspage.contracting import agreed, contract, redundant
from tests.statuspage.given import ALICE, component, incident

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("publish_root")]

LIST = "/admin/client-reports/"


@pytest.fixture
def acme(gateways):  # noqa: F811
    return contract(*gateways, agreed=redundant(*gateways, report_channels=["phone"]))


@pytest.fixture
def staff(sign_in):
    return sign_in("publisher")


def covered(page: str, label: str) -> str:
    """The value of the option that reads so."""
    return re.search(rf'<option value="([^"]*)"[^>]*>{re.escape(label)}', page).group(1)


def hidden(page: str, name: str) -> str:
    return re.search(rf'name="{name}" value="([^"]*)"', page).group(1)


def wall(ago: timedelta) -> str:
    return f"{timezone.now() - ago:%Y-%m-%dT%H:%M}"


def taken(staff, **facts) -> ClientReport:
    page = staff.get(f"{LIST}new/").text
    form = {
        "covered": covered(page, "Acme: Gateway A (Acme)"),
        "channel": "phone",
        "what": "Nothing is sent.",
        "since": wall(timedelta(hours=2)),
        "reported_at": wall(timedelta(hours=1)),
        "key": hidden(page, "key"),
        **facts,
    }
    for _press in range(2):
        answer = staff.post(f"{LIST}new/", form)
        assert answer.status_code == 302, answer.text
    return ClientReport.objects.latest("created_at")


def test_staff_take_down_a_call_that_came_an_hour_ago_and_judge_it(staff, acme, gateways, settings):  # noqa: F811
    assert "No report is open." in staff.get(LIST).text
    report = taken(staff, contact_email="ann@acme.example", tell="on", affected_messages="1", total_messages="4")
    assert ClientReport.objects.count() == OutboxEvent.objects.count() == 1, "pressed twice, taken once"
    assert report.completed_at == report.reported_at < timezone.now() - timedelta(minutes=59)
    assert "1 report of a client waits for triage" in staff.get("/admin/").text
    opened = incident({gateways[0]: "major_outage"}, now=None)
    room = staff.get(f"{LIST}{report.pk}/").text
    assert "ann@acme.example" in room and "1 of 4 affected" in room
    form = {"severity": "1", "caused": "yes", "incident": opened.pk, "failure": "", "version": hidden(room, "version")}
    refused = staff.post(f"{LIST}{report.pk}/triage/", form)
    assert refused.status_code == 422 and "Say why." in refused.text and "checked" in refused.text
    assert ClientReport.objects.get().severity is None, "all of it or nothing"
    for _press in range(2):
        assert staff.post(f"{LIST}{report.pk}/triage/", form | {"reason": "Our cable."}).status_code == 302
    report.refresh_from_db()
    assert (report.severity, report.provider_caused, report.incident) == (1, True, opened)
    changed = staff.post(f"{LIST}{report.pk}/triage/", form | {"severity": "2", "reason": "No."})
    assert changed.status_code == 409 and "No." in changed.text, "somebody changed it since the form was opened"
    again = form | {"severity": "2", "reason": "No.", "version": hidden(changed.text, "version")}
    assert staff.post(f"{LIST}{report.pk}/triage/", again | {"severity": "1"}).status_code == 302, "now it was read"
    incidents.publish_update(incident=opened, status="identified", body="A cable, cut.", actor=ALICE)
    room = staff.get(f"{LIST}{report.pk}/").text
    assert "A cable, cut." in room and "Our cable." in room and "<b>Response</b>" in room
    assert [each.share for each in reported.refund_reports(acme)] == [0.25]


def test_what_happens_is_recorded_taken_back_and_kept(staff, acme):
    report = taken(staff)
    room = staff.get(f"{LIST}{report.pk}/").text
    key = re.findall(r'name="key" value="([^"]*)"', room)[-1]
    form = {"step": "response", "words": "We look.", "at": wall(timedelta(minutes=50)), "key": key}
    for _press in range(2):
        assert staff.post(f"{LIST}{report.pk}/step/", form).status_code == 302
    refused = staff.post(f"{LIST}{report.pk}/step/", form | {"step": "client_answered", "words": "Typed.", "key": "k"})
    assert refused.status_code == 422 and "not waited for" in refused.text and "Typed." in refused.text
    held = ReportStep.objects.get(step="response")
    back = f"{LIST}{report.pk}/steps/{held.pk}/back/"
    assert staff.post(back, {"reason": ""}).status_code == 422
    assert staff.post(back, {"reason": "Nobody called."}).status_code == 302
    room = staff.get(f"{LIST}{report.pk}/").text
    assert "taken back" in room and "Nobody called." in room and "We look." in room


def test_what_is_lacking_is_said_and_added(staff, acme):
    report = taken(staff, covered="", since="")
    room = staff.get(f"{LIST}{report.pk}/").text
    assert "not known whose it is" in room and "since when" in room and "no clock runs" in room
    page = staff.get(f"{LIST}{report.pk}/details/").text
    form = {
        "covered": covered(page, "Acme: Gateway B (Acme)"),
        "channel": "phone",
        "what": report.what,
        "since": wall(timedelta(hours=2)),
        "completed_at": wall(timedelta(minutes=30)),
        "version": hidden(page, "version"),
    }
    assert staff.post(f"{LIST}{report.pk}/details/", form).status_code == 302
    report.refresh_from_db()
    assert report.service == "Gateway B" and report.reported_at < report.completed_at < timezone.now()
    page = staff.get(f"{LIST}{report.pk}/details/").text
    assert "completed_at" not in page, "when it was complete is not written again"
    again = form | {"channel": "chat", "version": hidden(page, "version")}
    assert staff.post(f"{LIST}{report.pk}/details/", again).status_code == 302
    assert "a way that the contract does not name" in staff.get(f"{LIST}{report.pk}/").text


def test_the_list_shows_the_most_urgent_first_and_finds(staff, acme):
    other = contract(component("Web"), name="Beta", agreed=agreed(component("Cloud")))
    rows = [
        taken(staff, what=f"Failure {number}.", reported_at=wall(timedelta(minutes=40 - number))) for number in range(4)
    ]
    for row, severity in zip(rows, (3, 1, None, 2), strict=True):
        ClientReport.objects.filter(pk=row.pk).update(severity=severity)
    ClientReport.objects.filter(pk=rows[3].pk).update(contract=other, completed_at=None)

    def order(query: str = "") -> list[int]:
        return [int(each) for each in re.findall(r"Failure (\d)\.", staff.get(f"{LIST}?{query}").text)]

    assert order() == [2, 1, 3, 0]
    assert (order("standing=untriaged"), order("standing=resolved"), order("q=beta")) == ([2], [], [3])
    assert order(f"q={rows[1].number.lower()}") == [1]
    assert order("standing=incomplete") == [3] and order("standing=rubbish") == [2, 1, 3, 0]


@pytest.mark.parametrize("role", ["viewer", "author", "subscriber admin"])
def test_who_only_looks_learns_neither_the_client_nor_its_words(staff, sign_in, acme, gateways, role):  # noqa: F811
    report, opened = taken(staff), incident({gateways[0]: "major_outage"}, now=None)
    rooms = ("/admin/", f"/admin/incident/{opened.pk}/")
    assert "waits for triage" in staff.get("/admin/").text
    looking = sign_in(role)
    assert "triage" not in looking.get("/admin/").text and LIST not in looking.get("/admin/").text
    report_triage.judge_report(
        report=report, severity=1, provider_caused=True, incident=opened, failure=None, reason="Ours.", actor=ALICE
    )
    for path in (LIST, f"{LIST}{report.pk}/", f"{LIST}{report.pk}/triage/", f"{LIST}{report.pk}/step/"):
        assert looking.get(path).status_code == 403, path
    for path in rooms:
        page = looking.get(path).text
        assert report.number in page and "Acme" not in page and LIST not in page, path
        assert "Acme" in staff.get(path).text


def test_a_service_level_officer_judges_the_cause_on_which_refunds_hang(staff, sign_in, acme):
    report, officer = taken(staff), sign_in("service-level officer")
    room = officer.get(f"{LIST}{report.pk}/").text
    form = {"severity": "1", "caused": "yes", "incident": "", "failure": "", "version": hidden(room, "version")}
    assert officer.post(f"{LIST}{report.pk}/triage/", form | {"reason": "Our cable."}).status_code == 302
    assert [each.provider_caused for each in reported.refund_reports(acme)] == [True]


def test_a_declined_report_says_why_and_can_be_taken_up_again(staff, sign_in, acme):
    report = taken(staff, contact_email="ann@acme.example")
    page = staff.get(f"{LIST}{report.pk}/decline/").text
    form = {"reason": "Your own firewall.", "tell": "on", "version": hidden(page, "version")}
    assert staff.post(f"{LIST}{report.pk}/decline/", form).status_code == 302
    assert OutboxEvent.objects.get().kind == "report_declined"
    assert "Your own firewall." in staff.get(f"{LIST}{report.pk}/").text
    assert staff.post(f"{LIST}{report.pk}/accept/").status_code == 302
    assert ClientReport.objects.get().declined_at is None
    acts = AuditEntry.objects.filter(object_kind="client_report").order_by("id").values_list("action", flat=True)
    assert list(acts) == ["take_client_report", "decline_client_report", "accept_client_report"]
    assert "took down a client&#x27;s report" in sign_in("owner").get("/admin/audit/").text
