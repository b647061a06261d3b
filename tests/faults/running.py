"""One running site for many faults: each has a crowd of its own, and finds everything well when it begins."""

import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
from celery import Celery

from tests.chaos import journals
from tests.chaos.staff import Browser
from tests.servers.journal import entries
from tests.site import Response, Site

DEADLINE_SECONDS = 3.0
LEASE_SECONDS = 2.5 * DEADLINE_SECONDS
CANARY_SECONDS = 2.0
QUICK = {
    "SWEEP_SECONDS": "1",
    "DELIVERY_MAIL_DEADLINE_SECONDS": str(DEADLINE_SECONDS),
    "DELIVERY_SMS_DEADLINE_SECONDS": str(DEADLINE_SECONDS),
    "DELIVERY_RECONCILE_SECONDS": "1",
    "DELIVERY_RETRY_SECONDS": "1",
    "DELIVERY_SMS_RETRY_SECONDS": "1",
    "DELIVERY_BREAKER_SECONDS": "1",
    "CANARY_SECONDS": str(CANARY_SECONDS),
    "PAGE_REFRESH_SECONDS": "3600",
}
"""A minute's waits in seconds; and one rendering a revision, unless a test asks for more."""

PATIENCE_SECONDS = 180.0
"""A machine that is busy with other tests takes its time; an idle one a few seconds."""

NEW = "/admin/incident/new/"
"""Where incidents are opened."""

STAFF = "from tests.chaos import people; people.store_staff_and_components()"

ENROL = """
    WITH person AS (
        INSERT INTO notifications_subscriber (id, language, time_zone, client_reference, created_at)
        VALUES (gen_random_uuid(), 'en', 'Etc/UTC', '', now()) RETURNING id
    )
    INSERT INTO notifications_subscription
        (id, subscriber_id, channel, address, address_key, address_version, all_components, wants_incidents,
         wants_maintenances, created_at, confirmed_at, unsubscribe_reason, consent_wording_version, consent_network_key)
    SELECT gen_random_uuid(), person.id, %s, %s, %s, 1, true, true, true,
           now() - interval '1 hour', now() - interval '1 hour', '', '', ''
      FROM person
"""
DISMISS = """
    UPDATE notifications_subscription SET unsubscribed_at = now() WHERE unsubscribed_at IS NULL AND channel <> 'null'
"""
ROWS = """
    SELECT address, state, attempts, ambiguous, last_code, fence
      FROM notifications_delivery AS row JOIN notifications_subscription AS reader ON reader.id = row.subscription_id
     WHERE address = ANY(%s) ORDER BY row.event_id
"""
RESTING = """
    SELECT count(*) >= %s AND bool_and(state NOT IN ('queued', 'sending'))
      FROM notifications_delivery AS row JOIN notifications_subscription AS reader ON reader.id = row.subscription_id
     WHERE address = ANY(%s)
"""
SUNG_AT = """
    SELECT extract(epoch FROM max(accepted_at)) FROM notifications_delivery WHERE channel = 'null'
"""

crowds = count(10)


