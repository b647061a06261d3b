"""Evidence: a year later, "was this client told 24 hours before?", by query, by command, by file."""

import csv
import io
import json
import re
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from notifications import evidence, fanout, receipts, retention, subscriptions
from notifications.models import Delivery, OutboxEvent, Receipt, Subscriber
from notifications.subscriptions import Reason
from statuspage import ports, tables
from statuspage.actions import maintenance
from tests.notifications.given import subscribers
from tests.notifications.ledger import event, make_due, send, sweep, told
from tests.statuspage import given as facts

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick")]

HOUR = timedelta(hours=1)
DOCUMENT = (Path(__file__).parents[2] / "docs/ledger.md").read_text()


def clients(*references: str, **channels: int):
    """Subscribers, each the contact of a client."""
    found = subscribers(**channels)
    for each, reference in zip(found, references, strict=True):
        Subscriber.objects.filter(pk=each.subscriber_id).update(client_reference=reference)
    return found


def window(ahead=30 * HOUR):
    now = timezone.now()
    return facts.scheduled(facts.component(), now=now, start=now + ahead)


def asked(client: str, subject: str) -> list[dict]:
    """The very query of docs/ledger.md, with these words in place of its own; as SQLite has it where it is one."""
    (query,) = re.findall(r"```sql\n(.*?)```", DOCUMENT, re.DOTALL)
    for_sqlite, for_postgres = re.search(r"On SQLite write\s+`([^`]+)` for `([^`]+)`", DOCUMENT).groups()
    assert for_postgres in query
    if connection.vendor == "sqlite":
        query = query.replace(for_postgres, for_sqlite)
    with connection.cursor() as cursor:
        cursor.execute(query.replace("ACME", client).replace("abcdefghijkl", subject))
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def exported(capsys, **options) -> list[dict]:
    call_command("delivery_evidence", format="json", **options)
    return json.loads(capsys.readouterr().out)


# --- The query ------------------------------------------------------------------------------------


def test_one_query_says_who_of_a_client_was_told_24_hours_before(relay, twilio):
    mail, gone, other, text = clients("ACME", "ACME", "Other", "ACME", email=3, sms=1)
    relay.script(stage="rcpt", reply="550 5.1.1 gone", match=gone.address)
    row = window()
    fanout.relay()
    send("email")
    send("sms")
    found = {each["recipient"]: each for each in asked("ACME", row.pk)}
    assert found.keys() == {each.address_key[:12] for each in (mail, gone, text)}
    assert [bool(found[each.address_key[:12]]["told_24_hours_before"]) for each in (mail, gone, text)] == [
        True,
        False,
        True,
    ]
    refused = found[gone.address_key[:12]]
    assert (refused["told_at"], refused["in_trouble"]) == (None, 1)
    assert [each["channel"] for each in asked("Other", row.pk)] == ["email"]


def test_a_notice_that_came_back_told_nobody(relay, capsys):
    """Handed over in time, and returned: by query, by export, and to the planner."""
    back, there = clients("ACME", "ACME", email=2)
    row = window()
    fanout.relay()
    send("email")
    returned = Delivery.objects.get(subscription=back)
    receipts.receive(returned.pk, receipts.bounce_word(returned.pk, "550 5.1.1"))
    found = {each["recipient"]: each for each in asked("ACME", row.pk)}
    answers = [found[each.address_key[:12]] for each in (back, there)]
    assert [bool(each["told_24_hours_before"]) for each in answers] == [False, True]
    assert (answers[0]["told_at"], answers[0]["in_trouble"]) == (None, 1)
    exports = {each["state"]: each for each in exported(capsys, client="ACME")}
    assert exports["undelivered"]["told_24_hours_before"] is False and exports["undelivered"]["accepted_at"]
    assert exports["accepted"]["told_24_hours_before"] is True
    listed = {each["subscription"]: each for each in ports.notice_evidence(row.pk, 1)}
    assert (listed[str(back.pk)]["state"], listed[str(back.pk)]["accepted_at"]) == ("undelivered", None)
    assert ports.notice_completed_at(row.pk, 1) == Delivery.objects.get(subscription=there).accepted_at


@pytest.mark.parametrize(("ahead", "expected"), [(24 * HOUR + HOUR / 60, True), (24 * HOUR - HOUR / 60, False)])
def test_the_query_knows_24_hours_to_the_minute(relay, ahead, expected):
    clients("ACME", email=1)
    row = window(ahead)
    sweep()
    assert bool(asked("ACME", row.pk)[0]["told_24_hours_before"]) is expected


