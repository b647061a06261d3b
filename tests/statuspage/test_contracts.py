"""Contracts with clients: recorded, changed from a date on, ended; what is refused, and in which words."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from statuspage import contracted, selectors
from statuspage.actions import clients, contracts
from statuspage.actions.agreed import Contact, Service
from statuspage.actions.base import FormUsed, StaleEdit
from statuspage.models import AuditEntry, Client, Contract, ContractType, ContractVersion, Publication
from statuspage.sla.contracts import ENTERPRISE, PLATFORM, Redundancy
from tests.statuspage.contracting import NEW_YEAR, OLGA, agreed, client, contract, redundant
from tests.statuspage.given import ALICE, NOON, component

pytestmark = pytest.mark.django_db

JULY = date(2026, 7, 1)


def said(refused) -> dict[str, list[str]]:
    return refused.value.message_dict


def change(held: Contract, terms, starts_on: date = JULY, **facts) -> ContractVersion:
    return contracts.change_contract(
        contract=held, agreed=terms, starts_on=starts_on, **{"actor": OLGA, "now": NOON} | facts
    )


def at(day: date, zone_hours: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=zone_hours)


def test_a_contract_is_in_force_from_its_first_midnight_in_its_zone():
    held = contract(agreed=agreed(component(), time_zone="Asia/Tokyo"), ends_on=JULY)
    first = at(NEW_YEAR, 9)
    assert selectors.contract_at(held, first - timedelta(microseconds=1)) is None
    assert selectors.contract_at(held, first).number == 1
    assert selectors.contract_at(held, at(JULY, 9) - timedelta(microseconds=1)).number == 1
    assert selectors.contract_at(held, at(JULY, 9)) is None


def test_nothing_is_published_and_all_of_it_is_audited_without_people_or_money():
    before = Publication.objects.current().revision
    terms = agreed(
        component(),
        contacts=[Contact(name="Jo", email="jo@acme.example")],
        subscription_amount="1250.50",
        subscription_currency="EUR",
    )
    held = contract(agreed=terms)
    change(held, terms)
    contracts.end_contract(contract=held, ends_on=date(2026, 12, 1), actor=OLGA, now=NOON)
    assert Publication.objects.current().revision == before
    acts = ["end_contract", "change_contract", "create_contract", "create_contract_type"]
    assert list(AuditEntry.objects.values_list("action", flat=True)) == acts
    logged = str(list(AuditEntry.objects.values_list("before", "after")))
    assert "acme.example" not in logged
    assert "1250" not in logged
    assert held.versions.first().subscription_amount == "1250.50"


def test_a_change_closes_what_was_in_force_and_keeps_it():
    api, web = component("API"), component("Web")
    held = contract(api)
    change(held, agreed(web, reason="They moved to the web."))
    old, new = held.versions.all()
    assert (old.valid_until, new.valid_from, new.valid_until) == (at(JULY), at(JULY), None)
    assert selectors.contract_at(held, at(JULY) - timedelta(seconds=1)) == old
    assert contracted.agreement(old).services == {"Platform": {api.pk}}
    assert contracted.agreement(new).services == {"Platform": {web.pk}}
    entry = AuditEntry.objects.first()
    assert (entry.before["services"], entry.after["services"]) == ({"Platform": [api.pk]}, {"Platform": [web.pk]})


def test_a_change_from_the_first_day_of_a_version_replaces_it_and_keeps_it_as_evidence():
    api = component()
    held = contract(api)
    change(held, agreed(api, time_zone="UTC", reason="Typed wrongly."), starts_on=NEW_YEAR)
    wrong, right = held.versions.order_by("number")
    assert wrong.withdrawn_at == NOON
    assert selectors.contract_at(held, at(NEW_YEAR)) == right
    assert selectors.contracts_of([api.pk], at(JULY)).count() == 1


def test_a_change_before_another_holds_until_that_one():
    api = component()
    held = contract(api)
    change(held, agreed(api), starts_on=date(2026, 10, 1))
    change(held, agreed(api))
    spans = held.versions.values_list("number", "valid_from", "valid_until")
    october = at(date(2026, 10, 1))
    assert list(spans) == [(1, at(NEW_YEAR), at(JULY)), (3, at(JULY), october), (2, october, None)]


def test_an_end_withdraws_what_was_to_follow():
    api = component()
    held = contract(api)
    change(held, agreed(api), starts_on=date(2026, 10, 1))
    contracts.end_contract(contract=held, ends_on=JULY, actor=OLGA, now=NOON)
    assert selectors.contract_at(held, at(JULY)) is None
    assert not selectors.contracts_of([api.pk], at(date(2026, 11, 1))).exists()
    change(held, agreed(api))  # a longer term, from the day it ended
    assert selectors.contract_at(held, at(JULY)).number == 3


def test_a_redundant_contract_is_what_the_arithmetic_needs():
    first, second, cloud = component("A"), component("B"), component("Cloud")
    held = contract(agreed=redundant(first, second, cloud, time_zone="Europe/Amsterdam"))
    found = contracted.agreement(selectors.contract_at(held, at(JULY)))
    assert (found.terms, found.redundancy, found.zone.key) == (PLATFORM, Redundancy.REDUNDANT, "Europe/Amsterdam")
    assert found.services == {"primary": {first.pk}, "secondary": {second.pk}, "Cloud": {cloud.pk}}


def test_the_enterprise_contract_makes_no_difference_of_connections():
    found = contracted.agreement(selectors.contract_at(contract(component()), at(JULY)))
    assert (found.terms, found.redundancy) == (ENTERPRISE, None)


# --- Pressed twice, and by two ------------------------------------------------------------------


def test_the_same_press_records_one_contract_and_another_name_is_refused():
    api, acme = component(), client()
    assert contract(api, client=acme, key="k") == contract(api, client=acme, key="k")
    with pytest.raises(FormUsed):
        contract(api, client=acme, name="Other", key="k")
    assert Contract.objects.count() == 1


def test_the_same_press_records_one_change():
    held = contract(component("API"))
    terms = agreed(component("Web"))
    assert change(held, terms, key="k", expected_version=1) == change(held, terms, key="k", expected_version=1)
    with pytest.raises(StaleEdit):
        change(held, terms, key="other", expected_version=1)
    assert held.versions.count() == 2


def test_whoever_decides_no_service_levels_records_none():
    api, held = component(), contract(component("Web"))
    for act in (
        lambda: contract(api, name="New", actor=ALICE),
        lambda: change(held, agreed(api), actor=ALICE),
        lambda: contracts.end_contract(contract=held, ends_on=JULY, actor=ALICE),
        lambda: clients.create_client(name="x", reference="x", actor=ALICE),
        lambda: clients.change_client(client=held.client, name="x", reference="x", actor=ALICE),
    ):
        with pytest.raises(PermissionDenied):
            act()
    assert AuditEntry.objects.count() == 2


# --- What is refused ----------------------------------------------------------------------------

REFUSED = {
    "no such type": ({"type": "gold"}, "type", "There is no contract type gold."),
    "no such zone": ({"time_zone": "Mars/Olympus"}, "time_zone", "Mars/Olympus is not a time zone."),
    "no service": ({"services": []}, "services", "Name between 1 and 100 services."),
    "no component": (
        {"services": [Service(name="X", components=[])]},
        "services",
        "The service X covers no component.",
    ),
    "unknown component": (
        {"services": [Service(name="X", components=["nothing"])]},
        "services",
        "There is no component nothing.",
    ),
    "a gateway's name": (
        {"services": [Service(name="Primary", components=["a"])]},
        "services",
        "Primary is the name of a gateway: choose another for the service.",
    ),
    "a connection": ({"redundancy": "redundant"}, "redundancy", "enterprise knows no connection redundant."),
    "no connection": (
        {"type": "platform"},
        "redundancy",
        "Say how the client is connected: platform depends on it.",
    ),
    "no gateways": (
        {"type": "platform", "redundancy": "redundant"},
        "services",
        "A redundant connection has a primary and a secondary gateway, one of each.",
    ),
    "no such channel": ({"report_channels": ["fax"]}, "report_channels", "fax is not known here."),
    "no mailbox": ({"contacts": [Contact(email="jo@")]}, "contacts", "jo@ is not an e-mail address."),
    "no country": (
        {"contacts": [Contact(phone="0612345678")]},
        "contacts",
        "0612345678 is not a phone number with its country. Example: +31 6 12345678",
    ),
    "nobody": ({"contacts": [Contact(name="Jo")]}, "contacts", "Jo has neither an e-mail address nor a phone number."),
    "no amount": (
        {"subscription_amount": "1.250,00", "subscription_currency": "EUR"},
        "subscription_amount",
        "1.250,00 is not an amount. Example: 1250.00",
    ),
    "no currency": ({"subscription_amount": "5"}, "subscription_currency", "— is not a currency. Example: EUR"),
}


@pytest.mark.parametrize(("facts", "field", "words"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_agreed_is_refused_by_field_and_value(facts, field, words):
    with pytest.raises(ValidationError) as refused:
        contract(agreed=replace(agreed(component()), **facts))
    assert said(refused) == {field: [words]}
    assert (Contract.objects.count(), AuditEntry.objects.filter(action="create_contract").count()) == (0, 0)


def test_a_service_and_a_contract_are_named_once():
    api = component()
    twice = [Service(name=name, components=[api.pk]) for name in ("Platform", "platform")]
    with pytest.raises(ValidationError, match="The service platform is named twice"):
        contract(agreed=agreed(services=twice))
    contract(api, client=Client.objects.get())
    with pytest.raises(ValidationError, match="There is a contract Acme already"):
        contract(api, client=Client.objects.get())


def test_a_single_connection_has_one_gateway_at_the_most():
    first, second = component("A"), component("B")
    both = replace(redundant(first, second), redundancy="single")
    with pytest.raises(ValidationError, match="no gateway but a primary one"):
        contract(agreed=both)
    held = contract(agreed=replace(both, services=both.services[:1]), client=Client.objects.first())
    assert contracted.agreement(held.versions.get()).services == {"primary": {first.pk}}


def test_dates_that_cannot_be_are_refused():
    api = component()
    with pytest.raises(ValidationError) as refused:
        contract(api, ends_on=NEW_YEAR)
    assert said(refused) == {"ends_on": ["2026-01-01 is not after 2026-01-01."]}
    held = contract(api, client=Client.objects.first(), ends_on=JULY)
    with pytest.raises(ValidationError) as refused:
        change(held, agreed(api), starts_on=date(2026, 7, 2))
    assert said(refused) == {"starts_on": ["The contract ends on 2026-07-01: from later on it is another contract."]}
    with pytest.raises(ValidationError) as refused:
        contracts.end_contract(contract=held, ends_on=JULY, actor=OLGA)
    assert said(refused) == {"ends_on": ["The contract ends on 2026-07-01 already. A longer term is a change."]}
    with pytest.raises(ValidationError) as refused:
        change(held, agreed(api), starts_on=date(9999, 12, 31))
    assert said(refused) == {"starts_on": ["9999-12-31 is too far away."]}


def test_contacts_are_stored_as_they_can_be_reached():
    people = [Contact(name="Jo  Bell", email="jo@acme.example", phone="+31 (0)6 1234 5678")]
    held = contract(agreed=agreed(component(), contacts=people))
    found = held.versions.get().contacts.get()
    assert (found.name, found.email, found.phone) == ("Jo Bell", "jo@acme.example", "+31612345678")


# --- Clients ------------------------------------------------------------------------------------


def test_a_client_is_added_with_its_contract_and_known_by_its_reference():
    facts = {"agreed": agreed(component()), "starts_on": NEW_YEAR, "actor": OLGA, "now": NOON}
    first = contracts.sign_contract(client_name="Acme", client_reference="acme-1", name="One", **facts)
    second = contracts.sign_contract(client_name="Acme", client_reference="acme-1", name="Two", **facts)
    assert first.client == second.client
    with pytest.raises(ValidationError) as refused:
        contracts.sign_contract(client_name="Acne", client_reference="acme-1", name="Three", **facts)
    assert said(refused) == {"client_reference": ["acme-1 is the reference of Acme."]}


def test_a_refused_contract_adds_no_client_and_no_type():
    terms = agreed(services=[])
    with pytest.raises(ValidationError):
        contracts.sign_contract(
            client_name="Acme", client_reference="a", name="One", agreed=terms, starts_on=NEW_YEAR, actor=OLGA
        )
    assert (Client.objects.count(), ContractType.objects.count(), AuditEntry.objects.count()) == (0, 0, 0)


def test_two_clients_have_two_references():
    acme, other = client("Acme"), client("Other")
    with pytest.raises(ValidationError, match="acme-1 is the reference of Acme"):
        clients.change_client(client=other, name="Other", reference=" acme-1 ", actor=OLGA)
    changed = clients.change_client(client=acme, name="Acme Ltd", reference="acme-1", actor=OLGA, expected_version=1)
    assert (changed.name, changed.version) == ("Acme Ltd", 2)
    with pytest.raises(StaleEdit):
        clients.change_client(client=acme, name="Acme", reference="acme-1", actor=OLGA, expected_version=1)
