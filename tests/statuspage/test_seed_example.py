"""What a new site starts with."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth import authenticate, get_user_model
from django.contrib.auth.password_validation import validate_password
from django.core.management import call_command

from statuspage import audit, events, example, selectors
from statuspage.actions.components import create_component
from statuspage.actions.example import new_passphrase
from statuspage.importing import timeline
from statuspage.models import AuditEntry, Component, ComponentGroup, Incident, Maintenance, Outage
from statuspage.roles import Ability, abilities_of

NOW = datetime(2026, 11, 22, 14, 32, tzinfo=UTC)
SIGN_IN = (
    r"^Staff sign in at http://127\.0\.0\.1:8000/admin/ as owner with the passphrase (\S+) \(shown only this once\)\.$"
)


def seed(capsys, **options) -> str:
    call_command("seed_example", **options)
    return capsys.readouterr().out


@pytest.mark.django_db
def test_an_empty_site_gets_a_page_with_a_past_and_a_maintenance_ahead(capsys):
    seed(capsys)
    assert (ComponentGroup.objects.count(), Component.objects.count()) == (3, 8)
    assert Component.objects.filter(is_third_party=True).count() == 1
    assert not Component.objects.exclude(status="operational").exists()
    assert Incident.objects.count() == len(example.STORIES)
    assert Maintenance.objects.filter(status="scheduled", scheduled_for__gt=datetime.now(UTC)).count() == 1
    assert set(Outage.objects.values_list("cause", flat=True)) == {"own", "third_party", "maintenance"}
    assert not Outage.objects.filter(ended_at=None).exists()
    incident = Incident.objects.get(name="API answers with errors")
    covering = selectors.contracts_of(incident.components.values_list("pk", flat=True), incident.started_at)
    assert {each.name for each in covering} == {"Lindqvist Retail, enterprise", "Bakker Logistics, messaging"}


@pytest.mark.django_db
def test_the_first_account_is_an_owner_whose_passphrase_is_printed_once(capsys):
    (passphrase,) = re.findall(SIGN_IN, seed(capsys), re.MULTILINE)
    owner = authenticate(username="owner", password=passphrase)
    assert owner.is_superuser and owner.is_staff
    assert [group.name for group in owner.groups.all()] == ["owner"]
    assert abilities_of(owner) == frozenset(Ability)
    assert passphrase not in str(list(AuditEntry.objects.values_list()))
    assert seed(capsys) == ""


@pytest.mark.django_db
def test_where_anybody_has_an_account_none_is_made(capsys):
    get_user_model().objects.create_user("somebody")
    assert seed(capsys) == ""
    assert get_user_model().objects.count() == 1


@pytest.mark.django_db
def test_staff_only_leaves_the_page_empty(capsys):
    assert re.search(SIGN_IN, seed(capsys, staff_only=True))
    assert not Component.objects.exists()


@pytest.mark.django_db
def test_a_site_that_has_a_component_is_left_alone(capsys):
    create_component(name="Ours", actor=audit.SYSTEM)
    seed(capsys)
    assert [each.name for each in Component.objects.all()] == ["Ours"]
    assert not Incident.objects.exists()


@pytest.mark.django_db
def test_nobody_is_told_of_the_example(capsys):
    told = []
    events.published.connect(told.append, weak=False, dispatch_uid="test")
    try:
        seed(capsys)
    finally:
        events.published.disconnect(dispatch_uid="test")
    assert told == []


def test_the_example_is_the_same_for_the_same_moment():
    assert example.history(NOW) == example.history(NOW)


@pytest.mark.parametrize("hour", [0, 14, 23])
def test_the_example_lies_in_the_last_90_days_and_leaves_everything_up(hour):
    now = NOW.replace(hour=hour)
    found = example.history(now)
    said = [update for each in found.entries() for update in each.updates]
    assert all(now - timedelta(days=90) < update.created_at < now for update in said)
    changes = [change for each in found.entries() for change in timeline.changes_of(each)]
    assert all(each.end for each in timeline.intervals(changes))
    assert len({each.id for each in (*found.components, *found.groups, *found.entries(), *said)}) == (
        len(found.components) + len(found.groups) + len(list(found.entries())) + len(said)
    )


def test_each_update_of_the_example_knows_what_components_were_before():
    for entry in example.history(NOW).entries():
        before = {}
        for update in entry.updates:
            for each in update.affected or ():
                assert each.old_status == before.get(each.code, "operational")
                before[each.code] = each.new_status


def test_a_passphrase_is_long_new_and_taken_by_the_rules():
    passphrases = {new_passphrase() for _ in range(100)}
    assert len(passphrases) == 100
    for each in passphrases:
        assert len(each) >= 15
        validate_password(each)
