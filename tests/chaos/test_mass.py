"""A hundred thousand are to be told: the first at once, what is urgent or newer before the rest, in no more memory."""

import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from deploy.processes import poll_until
from tests.chaos import database
from tests.chaos.faults import children_of
from tests.chaos.given import SHORT, publish, settle
from tests.chaos.journals import Tail
from tests.servers.mailbox import mail_from
from tests.site import Site

pytestmark = [pytest.mark.serial, pytest.mark.long]

CROWD = 100_000
FIRST_SECONDS = 10
LARGEST_GROWTH, LARGEST_BYTES = 1.2, 150_000_000

OWN = {
    "id": "gen_random_uuid()",
    "address": "'mass-' || n || '@example.net'",
    "address_key": "md5(n::text) || md5('mass' || n)",
}
"""Columns that tell a subscription from the one it is a copy of."""


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Iterator[Site]:
    """One worker of two; twenty with telephones, one by mail, and after a first word the crowd."""
    running = Site(tmp_path_factory.mktemp("mass") / "site", "postgres", **SHORT)
    try:
        running.start()
        settle(running, email=1, sms=20)
        yield running
    finally:
        for name in ("worker-0", "beat-0", "web"):
            running.programs[name].kill()
        running.stop()


def multiply(site: Site) -> None:
    """The one mail subscriber a hundred thousand times, inside the database."""
    with psycopg.connect(site.environment["DATABASE_URL"], autocommit=True) as connection:
        names = "SELECT column_name FROM information_schema.columns WHERE table_name = 'notifications_subscription'"
        columns = [name for (name,) in connection.execute(names)]
        copied = [sql.SQL(OWN[name]) if name in OWN else sql.Identifier("one", name) for name in columns]  # type: ignore[arg-type]
        statement = sql.SQL(
            "INSERT INTO notifications_subscription ({}) SELECT {} FROM notifications_subscription one, "
            "generate_series(1, {}) n WHERE one.channel = 'email' AND one.address LIKE 'reader-%'"
        )
        connection.execute(
            statement.format(
                sql.SQL(", ").join(map(sql.Identifier, columns)), sql.SQL(", ").join(copied), sql.Literal(CROWD)
            )
        )


def published_at(site: Site, subject: str) -> float:
    rows = ask(
        site, f"SELECT extract(epoch FROM published_at) FROM notifications_outboxevent WHERE subject_id = '{subject}'"
    )
    return float(rows[0][0])


def ask(site: Site, question: str) -> list:
    return database.ask(site.environment["DATABASE_URL"], question) or []


def queued(site: Site, subject: str, state: str = "queued") -> int:
    question = (
        "SELECT count(*) FROM notifications_delivery d JOIN notifications_outboxevent e ON e.id = d.event_id "
        f"WHERE e.subject_id = '{subject}' AND d.state = '{state}' AND d.channel = 'email'"
    )
    return int(ask(site, question)[0][0])


def first_mail(relay: Tail, subject: str) -> float:
    """When the first mail with these words in its subject was taken."""

    def seen() -> float | None:
        mails = (mail_from(entry) for entry in relay.entries('"kind": "message"'))
        return next((mail.at for mail in mails if subject in mail.subject), None)

    return float(poll_until(seen, 120, f"a mail about {subject}"))


def first_text(texts: Tail, words: str) -> float:
    def seen() -> float | None:
        entries = texts.entries('"kind": "message"')
        return next((entry["at"] for entry in entries if words in entry["form"]["Body"]), None)

    return float(poll_until(seen, 120, f"a text about {words}"))


def largest(site: Site) -> int:
    """Bytes that the largest process of the worker had in memory at any time."""
    worker = site.programs["worker-0"]
    return max(peak(process) for process in children_of(worker))


def peak(process: int) -> int:
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))


def journal(of: str) -> Tail:
    return Tail(Path(of), from_now=True)


def test_fault_95_a_hundred_thousand_the_first_at_once_texts_not_behind_them_in_flat_memory(site):
    publish(site, "A rehearsal")
    site.wait_for(lambda: database.unfinished(site.environment["DATABASE_URL"]) == 0, 60, "the few are told")
    before = largest(site)
    multiply(site)
    relay, texts = journal(site.smtp.journal_path), journal(site.twilio.journal_path)
    ordinary = publish(site, "Cables were cut")
    assert first_mail(relay, "Cables were cut") - published_at(site, ordinary) < FIRST_SECONDS
    site.wait_for(lambda: queued(site, ordinary) > CROWD * 0.8, 90, "the fan-out is over")
    urgent = publish(site, "Fire in the hall", severity=1)
    assert first_text(texts, "Fire in the hall") - published_at(site, urgent) < FIRST_SECONDS
    assert first_mail(relay, "Fire in the hall") - published_at(site, urgent) < FIRST_SECONDS
    assert queued(site, ordinary) > CROWD * 0.5, "all of that while the others wait"
    site.wait_for(lambda: queued(site, urgent) > CROWD * 0.8, 90, "the second fan-out is over")
    after = largest(site)
    print(f"fault 95: {before / 1e6:.0f} MB before, {after / 1e6:.0f} MB with {CROWD} subscribers")
    assert after <= LARGEST_GROWTH * before
    assert after <= LARGEST_BYTES


RESOLVE = """
from statuspage import audit
from statuspage.actions import incidents
from statuspage.models import Incident
incident = Incident.objects.get(pk={pk!r})
incidents.publish_update(incident=incident, status="resolved", body="Over.", actor=audit.SYSTEM)
"""


def test_fault_96_a_newer_incident_goes_first_and_resolved_overtakes_what_waits(site):
    if queued(site, "any") == 0 and ask(site, "SELECT count(*) FROM notifications_subscription")[0][0] < CROWD:
        multiply(site)
    relay = journal(site.smtp.journal_path)
    older = publish(site, "The older one", severity=1)
    site.wait_for(lambda: queued(site, older) > CROWD * 0.8, 90, "a hundred thousand wait")
    newer = publish(site, "The newer one", severity=1)
    assert first_mail(relay, "The newer one") - published_at(site, newer) < FIRST_SECONDS
    left = queued(site, older)
    assert left > CROWD * 0.5, "the older ones wait"
    site.manage("shell", "-c", RESOLVE.format(pk=older))
    site.wait_for(lambda: queued(site, older, "superseded") > left * 0.9, 90, "resolved overtakes investigating")
    later = journal(site.smtp.journal_path)
    time.sleep(5)
    subjects = [mail_from(entry).subject for entry in later.entries('"kind": "message"')]
    assert subjects
    assert not [each for each in subjects if "The older one" in each and "Investigating" in each]
