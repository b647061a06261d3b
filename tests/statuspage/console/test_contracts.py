"""The contracts' rooms: a client with its contract in one go, a change that says what it changes, an end, types."""

import re
from datetime import date, timedelta

import pytest

from statuspage import contracted, selectors
from statuspage.models import AuditEntry, Client, Contract, ContractType, ContractVersion, CreditClaim
from statuspage.sla.contracts import CONTRACTS, ENTERPRISE
from tests.statuspage.contracting import client as a_client
from tests.statuspage.contracting import contract, redundant
from tests.statuspage.given import NOON, component

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("publish_root")]


@pytest.fixture
def officer(sign_in):
    return sign_in("service-level officer")


def new(**facts) -> dict[str, object]:
    return {
        "client_name": "Acme",
        "client_reference": "acme-1",
        "name": "ACME/2026",
        "type": "enterprise",
        "starts_on": "2026-01-01",
        "time_zone": "Europe/Amsterdam",
        "contacts": "Jo Bell; jo@acme.example; +31 6 12345678\nops@acme.example",
        "report_channels": ["email", "phone"],
        "subscription_amount": "1250.50",
        "subscription_currency": "EUR",
        "key": "k",
    } | facts


def covering(name: str, *components) -> dict[str, object]:
    return {"service_0": name, "service_0_components": [each.pk for each in components]}


def as_typed(form) -> dict[str, object]:
    """What a browser sends of a form that nobody touched."""
    found = {name: form[name].value() for name in form.fields}
    return {name: value for name, value in found.items() if value not in (None, "", [])}


def test_a_client_with_its_contract_is_recorded_in_one_go(officer):
    api, web = component("API"), component("Web")
    answer = officer.post("/admin/contracts/new/", new(**covering("Platform", api, web)))
    held = Contract.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/admin/contracts/{held.pk}/")
    version = held.versions.get()
    assert (held.client.reference, version.time_zone, version.subscription_amount) == (
        "acme-1",
        "Europe/Amsterdam",
        "1250.50",
    )
    assert contracted.agreement(version).services == {"Platform": {api.pk, web.pk}}
    people = list(version.contacts.values_list("name", "email", "phone"))
    assert people == [("Jo Bell", "jo@acme.example", "+31612345678"), ("", "ops@acme.example", "")]
    room = officer.get(answer["Location"]).text
    for said in (
        "99.99 % of each calendar month",
        "Below 95 %",
        "API, Web",
        "1250.50 EUR",
        "E-mail, Phone",
        "in force",
    ):
        assert said in room
    officer.post("/admin/contracts/new/", new(**covering("Platform", api, web)))
    assert Contract.objects.count() == 1


def test_a_redundant_contract_names_its_gateways_and_what_stands_beside_them(officer):
    first, second, cloud = component("A"), component("B"), component("Cloud")
    facts = {"type": "platform", "redundancy": "redundant", "primary_components": [first.pk]}
    refused = officer.post("/admin/contracts/new/", new(**facts, **covering("Cloud", cloud)))
    assert refused.status_code == 422
    assert "A redundant connection has a primary and a secondary gateway" in refused.text
    assert 'value="ACME/2026"' in refused.text
    assert not Client.objects.exists()
    facts["secondary_components"] = [second.pk]
    officer.post("/admin/contracts/new/", new(**facts, **covering("Cloud", cloud)))
    assert set(contracted.agreement(ContractVersion.objects.get()).services) == {"primary", "secondary", "Cloud"}
    room = officer.get(f"/admin/contracts/{Contract.objects.get().pk}/").text
    assert "failures of Severity II within 28 days, each with 25 % of the messages or more: more than 5" in room
    assert "99.99 % of each calendar year" in room and "99.8 %" not in room, "what is promised to this client"
    assert "response in 1 hour, fixed in 8 hours, a report every 4 hours" in room


def test_what_is_typed_is_kept_and_rows_grow_with_it(officer):
    answer = officer.post("/admin/contracts/new/", new(service_3="Fourth", starts_on=""))
    assert answer.status_code == 422
    assert [len(answer.context["form"].rows()), 'value="Fourth"' in answer.text] == [8, True]


def test_a_change_says_what_it_changes_before_it_is_recorded(officer):
    first, second, cloud = component("A"), component("B"), component("Cloud")
    held = contract(agreed=redundant(first, second, cloud, subscription_amount="10", subscription_currency="EUR"))
    path = f"/admin/contracts/{held.pk}/change/"
    typed = as_typed(officer.get(path).context["form"])
    typed |= {"starts_on": "2026-12-01", "subscription_amount": "12", "reason": "Index."}
    review = officer.post(path, {**typed, "step": "review"})
    assert re.findall(r"<dt><bdi>([^<]+)", review.text) == ["From", "Subscription a month"]
    assert "<del><bdi>10 EUR</bdi></del> <ins><bdi>12 EUR</bdi></ins>" in review.text
    assert held.versions.count() == 1, "looking records nothing"
    posted = [(name, value) for name, value in review.context["posted"]]
    again = {name: [value for key, value in posted if key == name] for name, _value in posted}
    assert 'value="12"' in officer.post(path, {**again, "step": "edit"}).text
    assert officer.post(path, {**again, "step": "publish"}).status_code == 302
    assert officer.post(path, {**again, "step": "publish"}).status_code == 302, "pressed twice"
    assert held.versions.count() == 2
    noon = NOON + timedelta(days=40)
    assert selectors.contract_at(held, noon).subscription_amount == "12"
    assert contracted.agreement(selectors.contract_at(held, noon)).services == {
        "primary": {first.pk},
        "secondary": {second.pk},
        "Cloud": {cloud.pk},
    }
    assert "Index." in officer.get(f"/admin/contracts/{held.pk}/").text


