"""Staff and readers act while a message is being told, from inside the relay's answer to one of the calls.

The relay is a real one. What happens "meanwhile" happens while it has a mail and has not
answered yet, on a database connection of its own.
"""

import itertools
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connections
from django.test import Client
from django.utils import timezone

from notifications import delivery, fanout, subscriptions, tokens
from notifications.models import Delivery, LinkToken, OutboxEvent, Subscription
from statuspage import ports
from statuspage.actions import incidents, maintenance
from tests.notifications.given import subscribers
from tests.notifications.ledger import states, sweep
from tests.servers.mailbox import Mail
from tests.servers.smtp import SmtpSink
from tests.statuspage import given as facts

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("publish_root")]

READERS, MIDDLE = 40, 12
IN_FLIGHT = 10
"""A group that was opened together: one connection has at most so many mails in doubt (docs/chaos.md, I3)."""


class Meanwhile(SmtpSink):
    """A relay that has something done while it holds a mail: `act`, at the mail with that number."""

    def __init__(self, journal: Path) -> None:
        super().__init__(journal)
        self.numbers = itertools.count(1)
        self.at = MIDDLE
        self.act: Callable[[], object] = lambda: None
        self.errors: list[Exception] = []

    def _keep(self, conversation, reply):
        if next(self.numbers) == self.at:
            thread = threading.Thread(target=self.run)
            thread.start()
            thread.join()
        super()._keep(conversation, reply)

    def run(self) -> None:
        try:
            self.act()
        except Exception as error:
            self.errors.append(error)
        finally:
            connections.close_all()


@pytest.fixture
def meanwhile(quick, tmp_path) -> Iterator[Meanwhile]:
    quick.DELIVERY_CONNECTIONS = 1
    quick.DELIVERY_MAIL_DEADLINE_SECONDS = 20.0  # the act is part of one call, and the machine may be busy
    sink = Meanwhile(tmp_path / "meanwhile.jsonl")
    sink.start()
    quick.EMAIL_URL = sink.url
    yield sink
    sink.stop()
    assert sink.errors == []