class Running:
    """A site with staff who can publish, and the crowd of the fault that is being done to it."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.crowd: list[str] = []
        self.mail_journal, self.text_journal = Path(site.smtp.journal_path), Path(site.twilio.journal_path)
        self.browser = Browser(site)
        site.manage("shell", "-c", STAFF)
        self.browser.sign_in()
        self.component = self.ask("SELECT id FROM statuspage_component LIMIT 1")[0][0]

    # --- Between two faults --------------------------------------------------------------------------------

    def begin(self, mails: int, texts: int) -> None:
        """Another crowd: nobody of an earlier one is told any more."""
        number = next(crowds)
        self.crowd = [f"reader-{each}@crowd-{number}.example.org" for each in range(mails)]
        self.crowd += [f"+3161{number}{each:05d}" for each in range(texts)]
        with self.connect() as connection:
            connection.execute(DISMISS)
            for address in self.crowd:
                channel = "email" if "@" in address else "sms"
                connection.execute(ENROL, [channel, address, address])

    def heal(self) -> None:
        """Everything runs, and everybody behaves."""
        self.site.smtp.clear()
        self.site.twilio.clear()
        self.heal_programs()

    def heal_programs(self) -> None:
        self.heal_servers()
        for name, program in list(self.site.programs.items()):
            program.signal_group(signal.SIGCONT)
            if name.startswith("extra"):
                self.site.programs.pop(name).kill()
        if not self.site.programs["web"].is_alive:
            self.site.start_web()
        if not self.site.programs["worker-0"].is_alive:
            self.site.start_workers()
        if not self.site.programs["beat-0"].is_alive:
            self.site.start_beat("beat-0")

    def heal_servers(self) -> None:
        assert self.site.postgres
        if not self.site.postgres.is_alive:
            self.site.postgres.start()
        self.site.valkey.resume()
        if not self.site.valkey.program.is_alive:
            self.site.valkey.start()

    def still(self) -> None:
        """Workers and schedulers stop where they are, until `heal`: nobody but readers asks for anything."""
        for name, program in self.site.programs.items():
            if name != "web":
                program.signal_group(signal.SIGSTOP)

    # --- What staff do -------------------------------------------------------------------------------------

    def publish(self, name: str) -> str:
        """Open an incident in the console; its id."""
        answer, _ = self.press(name)
        return answer.headers["location"].split("/")[3]

    def press(self, name: str) -> tuple[Response, float]:
        """The same; the console's answer, and the seconds it took."""
        started = time.monotonic()
        answer = self.browser.post(NEW, self.form(name))
        assert answer.status == 302, answer.text
        return answer, time.monotonic() - started

    def form(self, name: str) -> dict[str, str]:
        """The form of an incident; its name is also its key."""
        facts = {"name": name, "body": "Requests fail.", "status": "investigating", "cause": "own", "severity": ""}
        return facts | {
            f"component_{self.component}": "partial_outage",
            "notify": "on",
            "key": name,
            "step": "publish",
        }

    def is_stored(self, name: str) -> bool:
        """Whether the database has an incident of this name, whatever readers see."""
        return bool(self.ask("SELECT 1 FROM statuspage_incident WHERE name = %s", name))

    # --- What everybody saw --------------------------------------------------------------------------------

    def copies(self) -> list[journals.Copy]:
        """What the sinks took for this crowd, oldest first."""
        seen = [*journals.mails(self.mail_journal), *journals.texts(self.text_journal)]
        return sorted((copy for copy in seen if copy.address in self.crowd), key=lambda copy: copy.at)

    def told(self) -> Counter[str]:
        """How often each of the crowd was told."""
        return Counter(copy.address for copy in self.copies())

    def is_everyone_told(self) -> bool:
        return len(self.told()) == len(self.crowd)

    def wait_for_rest(self, seconds: float = PATIENCE_SECONDS, updates: int = 1) -> list[tuple[Any, ...]]:
        """Until all deliveries rest; then they are what they will be: (address, state, attempts, ambiguous, code)."""
        rows = len(self.crowd) * updates
        self.wait(lambda: self.ask(RESTING, rows, self.crowd)[0][0], seconds, "every delivery rests")
        return self.ask(ROWS, self.crowd)

    def assert_told_once(self) -> None:
        """Everyone, by the ledger and by the sinks."""
        rows = self.wait_for_rest()
        assert {row[1] for row in rows} <= {"accepted", "delivered"}, rows
        told = self.told()
        assert set(told) == set(self.crowd) and set(told.values()) == {1}, told.most_common(3)

    def calls(self) -> int:
        """How many messages met a scripted fault so far, each at the moment of its call."""
        mails = sum(1 for _ in entries(self.mail_journal, "fault"))
        return mails + sum("fault" in entry for entry in entries(self.text_journal, "request"))

    def sung_at(self) -> float:
        """When the canary was last taken, in seconds since the epoch."""
        return float(self.ask(SUNG_AT)[0][0] or 0)

    # --- Means ---------------------------------------------------------------------------------------------

    def wait(self, ready: Callable[[], Any], seconds: float, what: str) -> Any:
        return self.site.wait_for(ready, seconds, what)

    def connect(self) -> psycopg.Connection[Any]:
        return psycopg.connect(self.site.environment["DATABASE_URL"], autocommit=True)

    def ask(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        with self.connect() as connection:
            return connection.execute(sql, list(values)).fetchall()  # type: ignore[arg-type]

    def change(self, sql: str, *values: Any) -> None:
        with self.connect() as connection:
            connection.execute(sql, list(values))  # type: ignore[arg-type]

    def broker(self) -> Celery:
        """A client of the broker's; a context manager."""
        return Celery(broker=self.site.valkey.url, set_as_current=False)

    def send_task(self, name: str, *arguments: Any, times: int = 1) -> None:
        """Into the broker, as an older version or a stuttering broker would."""
        with self.broker() as app:
            for _ in range(times):
                app.send_task(name, args=arguments, ignore_result=True)


@contextmanager
def begun(site: Running, *, mails: int = 0, texts: int = 0) -> Iterator[Running]:
    """The site with all of it at work, before and afterwards, and a crowd of so many to mail and to text."""
    site.heal()
    site.begin(mails, texts)
    yield site
    site.heal()