def test_somebody_elses_change_in_the_meantime_is_told(officer):
    held = contract(component())
    path = f"/admin/contracts/{held.pk}/change/"
    typed = as_typed(officer.get(path).context["form"]) | {"starts_on": "2026-12-01"}
    Contract.objects.update(version=2)
    answer = officer.post(path, {**typed, "step": "publish"})
    assert answer.status_code == 409
    assert "Somebody else changed this in the meantime" in answer.text
    assert held.versions.count() == 1


def test_a_contract_is_ended_and_says_so(officer):
    held = contract(component())
    facts = {"ends_on": "2026-02-01", "version": "1"}
    assert officer.post(f"/admin/contracts/{held.pk}/end/", facts).status_code == 302
    assert held.versions.get().valid_until.date() == date(2026, 2, 1)
    assert "not in force" in officer.get("/admin/contracts/").text
    refused = officer.post(f"/admin/contracts/{held.pk}/end/", {"ends_on": "2025-01-01", "version": "2"})
    assert refused.status_code == 422
    assert "2025-01-01 is not after 2026-01-01." in refused.text


def test_the_list_is_searched_by_contract_and_client_and_paged(officer, django_assert_max_num_queries):
    api = component()
    for number in range(31):
        contract(api, name=f"Client {number}")
    page = officer.get("/admin/contracts/")
    assert (len(page.context["rows"]), bool(page.context["page"].older)) == (30, True)
    assert len(officer.get("/admin/contracts/", {"after": page.context["page"].older}).context["rows"]) == 1
    assert [str(each["contract"]) for each in officer.get("/admin/contracts/?q=CLIENT 17-1").context["rows"]] == [
        "Client 17"
    ]
    with django_assert_max_num_queries(14):
        officer.get("/admin/contracts/")


def test_empty_rooms_say_so(officer):
    assert "No contract is recorded yet." in officer.get("/admin/contracts/").text
    assert "Clients are added with their first contract." in officer.get("/admin/contracts/clients/").text


def test_a_client_is_found_renamed_and_given_another_contract(officer):
    acme = a_client("Acme")
    assert "acme-1" in officer.get("/admin/contracts/clients/?q=acme").text
    facts = {"name": "Acme Ltd", "reference": "acme-1", "version": "1"}
    assert officer.post(f"/admin/contracts/clients/{acme.pk}/", facts).status_code == 302
    form = officer.get(f"/admin/contracts/new/?client={acme.pk}").context["form"]
    assert (form["client_name"].value(), form["client_reference"].value()) == ("Acme Ltd", "acme-1")


@pytest.mark.parametrize("preset", CONTRACTS)
def test_a_type_of_ones_own_begins_with_a_presets_figures(officer, preset):
    path = f"/admin/contracts/types/new/?preset={preset}"
    typed = as_typed(officer.get(path).context["form"]) | {"name": "Gold"}
    assert officer.post(path, typed).status_code == 302
    row = ContractType.objects.get()
    assert row.preset == ""
    terms = contracted.terms_of(row)
    assert {**vars(terms), "name": preset} == vars(CONTRACTS[preset])
    assert "Gold" in officer.get("/admin/contracts/types/").text
    assert officer.get("/admin/contracts/new/").text.count(f'value="{row.pk}"') == 1


def test_figures_that_cannot_be_are_refused_with_what_was_typed(officer):
    path = "/admin/contracts/types/new/?preset=enterprise"
    typed = as_typed(officer.get(path).context["form"]) | {"name": "Gold"}
    answer = officer.post(path, typed | {"target": "99,95"})
    assert "99,95 is no percentage. Example: 99.95" in answer.text
    answer = officer.post(path, typed | {"band_1": "99.5"})
    assert answer.status_code == 422
    assert "A band from 99.5 % does not lie below 99 %." in answer.text
    assert not ContractType.objects.exists()
    assert ENTERPRISE.bands[1].days == 7


def test_a_contract_recorded_by_mistake_is_taken_back_whole_and_its_name_is_free(officer):
    api = component("API")
    wrong = contract(api)
    room = f"/admin/contracts/{wrong.pk}/"
    assert f"{room}void/" in officer.get(room).text
    assert officer.post(f"{room}void/", {"reason": "", "version": wrong.version}).status_code == 422
    assert officer.post(f"{room}void/", {"reason": "Another client.", "version": wrong.version}).status_code == 302
    text = officer.get(room).text
    assert "nothing of it was ever in force" in text and f"{room}void/" not in text
    assert not selectors.contracts_of([api.pk], NOON).exists() and selectors.contract_at(wrong, NOON) is None
    assert AuditEntry.objects.get(action="void_contract").after == {"reason": "Another client."}
    for path in (f"{room}statements/", "/admin/contracts/", "/admin/service-levels/"):
        assert officer.get(path).status_code == 200, path
    assert officer.get(f"{room}change/").status_code == 404
    wrong.refresh_from_db()
    end = {"ends_on": "2030-01-01", "version": wrong.version}
    assert officer.post(f"{room}end/", end).status_code == 422
    assert contract(api, client=wrong.client).name == "Acme", "the right one, under the same name"


def test_a_contract_that_something_rests_on_is_ended_and_not_taken_back(officer):
    held = contract(component("API"))
    CreditClaim.objects.create(contract=held, month="2026-06", received_at=NOON, created_at=NOON)
    sent = officer.post(f"/admin/contracts/{held.pk}/void/", {"reason": "Sorry.", "version": held.version})
    assert sent.status_code == 422 and "rest on this contract" in sent.text
    assert selectors.contract_at(held, NOON) is not None