def test_the_query_asks_for_the_last_revision(relay):
    clients("ACME", email=1)
    row = window()
    sweep()
    maintenance.move_maintenance(
        maintenance=row,
        scheduled_for=row.scheduled_for - 10 * HOUR,
        scheduled_until=row.scheduled_until - 10 * HOUR,
        body="Earlier.",
        actor=facts.ALICE,
    )
    sweep()
    (only,) = asked("ACME", row.pk)
    assert not only["told_24_hours_before"]


@pytest.mark.parametrize(
    ("facts_of_it", "counts"),
    [
        ({"audience": "invited"}, False),
        ({"audience": "invited_and_told"}, False),
        ({"kind": "maintenance_started", "early": True}, True),
        ({"kind": "maintenance_started", "early": False}, False),
        ({"kind": "maintenance_current", "phase": "ahead"}, True),
        ({"kind": "maintenance_current", "phase": "running"}, False),
    ],
)
def test_the_query_counts_what_the_evidence_counts(relay, facts_of_it, counts):
    """An invitation alone is no notice, nor is what tells how work goes on, unless it has the window's new times."""
    clients("ACME", email=1)
    row = window()
    sweep()
    said = OutboxEvent.objects.get(subject_id=row.pk, kind="maintenance_scheduled")
    told_of = dict(facts_of_it)
    early = {"previous_scheduled_for": str(row.scheduled_for) if told_of.pop("early", False) else None}
    said.payload |= {**early, "phase": told_of.pop("phase", "")}
    OutboxEvent.objects.filter(pk=said.pk).update(payload=said.payload, **told_of)
    assert bool(asked("ACME", row.pk)) is bool(list(ports.notice_evidence(row.pk, 1))) is counts


def test_a_year_later_the_answer_is_the_same_though_the_contact_left(relay):
    (contact,) = clients("ACME", email=1)
    row = window()
    sweep()
    before = asked("ACME", row.pk)
    subscriptions.unsubscribe(contact, reason=Reason.LINK)
    assert retention.forget(timezone.now() + timedelta(days=365), 60)
    contact.refresh_from_db()
    assert contact.address == ""
    assert asked("ACME", row.pk) == before and before[0]["told_24_hours_before"]


def test_an_erased_contact_is_a_pseudonym_in_the_evidence(relay):
    (contact,) = clients("ACME", email=1)
    row = window()
    sweep()
    before = asked("ACME", row.pk)
    subscriptions.erase(contact)
    assert asked("ACME", row.pk) == before


# --- The export ------------------------------------------------------------------------------------


def test_the_export_says_what_was_told_and_how_long_before(relay, capsys):
    (contact,) = clients("ACME", email=1)
    window()
    relay.script(stage="rcpt", reply="451 4.7.1 later", times=1)
    sweep()
    make_due()
    send()
    (row,) = exported(capsys, client="ACME")
    assert (row["kind"], row["subject"], row["window_revision"]) == ("maintenance_scheduled", "Database upgrade", 1)
    assert (row["client"], row["channel"], row["recipient"]) == ("ACME", "email", contact.address_key[:12])
    assert (row["state"], row["meaning"], row["delivered_at"]) == ("accepted", "handed over to the mail relay", None)
    assert row["told_24_hours_before"] is True and 29 * 3600 < row["lead_seconds"] < 30 * 3600
    assert [each["outcome"] for each in row["tries"]] == ["unavailable", "accepted"] and row["attempts"] == 2
    assert contact.address not in str(row)


def test_delivered_is_said_only_with_a_receipt(twilio, capsys):
    clients("ACME", sms=1)
    told(event())
    send("sms")
    assert exported(capsys, client="ACME")[0]["meaning"] == "handed over to the carrier"
    at = timezone.now()
    row = Delivery.objects.get()
    Receipt.objects.create(
        delivery=row, provider="twilio", provider_reference="SM1", status="delivered", digest="x", received_at=at
    )
    Delivery.objects.update(state="delivered")
    (said,) = exported(capsys, client="ACME")
    assert said["meaning"] == "delivered, says the carrier's receipt"
    assert said["delivered_at"] == at.isoformat(timespec="seconds")
    assert (said["window_start"], said["told_24_hours_before"]) == (None, None), "an incident has no window"


def test_no_mail_is_ever_called_delivered():
    """Over every state a mail can rest in by itself: no relay gives a receipt that says so."""
    from notifications import labels
    from notifications.states import State

    words = [str(labels.meaning(state, "email")) for state in State if state != State.DELIVERED]
    assert [said for said in words if re.search(r"(?<!not )delivered", said)] == []


