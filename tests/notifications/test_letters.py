"""A client's report by the page, and the letters about it: who is a client is told to nobody."""

from email import message_from_bytes, policy

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from notifications import retention, tasks
from notifications.models import OutboxEvent, Subscription
from statuspage import reported
from statuspage.actions import client_reports, contracts, report_claims, report_triage
from statuspage.actions.agreed import Contact
from statuspage.actions.report_details import Said, said_of
from statuspage.models import ClientReport, FailureReport
from statuspage.publishing import publish
from statuspage.sla.clocks import Step
from tests.notifications.test_subscribing_at_once import at_once
from tests.statuspage import given
from tests.statuspage.contracting import NEW_YEAR, OLGA, agreed, client, contract, redundant

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("publish_root", "quick")]

WORDS = {"what": "Nothing is sent.", "since": "15", "contact_email": "Ann@acme.example", "language": "en"}


@pytest.fixture
def gateways():
    found = given.component("Gateway A"), given.component("Gateway B")
    publish.publish()
    return found


@pytest.fixture
def acme(gateways):
    terms = redundant(*gateways, report_channels=["page"], contacts=[Contact(name="Ann", email="ann@acme.example")])
    return contract(*gateways, agreed=terms)


@pytest.fixture
def inbox(relay):
    """What was sent so far, once the workers have had their turn."""

    def looked_into():
        tasks.sweep()
        return [message_from_bytes(each.raw, policy=policy.default) for each in relay.messages()]

    return looked_into


def send(**data: str):
    return Client().post("/report", data, headers={"Sec-Fetch-Site": "same-origin"})


def text_of(mail) -> str:
    return mail.get_body(("plain",)).get_content()


def test_a_contacts_complete_report_is_properly_reported_and_its_number_comes_by_mail(acme, gateways, inbox):
    for _press in range(2):
        answer = send(**WORDS, component=gateways[1].pk, affected_messages="25", total_messages="100")
    assert (answer.status_code, answer["Location"], answer.cookies) == (303, "/report/received", {})
    report = ClientReport.objects.get()
    assert (report.contract, report.service, report.completed_at) == (acme, "Gateway B", report.reported_at)
    assert (report.affected_messages, report.total_messages, report.channel) == (25, 100, "page")
    (mail,) = inbox()
    assert (mail["To"], mail["Subject"]) == ("Ann@acme.example", f"Your report {report.number}")
    assert "automatic acknowledgement" in text_of(mail) and "Nothing is sent." not in mail.as_string()
    assert [each.step for each in reported.events_of([report])[report.pk]] == [Step.AUTO_ACKNOWLEDGEMENT]
    assert not Subscription.objects.get().is_confirmed, "nobody is subscribed by a report"
    assert FailureReport.objects.count() == 0


def test_fault_73_whoever_is_no_client_gets_the_same_answer_and_the_same_letter(acme, gateways, inbox):
    """Faults 72 and 73 for the report form: same statements, answer and mail; a reference opens nothing."""
    seen = {}
    people = {"ann@acme.example": "", "eve@evil.example": "acme-1", "nob@body.example": "nobody-1"}
    for address, reference in people.items():
        with CaptureQueriesContext(connection) as asked:
            answer = send(**WORDS | {"contact_email": address, "client_reference": reference})
        seen[address] = (answer.status_code, answer.content, dict(answer.headers), len(asked))
    first = seen.pop("ann@acme.example")
    assert all(each == first for each in seen.values()), seen
    assert [each.contract for each in ClientReport.objects.order_by("created_at")] == [acme, None, None]
    number = {report.contact_email.lower(): report.number for report in numbers()}
    said = {text_of(mail).replace(number[mail["To"].lower()], "N") for mail in inbox()}
    assert (len(said), len(inbox())) == (1, 3)
    assert [each.claimed_client for each in numbers()] == ["", "acme-1", "nobody-1"]
    assert list(reported.failures()) == []  # no place was named, and there are two services: not complete