@pytest.fixture
def small_pages(monkeypatch) -> int:
    """Half of the readers are fanned out by the first page."""
    monkeypatch.setattr(fanout, "FIRST_PAGE", READERS // 2)
    monkeypatch.setattr(fanout, "LARGEST_PAGE", READERS // 2)
    return READERS // 2


def event_of(mail: Mail) -> OutboxEvent:
    return Delivery.objects.select_related("event").get(pk=str(mail.message["X-Delivery-ID"])).event


def heard(sink: SmtpSink, say: Callable[[OutboxEvent], str]) -> dict[str, list[str]]:
    """Address -> what arrived there, in order."""
    found = defaultdict(list)
    for mail in sink.messages():
        found[mail.recipients[0]].append(say(event_of(mail)))
    return found


def half_told() -> None:
    """The first page of what is due is fanned out and sent; the rest of the readers have no delivery yet."""
    for row in OutboxEvent.objects.filter(fanned_out_at=None, due_at__lte=timezone.now()):
        fanout.fan_out(row, timezone.now(), pages=1)
    delivery.work("email", 30)


# --- Staff -------------------------------------------------------------------------------------------


def test_fault_58_an_incident_resolved_while_it_is_told_reaches_everybody_in_order(meanwhile, small_pages):
    readers = subscribers(email=READERS)
    opened = facts.incident({facts.component(): "major_outage"}, now=timezone.now())
    meanwhile.act = lambda: (
        incidents.publish_update(incident=opened, status="resolved", body="Over.", actor=facts.ALICE),
        fanout.relay(),
    )
    half_told()
    sweep(3)
    found = heard(meanwhile, lambda event: event.payload["status"])
    assert found.keys() == {reader.address for reader in readers}
    assert Counter(map(tuple, found.values())) == {
        ("investigating", "resolved"): found_before(found),
        ("resolved",): READERS - found_before(found),
    }
    assert MIDDLE <= found_before(found) <= MIDDLE + IN_FLIGHT
    assert states(event__payload__status="resolved") == {"accepted": READERS}
    assert states(event__payload__status="investigating") == {
        "accepted": found_before(found),
        "superseded": READERS - found_before(found),
    }


def found_before(found: dict[str, list[str]]) -> int:
    """Readers who had the first word already."""
    return sum(len(said) == 2 for said in found.values())


def window():
    now = timezone.now()
    return facts.scheduled(facts.component(), now=now, start=now + facts.hours(48))


def test_fault_59_a_window_moved_while_it_is_told_is_told_anew_to_everybody(meanwhile, small_pages):
    readers = subscribers(email=READERS)
    planned = window()
    meanwhile.act = lambda: (
        maintenance.move_maintenance(
            maintenance=planned,
            scheduled_for=planned.scheduled_for + facts.hours(1),
            scheduled_until=planned.scheduled_until + facts.hours(1),
            body="Later.",
            actor=facts.ALICE,
        ),
        fanout.relay(),
    )
    half_told()
    sweep(3)
    found = heard(meanwhile, lambda event: event.kind)
    old, new = "maintenance_scheduled", "maintenance_moved"
    assert found.keys() == {reader.address for reader in readers}
    assert {tuple(said) for said in found.values()} == {(old, new), (new,)}, "never the old one after the new one"
    assert MIDDLE <= found_before(found) <= MIDDLE + IN_FLIGHT
    assert states(event__kind=new) == {"accepted": READERS}
    assert states(event__kind=old, state="accepted") == {"accepted": found_before(found)}
    assert not Delivery.objects.filter(event__kind=old).exclude(state__in=["accepted", "superseded"]).exists()
    last = Delivery.objects.filter(event__kind=new).order_by("-accepted_at")[0].accepted_at
    assert ports.notice_completed_at(planned.pk, 2) == last, "the new window has a notice clock of its own"


def test_fault_60_a_window_cancelled_while_it_is_told_is_cancelled_for_those_who_heard_of_it(meanwhile, small_pages):
    subscribers(email=READERS)
    planned = window()
    meanwhile.script(stage="data", reply="drop", times=1)  # one who may have heard of it
    meanwhile.act = lambda: (
        maintenance.cancel_maintenance(maintenance=planned, body="Not needed.", actor=facts.ALICE),
        fanout.relay(),
    )
    half_told()
    sweep(4)
    old, new = "maintenance_scheduled", "maintenance_cancelled"
    sent = set(Delivery.objects.filter(event__kind=old, attempts__gt=0).values_list("subscription", flat=True))
    told = Delivery.objects.filter(event__kind=new)
    assert {each.subscription_id for each in told} == sent
    assert states(event__kind=new) == {"accepted": len(sent)}
    assert MIDDLE <= len(sent) <= MIDDLE + IN_FLIGHT + 1
    found = heard(meanwhile, lambda event: event.kind)
    assert all(said[-1] == new for said in found.values()) and len(found) == len(sent)
    assert not Delivery.objects.filter(event__kind=old).exclude(state__in=["accepted", "unknown", "superseded"])


# --- Readers -----------------------------------------------------------------------------------------


def leave(reader: Subscription) -> None:
    """One click in the mail program (RFC 8058)."""
    path = f"/unsubscribe/{tokens.unsubscribe_token(reader)}"
    assert Client().post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200


def be_forgotten(reader: Subscription) -> None:
    """By a link to manage, as they were sent it."""
    subscriptions.ask_manage_link(reader, network=str(reader.pk))
    token = tokens.link_token(LinkToken.objects.get(subscription=reader))
    assert Client().post(f"/subscriptions/{token}", {"action": "erase"}).status_code == 303


def go_while_told(meanwhile: Meanwhile, go: Callable[[Subscription], None]) -> tuple[list, list]:
    """Whoever has not been sent it yet goes, half of them; those who went, and those who stayed."""
    readers = subscribers(email=READERS)
    gone: list[Subscription] = []

    def act() -> None:
        queued = set(Delivery.objects.filter(state="queued").values_list("subscription", flat=True))
        waiting = [reader for reader in readers if reader.pk in queued]
        gone.extend(waiting[: len(waiting) // 2])
        for reader in gone:
            go(reader)

    meanwhile.act = act
    facts.incident({facts.component(): "major_outage"}, now=timezone.now())
    fanout.relay()
    # One short lease at a time: what is not leased waits in the queue when they go.
    delivery.work("email", 30)
    sweep(2)
    return gone, [reader for reader in readers if reader not in gone]


def test_fault_61_whoever_leaves_while_others_are_told_gets_no_call_that_begins_later(meanwhile):
    gone, stayed = go_while_told(meanwhile, leave)
    assert gone, "somebody was still waiting"
    assert {mail.recipients[0] for mail in meanwhile.messages()} == {reader.address for reader in stayed}
    assert states(subscription__in=gone) == {"suppressed": len(gone)}
    assert states(subscription__in=stayed) == {"accepted": len(stayed)}
    assert set(Subscription.objects.filter(pk__in=[each.pk for each in gone]).values_list("unsubscribe_reason")) == {
        ("one_click",)
    }


def test_fault_62_whoever_is_erased_while_others_are_told_leaves_a_pseudonym_in_the_ledger(meanwhile, settings):
    settings.SUBSCRIBE_PER_NETWORK_HOUR = settings.SUBSCRIBE_PER_HOUR = 10_000
    gone, stayed = go_while_told(meanwhile, be_forgotten)
    assert gone, "somebody was still waiting"
    assert {mail.recipients[0] for mail in meanwhile.messages()} == {reader.address for reader in stayed}
    assert states(subscription__in=gone, event__kind="incident_update") == {"suppressed": len(gone)}
    assert states(subscription__in=stayed) == {"accepted": len(stayed)}
    for reader in gone:
        kept = Subscription.objects.get(pk=reader.pk)
        assert (kept.address, kept.address_key) == ("", reader.address_key)
    stored = everything_stored()
    assert [reader.address for reader in gone if reader.address in stored] == []
    assert all(reader.address in stored for reader in stayed)


def everything_stored() -> str:
    """Every value in every table."""
    return "\n".join(str(row) for model in apps.get_models() for row in model._default_manager.values_list())
