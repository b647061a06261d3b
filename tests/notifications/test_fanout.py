"""Fan-out: for everybody in the membership set, once, and for nobody else."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from notifications import fanout
from notifications.models import Delivery, OutboxEvent, Subscriber, Subscription, Suppression
from tests.notifications.given import subscribers
from tests.notifications.ledger import event, states, told
from tests.statuspage import given as facts

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick")]

MINUTE = timedelta(minutes=1)


def recipients(row: OutboxEvent) -> set:
    return set(Delivery.objects.filter(event=row).values_list("subscription", flat=True))


def chose(*components, groups=(), **wanted) -> Subscription:
    """Somebody who wants only these."""
    number = Subscription.objects.count()
    (reader,) = subscribers_from(number, all_components=False, **wanted)
    reader.components.set(components)
    reader.groups.set(groups)
    return reader


def subscribers_from(number: int, **wanted):
    return [
        Subscription.objects.create(
            subscriber=Subscriber.objects.create(),
            channel="email",
            address=f"chooser-{number}@example.org",
            address_key=f"chooser-{number}",
            confirmed_at=timezone.now() - timedelta(hours=1),
            **wanted,
        )
    ]


# --- Who ---------------------------------------------------------------------------------------------


def test_i1_everybody_confirmed_gets_one_and_nobody_else_does():
    """I1 and I7: not the unconfirmed, not who left before, not who came after."""
    there, unconfirmed, gone, late = subscribers(email=4)
    now = timezone.now()
    Subscription.objects.filter(pk=unconfirmed.pk).update(confirmed_at=None)
    Subscription.objects.filter(pk=gone.pk).update(unsubscribed_at=now - MINUTE)
    Subscription.objects.filter(pk=late.pk).update(confirmed_at=now + MINUTE)
    assert recipients(told(event(at=now))) == {there.pk}


def test_i1_who_leaves_after_publication_has_a_row_that_says_so():
    stayed, left = subscribers(email=2)
    row = event(at=timezone.now() - MINUTE)
    Subscription.objects.filter(pk=left.pk).update(unsubscribed_at=timezone.now())
    assert recipients(told(row)) == {stayed.pk, left.pk}
    assert states(subscription=left) == {"suppressed": 1}


@pytest.mark.parametrize("reason", ["stop", "quarantine", "erased"])
def test_a_suppressed_address_has_a_row_that_rests(reason):
    (reader,) = subscribers(email=1)
    Suppression.objects.create(address_key=reader.address_key, reason=reason)
    told(event())
    row = Delivery.objects.get()
    assert row.state == "suppressed" and row.final_at


def test_choices_are_kept():
    api, web = facts.component("API"), facts.component("Web")
    everything, only_api, only_web = subscribers(email=1)[0], chose(api), chose(web)
    no_incidents = chose(api, wants_incidents=False)
    assert recipients(told(event(component_ids=[api.pk]))) == {everything.pk, only_api.pk}
    about_both = told(event(component_ids=[api.pk, web.pk]))
    assert recipients(about_both) == {everything.pk, only_api.pk, only_web.pk}
    upgrade = told(event(kind="maintenance_updated", subject_kind="maintenance", component_ids=[api.pk]))
    assert recipients(upgrade) == {everything.pk, only_api.pk, no_incidents.pk}


def test_what_touches_no_component_is_for_everybody_of_its_kind():
    everything, chooser = subscribers(email=1)[0], chose(facts.component())
    nobody = chose(facts.component("Web"), wants_incidents=False)
    assert recipients(told(event())) == {everything.pk, chooser.pk}
    assert nobody.pk not in recipients(told(event()))


def test_new_members_of_a_group_have_joined_by_the_time_of_the_fan_out():
    group = facts.group("Core")
    late = facts.component("Late")
    reader = chose(groups=[group])
    row = event(component_ids=[late.pk])
    type(late).objects.filter(pk=late.pk).update(group=group)
    assert recipients(told(row)) == {reader.pk}


def test_somebody_who_chose_a_component_twice_over_is_told_once():
    group = facts.group("Core")
    one, other = facts.component("One", group=group), facts.component("Other", group=group)
    reader = chose(one, other, groups=[group])
    assert recipients(told(event(component_ids=[one.pk, other.pk]))) == {reader.pk}


# --- Once ----------------------------------------------------------------------------------------------


def test_replaying_a_half_done_fanout_adds_no_duplicates(monkeypatch):
    monkeypatch.setattr(fanout, "FIRST_PAGE", 3)
    subscribers(email=20)
    row = event()
    assert fanout.fan_out(row, timezone.now(), pages=1) == 3
    OutboxEvent.objects.update(fan_out_cursor=None)
    assert fanout.fan_out(row, timezone.now()) == 17
    OutboxEvent.objects.update(fan_out_cursor=None, fanned_out_at=None)
    assert fanout.fan_out(row, timezone.now()) == 0
    assert Delivery.objects.count() == 20


def test_3_a_fanout_that_was_killed_goes_on_where_it_was(monkeypatch):
    monkeypatch.setattr(fanout, "FIRST_PAGE", 4)
    monkeypatch.setattr(fanout, "LARGEST_PAGE", 4)
    subscribers(email=10)
    row = event()
    fanout.fan_out(row, timezone.now(), pages=2)
    row.refresh_from_db()
    assert row.fan_out_cursor == sorted(Subscription.objects.values_list("pk", flat=True))[7]
    assert not row.fanned_out_at
    assert fanout.fan_out(row, timezone.now()) == 2
    row.refresh_from_db()
    assert row.fanned_out_at and Delivery.objects.count() == 10


def test_the_number_of_statements_does_not_grow_with_the_audience():
    """Fault 95: no recipient passes through this process."""
    counts = []
    for size in (10, 400):
        subscribers_now = Subscription.objects.count()
        made = [subscribers_from(number) for number in range(subscribers_now, size)]
        assert made
        row = event()
        with CaptureQueriesContext(
            connection,
        ) as queries:
            fanout.fan_out(row, timezone.now())
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert Delivery.objects.count() == 410


def test_ids_are_version_4_uuids():
    subscribers(email=50)
    told(event())
    ids = set(Delivery.objects.values_list("pk", flat=True))
    assert len(ids) == 50 and {(each.version, each.variant) for each in ids} == {(4, "specified in RFC 4122")}


# --- In time -------------------------------------------------------------------------------------------


def test_what_comes_too_late_is_written_down_as_such():
    subscribers(email=2)
    Subscription.objects.update(confirmed_at=timezone.now() - timedelta(days=2))
    told(event(at=timezone.now() - timedelta(hours=25)))
    assert states() == {"expired": 2}


def test_96_the_newer_word_overtakes_the_older_for_whoever_gets_both():
    api, web = facts.component("API"), facts.component("Web")
    both, only_web = subscribers(email=1)[0], chose(web)
    first = told(event("incidentidxx", component_ids=[api.pk, web.pk]))
    second = told(event("incidentidxx", component_ids=[api.pk]))
    assert states(event=first, subscription=both) == {"superseded": 1}
    assert states(event=first, subscription=only_web) == {"queued": 1}, "nobody is skipped"
    assert states(event=second) == {"queued": 1}
    assert Delivery.objects.get(event=first, subscription=both).superseded_by == second


def test_another_incident_overtakes_nothing():
    subscribers(email=1)
    told(event("incidentone"))
    told(event("incidenttwo"))
    assert states() == {"queued": 2}


def test_the_urgent_is_fanned_out_first_and_everything_begins_before_anything_ends(monkeypatch):
    monkeypatch.setattr(fanout, "FIRST_PAGE", 2)
    subscribers(email=6)
    event("ordinaryone")
    event("urgentone", priority=2)
    order = []
    real = fanout.next_page
    monkeypatch.setattr(fanout, "next_page", lambda pk, size, now: order.append(pk) or real(pk, size, now))
    fanout.relay()
    ordinary, urgent = OutboxEvent.objects.order_by("id").values_list("pk", flat=True)
    assert order[:3] == [urgent, ordinary, urgent] and set(order[3:]) == {urgent, ordinary}
    assert states() == {"queued": 12}