def test_the_period_counts_by_publication(relay, capsys):
    clients("ACME", email=1)
    told(event())
    day = timezone.now().date()
    assert len(exported(capsys, client="ACME", since=str(day - timedelta(days=1)))) == 1
    with pytest.raises(CommandError, match="nothing about this client") as found:
        call_command("delivery_evidence", client="ACME", until=str(day - timedelta(days=1)))
    assert found.value.returncode == 1


def test_one_subscription_may_be_asked_for(relay, capsys):
    first, _second = clients("ACME", "ACME", email=2)
    told(event())
    assert [row["subscription"] for row in exported(capsys, subscription=str(first.pk))] == [str(first.pk)]


def test_subscribers_without_a_client_are_nobodys(capsys):
    subscribers(email=1)
    told(event())
    with pytest.raises(CommandError):
        call_command("delivery_evidence", client="")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"client": "ACME", "since": "yesterday"}, "from: 'yesterday'"),
        ({"client": "ACME", "until": "2026-13-01"}, "until: '2026-13-01'"),
        ({"subscription": "x"}, "subscription: 'x'"),
    ],
)
def test_unusable_input_is_named(options, words):
    with pytest.raises(CommandError, match=words) as refused:
        call_command("delivery_evidence", **options)
    assert refused.value.returncode == 2


def test_links_that_somebody_asked_for_are_no_evidence(capsys):
    (reader,) = clients("ACME", email=1)
    subscriptions.ask_manage_link(reader, network="n")
    told(OutboxEvent.objects.get())
    assert Delivery.objects.count() == 1
    with pytest.raises(CommandError):
        call_command("delivery_evidence", client="ACME")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_fault_71_a_table_never_carries_a_formula(start, relay):
    reference = f'{start}HYPERLINK("http://evil.example";"x")'
    clients(reference, email=1)
    told(event(payload={"name": f"{start}cmd()"}))
    text = "".join(evidence.as_csv(evidence.rows(evidence.Wanted(client=reference))))
    (row,) = csv.DictReader(io.StringIO(text, newline=""))
    assert (row["client"], row["subject"]) == (f"'{reference}", f"'{start}cmd()")
    assert not [value for value in row.values() if value.startswith(tables.FORMULA)]


def test_a_lead_below_zero_is_a_number_in_a_table_all_the_same():
    assert tables.cell(-60) == -60
    assert tables.cell("-60.5") == "-60.5" and tables.cell("-1+1") == "'-1+1"


def test_both_forms_have_the_same_rows(relay):
    clients("ACME", "ACME", "ACME", email=3)
    told(event())
    send()
    table = list(csv.DictReader(io.StringIO("".join(evidence.as_csv(evidence.rows(evidence.Wanted(client="ACME")))))))
    array = json.loads("".join(tables.as_json(evidence.rows(evidence.Wanted(client="ACME")))))
    assert [row["subscription"] for row in table] == [row["subscription"] for row in array] and len(table) == 3
    assert list(table[0]) == list(evidence.COLUMNS)
    assert json.loads("".join(tables.as_json([]))) == []


def test_the_number_of_queries_does_not_grow_with_the_rows(relay, django_assert_max_num_queries):
    clients(*["ACME"] * 30, email=30)
    told(event())
    send()
    with django_assert_max_num_queries(4):
        assert len(list(evidence.rows(evidence.Wanted(client="ACME")))) == 30


# --- The console's question ---------------------------------------------------------------------------


def test_the_reach_of_a_notice_counts_everybody_once(relay):
    there, gone, late = clients("ACME", "Widgets", "", email=3)
    relay.script(stage="rcpt", reply="550 5.1.1 gone", match=gone.address)
    relay.script(stage="rcpt", reply="451 later", match=late.address)
    row = window()
    assert ports.notice_reach(row.pk, 1).channels == {}
    sweep()
    reach = ports.notice_reach(row.pk, 1)
    assert reach.channels == {"email": {"told": 1, "waiting": 1, "unreached": 1}}
    assert reach.starts_at == row.scheduled_for and reach.first_at == reach.last_at
    (named,) = reach.unreached
    assert (named["client"], named["recipient"]) == ("Widgets", gone.address_key[:12])
    assert str(named["why"]) == "refused, or tried in vain"
    assert "@" not in str(reach)
    assert ports.notice_reach(row.pk, 2) is None and ports.notice_reach(str(uuid4())[:12], 1) is None
