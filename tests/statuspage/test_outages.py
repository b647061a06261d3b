"""Outages corrected by staff, recorded afterwards, withdrawn."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from statuspage import audit
from statuspage.actions import incidents
from statuspage.actions.base import FormUsed, StaleEdit
from statuspage.actions.outages import correct_outage, record_outage, withdraw_outage
from statuspage.models import AuditEntry, Client, Component, Outage, Publication
from statuspage.publishing import capture
from statuspage.roles import ROLES

from .given import ALICE, BOB, NOON, component, hours, incident, minutes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("publish_root")]


OFFICER = audit.Actor(name="olga", source="console", abilities=ROLES["service-level officer"])


def client(name: str) -> Client:
    return Client.objects.create(name=name, reference=name, created_at=NOON, updated_at=NOON)


@pytest.fixture
def outage():
    """One hour of major outage, over."""
    opened = incident({component(): "major_outage"})
    incidents.publish_update(incident=opened, status="resolved", body="Done.", actor=ALICE, now=NOON + hours(1))
    return Outage.objects.get()


def correct(outage: Outage, **facts) -> Outage:
    facts = {
        "started_at": NOON - minutes(10),
        "ended_at": NOON + hours(1),
        "cause": "own",
        "reason": "The monitor saw it earlier.",
        "actor": ALICE,
        "now": NOON + hours(2),
    } | facts
    return correct_outage(outage=outage, **facts)


def test_a_correction_is_a_new_version_that_keeps_the_old(outage):
    corrected = correct(outage, cause="third_party")
    outage.refresh_from_db()
    assert (corrected.replaces, corrected.is_current, outage.is_current) == (outage, True, False)
    assert (corrected.started_at, corrected.cause) == (NOON - minutes(10), "third_party")


def test_a_corrected_outage_is_not_corrected_again(outage):
    correct(outage)
    with pytest.raises(StaleEdit):
        correct(outage)
    assert Outage.objects.count() == 2


@pytest.mark.parametrize(
    ("field", "facts"),
    [
        ("reason", {"reason": " "}),
        ("ended_at", {"ended_at": NOON - hours(1)}),
        ("ended_at", {"ended_at": NOON + hours(3)}),
        ("ended_at", {"ended_at": None}),
        ("started_at", {"started_at": NOON + hours(3)}),
        ("cause", {"cause": "gremlins"}),
    ],
)
def test_a_bad_correction_names_its_field(outage, field, facts):
    with pytest.raises(ValidationError) as refused:
        correct(outage, **facts)
    assert field in refused.value.message_dict
    assert Outage.objects.count() == 1


@pytest.mark.parametrize(
    ("status", "interrupts", "counted"),
    [
        ("major_outage", None, True),
        ("partial_outage", None, False),
        ("degraded_performance", None, False),
        ("major_outage", False, False),
        ("partial_outage", True, True),
    ],
)
def test_what_interrupts_goes_by_its_status_unless_staff_marked_it(outage, status, interrupts, counted):
    Outage.objects.update(status=status)
    outage.refresh_from_db()
    marked = correct(outage, interrupts=interrupts)
    assert marked.is_interruption is counted
    assert Outage.objects.current().interruptions().exists() is counted


def test_a_correction_names_what_it_changes_and_keeps_the_rest(outage):
    first = correct(outage, interrupts=False, provider_name="Cloud", provider_url="https://status.cloud.example/i/1")
    second = correct_outage(outage=first, cause="third_party", reason="It was the cloud.", actor=ALICE)
    assert (second.interrupts, second.provider_name, second.started_at) == (False, "Cloud", NOON - minutes(10))
    entry = AuditEntry.objects.get(action="correct_outage", object_id=str(second.pk))
    assert (entry.before["cause"], entry.after["cause"]) == ("own", "third_party")
    assert entry.after["reason"] == "It was the cloud."


def days_of(row: Component) -> int:
    """For how many seconds the page draws the component as not operational."""
    taken = capture.take(Publication.objects.current(), as_of=NOON + hours(3), months={})
    (drawn,) = [each for each in taken.components if each.id == row.pk]
    return sum(day.partial_seconds + day.major_seconds for day in drawn.days)


def late(row: Component, **facts) -> Outage:
    facts = {
        "status": "major_outage",
        "started_at": NOON - hours(2),
        "ended_at": NOON - hours(1),
        "cause": "own",
        "reason": "The client's own logs show it.",
        "actor": OFFICER,
        "now": NOON + hours(2),
    } | facts
    return record_outage(component=row, **facts)


def test_an_outage_that_the_page_never_showed_counts_and_is_drawn_unless_it_was_one_clients(outage, heard):
    api = outage.component
    before = days_of(api)
    recorded = late(api, idempotency_key="k")
    assert (late(api, idempotency_key="k"), Outage.objects.count()) == (recorded, 2)
    with pytest.raises(FormUsed):
        late(api, idempotency_key="k", reason="Another.")
    assert days_of(api) == before + 3600
    alone = late(api, client=client("Fry"), ended_at=NOON - hours(1) - minutes(1))
    assert days_of(api) == before + 3600
    met = [Outage.objects.current().interruptions().met_by(each) for each in (alone.client, client("Leela"))]
    assert [alone in rows for rows in met] == [True, False]
    assert [recorded in rows for rows in met] == [True, True]
    assert heard == [], "nobody is told"
    assert set(AuditEntry.objects.filter(action="record_outage").values_list("actor_name", flat=True)) == {"olga"}


def test_what_was_withdrawn_counts_no_more_stays_as_evidence_and_can_be_put_back(outage):
    gone = withdraw_outage(outage=outage, reason="A false alarm.", actor=OFFICER, now=NOON + hours(2))
    assert (gone.replaces, gone.reason, Outage.objects.count()) == (outage, "A false alarm.", 2)
    assert not Outage.objects.current().exists()
    assert days_of(outage.component) == 0
    for refused in (outage, gone):
        with pytest.raises(StaleEdit):
            withdraw_outage(outage=refused, reason="Again.", actor=OFFICER, now=NOON + hours(2))
    back = correct(gone, reason="It was real.")
    assert (back.is_current, back.is_withdrawn) == (True, False)
    assert list(Outage.objects.current()) == [back]


def test_an_open_outage_is_not_withdrawn():
    incident({component(): "major_outage"})
    with pytest.raises(ValidationError) as refused:
        withdraw_outage(outage=Outage.objects.get(), reason="No.", actor=OFFICER)
    assert "ended_at" in refused.value.message_dict


@pytest.mark.parametrize(
    ("field", "facts"),
    [
        ("reason", {"reason": ""}),
        ("status", {"status": "operational"}),
        ("status", {"status": "under_maintenance"}),
        ("ended_at", {"ended_at": None}),
        ("provider_url", {"provider_url": "javascript:alert(1)"}),
    ],
)
def test_a_late_record_that_cannot_be_names_its_field(outage, field, facts):
    with pytest.raises(ValidationError) as refused:
        late(outage.component, **facts)
    assert field in refused.value.message_dict
    assert Outage.objects.count() == 1


def test_who_may(outage):
    for act in (lambda: late(outage.component, actor=ALICE), lambda: correct(outage, actor=BOB)):
        with pytest.raises(PermissionDenied):
            act()
    with pytest.raises(PermissionDenied):
        withdraw_outage(outage=outage, reason="No.", actor=ALICE)
    assert correct(outage, actor=OFFICER).is_current
