"""Notice for one contract: its own contacts alone, found by address, by number or by the client's reference (A-l)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from notifications import addresses, fanout
from notifications.models import Delivery, OutboxEvent, Subscriber
from notifications.subscriptions import Reason, unsubscribe
from statuspage import compliance, contract_notice
from statuspage.actions import contracts, outages, statements
from statuspage.actions.agreed import Contact
from statuspage.models import Contract, FrozenStatement, Maintenance, Outage
from statuspage.statements.differences import differences
from tests.notifications.given import subscribed, subscribers
from tests.notifications.ledger import sweep
from tests.statuspage import contracting
from tests.statuspage import given as facts
from tests.statuspage.statements import held

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick")]

HOUR = timedelta(hours=1)
ANNA, BEN, CLEO = (Contact(name=name, email=f"{name}@acme.example") for name in ("anna", "ben", "cleo"))


@pytest.fixture
def api():
    return facts.component()


def agreed_with(api, *people: Contact, name: str = "Acme", **others) -> Contract:
    return contracting.contract(name=name, agreed=contracting.agreed(api, contacts=list(people), **others))


def window(api, ahead=30 * HOUR, **others) -> Maintenance:
    now = timezone.now()
    return facts.scheduled(api, now=now, start=now + ahead, **others)


def judged(row: Maintenance, contract: Contract) -> contract_notice.JudgedFor:
    (found,) = contract_notice.judge(Maintenance.objects.filter(pk=row.pk), contract.pk)
    return found


def said(found: contract_notice.JudgedFor) -> tuple[str, str | None]:
    return str(found.judgement.verdict), found.judgement.basis


def people(found: contract_notice.JudgedFor) -> dict[str, str]:
    """Name of a contact, else the channel -> how they stand."""
    return {each.name or each.channel: each.standing for each in found.heard[-1].contacts}


def accepted(subscription, at: datetime) -> None:
    stands = {"state": "accepted", "accepted_at": at, "final_at": at}
    Delivery.objects.filter(subscription=subscription).update(**stands)


def test_the_moment_is_the_last_acceptance_among_the_contracts_own_contacts(relay, api):
    """Anna of Acme has it in time; a stranger, and Ben of Byte, an hour late; Cleo of Acme is not subscribed."""
    (stranger,) = subscribers(email=1)
    anna, ben = (subscribed(addresses.email(each.email)) for each in (ANNA, BEN))
    acme, byte = agreed_with(api, replace(ANNA, email="Anna@ACME.example"), CLEO), agreed_with(api, BEN, name="Byte")
    row = window(api)
    sweep()
    start = row.scheduled_for
    accepted(anna, start - 24 * HOUR)
    accepted(ben, start - 23 * HOUR)
    accepted(stranger, start - 22 * HOUR)
    (everybody,) = compliance.judge(Maintenance.objects.all())
    assert (everybody.judgement.verdict, everybody.judgement.lead) == ("late", 22 * HOUR)
    of_acme, of_byte = judged(row, acme), judged(row, byte)
    assert said(of_acme) == ("noticed", "contacts") and of_acme.judgement.lead == 24 * HOUR
    assert said(of_byte) == ("late", "contacts") and of_byte.judgement.lead == 23 * HOUR
    assert people(of_acme) == {"anna": "told", "cleo": "not_subscribed"}
    assert [each.address for each in of_acme.heard[0].contacts] == ["Anna@ACME.example", "cleo@acme.example"]
    assert people(of_byte) == {"ben": "told"}
    assert of_byte.planned.services == (api.pk,)


def test_a_contact_is_found_by_number_and_by_the_clients_reference(api):
    texted = subscribed(addresses.Address("sms", "+31612345678"))
    carried = subscribed(addresses.email("noc@elsewhere.example"))
    Subscriber.objects.filter(pk=carried.subscriber_id).update(client_reference="acme-1")
    acme = agreed_with(api, Contact(name="anna", phone="+31612345678", email="anna@acme.example"))
    row = window(api)
    fanout.relay()
    accepted(texted, row.scheduled_for - 25 * HOUR)
    accepted(carried, row.scheduled_for - 23 * HOUR)
    found = judged(row, acme)
    assert people(found) == {"anna": "told", "email": "told"}
    assert found.judgement.lead == 23 * HOUR
    assert {(each.name, each.address) for each in found.heard[0].contacts} == {("anna", "+31612345678"), ("", "")}


def test_where_no_contact_is_subscribed_publication_alone_is_the_moment_and_that_is_said(relay, api):
    """Of three contracts: nobody named, nobody subscribed, somebody who left before."""
    subscribers(email=1)
    left = subscribed(addresses.email(BEN.email))
    unsubscribe(left, reason=Reason.LINK)
    row = window(api)
    sweep()
    Delivery.objects.update(accepted_at=row.scheduled_for)
    for name, named in (("Acme", ()), ("Byte", (ANNA,)), ("Cube", (BEN,))):
        found = judged(row, agreed_with(api, *named, name=name))
        assert said(found) == ("noticed", "unsubscribed") and found.heard[0].is_by_publication
        assert found.judgement.noticed_at == found.heard[0].published_at
        assert [each.standing for each in found.heard[0].contacts] == ["not_subscribed"] * len(named)


@pytest.mark.parametrize(
    ("ben_stands", "verdict", "standing"),
    [
        ({"state": "failed"}, "noticed", "unreached"),
        ({"state": "suppressed"}, "noticed", "unreached"),
        ({"state": "expired", "attempts": 0}, "no_notice", "missed"),
    ],
)
def test_who_could_not_be_reached_is_listed_and_delays_nothing(relay, api, ben_stands, verdict, standing):
    subscribed(addresses.email(ANNA.email))
    ben = subscribed(addresses.email(BEN.email))
    acme, row = agreed_with(api, ANNA, BEN), window(api)
    sweep()
    OutboxEvent.objects.filter(fanned_out_at=None).delete()
    Delivery.objects.filter(subscription=ben).update(
        **{"attempts": 1, "accepted_at": None, "final_at": timezone.now()} | ben_stands
    )
    found = judged(row, acme)
    assert (found.judgement.verdict, people(found)["ben"]) == (verdict, standing)
    assert {each.name: each.state for each in found.heard[0].contacts}["ben"] == ben_stands["state"]


def test_until_it_is_told_the_notice_of_a_contract_is_pending(relay, api):
    subscribed(addresses.email(ANNA.email))
    acme, row = agreed_with(api, ANNA), window(api)
    found = judged(row, acme)
    assert said(found) == ("pending", None) and not found.judgement.counted
    sweep()
    assert said(judged(row, acme)) == ("noticed", "contacts")


def test_what_nobody_was_to_hear_is_no_notice_for_a_contract_either(relay, api):
    acme, row = agreed_with(api, ANNA), window(api, notify=False)
    assert said(judged(row, acme)) == ("no_notice", None)


def test_contacts_are_those_of_the_version_in_force_when_it_was_announced(relay, api):
    """Ben follows Anna tomorrow: of a window in thirty hours Anna was told, and Ben was not asked for."""
    subscribed(addresses.email(ANNA.email))
    acme = agreed_with(api, ANNA)
    tomorrow = (timezone.now() + 24 * HOUR).astimezone(UTC).date()
    terms = contracting.agreed(api, contacts=[BEN])
    contracts.change_contract(contract=acme, agreed=terms, starts_on=tomorrow, actor=contracting.OLGA)
    row = window(api, ahead=40 * HOUR)
    sweep()
    assert people(judged(row, acme)) == {"anna": "told"}


def test_many_contracts_cost_the_queries_of_one(relay, api, django_assert_max_num_queries):
    for name in ("anna", "ben", "cleo", "dora", "emil"):
        subscribed(addresses.email(f"{name}@acme.example"))
    rows = [window(api) for _ in range(2)]
    sweep()
    made = [
        agreed_with(api, Contact(name=name, email=f"{name}@acme.example"), name=f"{name}-{number}").pk
        for name in ("anna", "ben", "cleo", "dora", "emil")
        for number in range(8)
    ]
    with django_assert_max_num_queries(14):
        found = contract_notice.for_contracts(Maintenance.objects.all(), made)
    assert {len(each) for each in found.values()} == {len(rows)} and len(found) == 40
    assert {said.heard[0].announcement.basis for each in found.values() for said in each} == {"contacts"}


def in_the_middle_of_a_month() -> timedelta:
    """How long until then."""
    now = timezone.now()
    return (now.replace(day=15) + timedelta(days=31 if now.day > 10 else 0)) - now


def test_a_statement_keeps_the_notice_it_was_frozen_with(relay, api):
    """Who had it carries another client's reference when an outage of that month is put right; then the ledger goes."""
    carrier = subscribed(addresses.email("noc@elsewhere.example"))
    Subscriber.objects.update(client_reference="acme-1")
    acme, row = agreed_with(api, CLEO), window(api, in_the_middle_of_a_month())
    sweep()
    accepted(carrier, row.scheduled_for - 23 * HOUR)
    Maintenance.objects.filter(pk=row.pk).update(
        status="completed", started_at=row.scheduled_for, resolved_at=row.scheduled_until
    )
    start = (row.scheduled_for - held.APRIL) / HOUR
    held.outage(api, start - 2, start - 1)
    later = row.scheduled_until + timedelta(days=800)
    statements.freeze_due(later)
    first = acme.statements.get(period=f"{row.scheduled_for:%Y-%m}")

    def next_version(hours: int) -> FrozenStatement:
        """A quarter of an hour less of the outage, each time."""
        outage = Outage.objects.get(is_current=True)
        ends, at = outage.ended_at - HOUR / 4, later + hours * HOUR
        outages.correct_outage(outage=outage, ended_at=ends, reason="The log.", actor=contracting.OLGA, now=at)
        assert statements.freeze_due(at + HOUR) == 1
        return acme.statements.order_by("frozen_at").last()

    Subscriber.objects.update(client_reference="")
    assert statements.freeze_due(later + 25 * HOUR) == 0
    second = next_version(26)
    Delivery.objects.all().delete()
    OutboxEvent.objects.all().delete()
    assert statements.freeze_due(later + 52 * HOUR) == 0
    third = next_version(53)
    for before, after in ((first, second), (second, third)):
        assert {each.kind for each in differences(before.inputs, after.inputs)} == {"outage"}
        assert Decimal(before.figures["counted_seconds"]) - Decimal(after.figures["counted_seconds"]) == 900
    assert third.figures["windows"] == first.figures["windows"]
    (judged_so,) = third.figures["windows"]
    told = {each["recipient"]: each["standing"] for each in judged_so["revisions"][0]["contacts"]}
    assert (judged_so["verdict"], sorted(told.values())) == ("late", ["not_subscribed", "told"])