def numbers():
    return list(ClientReport.objects.order_by("created_at"))


def test_a_client_names_what_the_page_shows_and_staff_confirm_it(acme, gateways, admin_client):
    opened = given.incident({gateways[0]: "major_outage"}, name="Cables were cut", now=None)
    send(**WORDS, component=gateways[0].pk, known=opened.pk)
    report = ClientReport.objects.get()
    assert (report.claimed_incident, report.incident) == (opened, None), "a client's word links nothing"
    room = admin_client.get(f"/admin/client-reports/{report.pk}/").text
    assert "The client says it is" in room and f'<option value="{opened.pk}" selected>' in room
    send(**WORDS | {"what": "Other."}, known="nowhere")
    assert ClientReport.objects.get(what="Other.").claimed_incident is None


def test_staff_find_out_whose_it_is_and_it_was_complete_when_it_came(gateways, acme):
    send(**WORDS | {"contact_email": "new@acme.example"}, component=gateways[0].pk)
    report = ClientReport.objects.get()
    facts = vars(said_of(report)) | {"service": "Gateway A"}
    done = client_reports.complete_report(report=report, said=Said(**facts), contract=acme, actor=given.ALICE)
    assert done.completed_at == report.reported_at


def test_of_two_contracts_the_place_or_the_reference_decides_else_staff_do(gateways):
    owner = client("Acme")
    ann = [Contact(email="ann@acme.example")]
    one = contract(name="One", client=owner, agreed=agreed(gateways[0], contacts=ann))
    two = contract(name="Two", client=owner, agreed=agreed(gateways[1], contacts=ann, report_channels=["page"]))
    other = contract(name="Beta", agreed=agreed(*gateways, contacts=ann))
    for facts in (
        {},
        {"client_reference": "ACME-1"},
        {"client_reference": "acme-1", "component": gateways[0].pk},
        {"client_reference": "acme-1", "component": gateways[1].pk},
        {"client_reference": "beta-1"},
    ):
        send(**WORDS | facts | {"what": f"{facts}"})
    rows = ClientReport.objects.order_by("created_at").values_list("contract", "service", "completed_at")
    assert [(each, name) for each, name, _at in rows] == [
        (None, ""),
        (None, ""),
        (one.pk, "Platform"),
        (two.pk, "Platform"),
        (other.pk, "Platform"),
    ]
    assert [bool(at) for _each, _name, at in rows] == [False, False, False, True, False], "by a channel of its package"
    contracts.end_contract(contract=two, ends_on=NEW_YEAR.replace(month=2), actor=OLGA)
    send(**WORDS | {"what": "Later."}, component=gateways[1].pk)
    assert ClientReport.objects.get(what="Later.").contract == other, "one that has ended is nobody's"


def test_what_is_wrong_is_named_and_what_was_typed_stays(gateways):
    wrong = {
        "contact_email": ("nobody", "e-mail address"),
        "affected_messages": ("many", "number"),
        "total_messages": ("-1", "number"),
    }
    for field, (value, named) in wrong.items():
        answer = send(**WORDS | {field: value})
        assert answer.status_code == 422 and named in answer.text and "<details open>" in answer.text
        assert f'value="{value}"' in answer.text
    answer = send(**WORDS | {"contact_email": "", "client_reference": "acme-1"})
    assert answer.status_code == 422 and "Give an e-mail address." in answer.text
    assert send(**WORDS | {"affected_messages": "9", "total_messages": "3"}).status_code == 422
    assert ClientReport.objects.count() == 0


def test_a_fuller_repeat_completes_the_first_and_what_says_otherwise_is_kept_beside_it(gateways, acme):
    ann = [Contact(email="ann@acme.example")]
    beta = contract(name="Beta", agreed=agreed(*gateways, contacts=ann, report_channels=["page"]))
    place = {"component": gateways[0].pk}
    send(**WORDS, **place)
    (first,) = numbers()
    assert (first.contract, first.completed_at) == (None, None), "two contracts have this contact"
    for _press in range(2):
        send(**WORDS, **place, client_reference="beta-1", total_messages="100")
    send(**WORDS, **place, affected_messages="25")
    send(**WORDS, **place)
    (report,) = numbers()
    assert (report.pk, report.contract, report.completed_at) == (first.pk, beta, first.reported_at)
    assert (report.claimed_client, report.affected_messages, report.total_messages) == ("beta-1", 25, 100)
    assert (OutboxEvent.objects.count(), report.version) == (1, 3), "whoever has the form open is told"
    for facts in ({"affected_messages": "50"}, {"total_messages": "20"}, {"since": "240"}, {"client_reference": "x-9"}):
        for _press in range(2):
            send(**WORDS | place | facts)
    said = [(each.affected_messages, each.total_messages, each.claimed_client) for each in numbers()]
    assert said == [(25, 100, "beta-1"), (50, None, "x-9"), (None, 20, ""), (None, None, "")]


def test_what_staff_have_worked_on_is_not_changed_under_their_hands(gateways, acme):
    send(**WORDS, component=gateways[0].pk)
    (report,) = numbers()
    report_triage.triage(report=report, severity=2, actor=given.ALICE)
    for _press in range(2):
        send(**WORDS, component=gateways[0].pk, affected_messages="25", total_messages="100")
    send(**WORDS, component=gateways[0].pk)
    assert [(each.severity, each.affected_messages) for each in numbers()] == [(2, None), (None, 25)]
    report_triage.name_failure(report=numbers()[1], same_as=report, actor=given.ALICE)
    (failure,) = reported.refund_reports(acme)
    assert (failure.id, failure.affected_messages, failure.total_messages) == (report.pk, 25, 100)


def test_limits_hold_for_reports_and_for_letters_each_by_itself(gateways, settings, monkeypatch):
    settings.SUBSCRIBE_PER_ADDRESS_DAY = 1
    monkeypatch.setattr(report_claims, "PER_NETWORK_HOUR", 2)
    seen = [send(**WORDS | {"what": f"Failure {number}"}).status_code for number in range(3)]
    assert seen == [303, 303, 429]
    assert OutboxEvent.objects.count() == 1, "the owner of the address is not flooded"
    assert ClientReport.objects.filter(steps__step="auto_acknowledgement").count() == 1


def test_fault_57_presses_at_one_instant_make_one_report(gateways):
    at_once(lambda _number: send(**WORDS), range(6))
    assert (ClientReport.objects.count(), OutboxEvent.objects.count()) == (1, 1)


@pytest.mark.usefixtures("all_languages")
def test_the_letter_is_in_the_readers_language_and_a_refusal_carries_staffs_words(acme, gateways, inbox):
    send(**WORDS | {"language": "de"}, component=gateways[0].pk)
    report = ClientReport.objects.get()
    client_reports.decline_report(
        report=report, reason="Your own <b>firewall</b>.", tell=True, actor=given.ALICE, now=timezone.now()
    )
    received, declined = sorted(inbox(), key=lambda mail: len(mail["Subject"]))
    assert (received["Content-Language"], declined["Content-Language"]) == ("de", "de")
    assert report.number in received["Subject"] and report.number in declined["Subject"]
    assert "Your own <b>firewall</b>." in text_of(declined)
    assert "Your own &lt;b&gt;firewall&lt;/b&gt;." in declined.get_body(("html",)).get_content()


def test_the_address_of_a_letter_is_forgotten_as_one_that_never_confirmed(gateways, inbox):
    send(**WORDS)
    assert len(inbox()) == 1
    retention.forget(timezone.now() + given.hours(24 * 8), 5.0)
    assert Subscription.objects.get().address == ""
