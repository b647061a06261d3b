"""One storm over one running site: publications, faults, departures and readers at once; then calm, and the evidence.

After the storm nobody does anything for the site but start what was killed, as a service manager would.
"""

import heapq
import itertools
import json
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deploy.processes import ROOT, Program, poll_until, python
from tests.chaos import database, evidence
from tests.chaos.departures import Departures
from tests.chaos.evidence import Evidence
from tests.chaos.faults import Faults, Undo, pool_of
from tests.chaos.journals import Tail
from tests.chaos.people import Crowd, Kind, people
from tests.chaos.plan import STRIKES, Fault, Plan, Publication, plan
from tests.chaos.staff import Staff, Told
from tests.site import Site

DEADLINE_SECONDS = 3
LEASE_SECONDS = 7.5
SMS_PER_SECOND = 80
SETTINGS = {
    "DELIVERY_MAIL_DEADLINE_SECONDS": str(DEADLINE_SECONDS),
    "DELIVERY_SMS_DEADLINE_SECONDS": str(DEADLINE_SECONDS),
    "DELIVERY_RECONCILE_SECONDS": "1",
    "DELIVERY_RETRY_SECONDS": "1",
    "DELIVERY_SMS_RETRY_SECONDS": "1",
    "DELIVERY_RETRY_LONGEST_SECONDS": "4",
    "DELIVERY_BREAKER_SECONDS": "1",
    "SMS_PER_SECOND": str(SMS_PER_SECOND),
    "SWEEP_SECONDS": "2",
    "CANARY_SECONDS": "10",
}
"""Minutes scaled to seconds; a lease is two and a half deadlines."""

STALLS = 12
"""Calls that are held when the sleepers fall asleep: with two workers some of them are theirs."""


LAST_TO_LEAVE = 3
"""People who leave while a row of theirs surely waits: the directed case of I5."""

ASLEEP_SECONDS = 20
"""Without progress for so long sleepers are woken: one may hold a lock that the others wait for."""


@dataclass(frozen=True)
class Weather:
    """How large a storm is."""

    seconds: float = 60
    publications: int = 30
    readers: int = 300
    crowd: Crowd = field(default_factory=Crowd)
    rest_seconds: float = 45
    """How long the site may rest no row, once everybody behaves, before it counts as stuck."""


SQUALL = Weather(
    seconds=20,
    publications=12,
    readers=60,
    crowd=Crowd(mails=400, texts=80, unconfirmed=20, quarantined=10, leavers=12, mortals=3),
    rest_seconds=20,
)
"""A small one: a mutant shows in less than a storm."""


class Storm:
    """`site` runs; `run` leaves it with its workers dead and its ledger at rest."""

    def __init__(self, site: Site, seed: int, weather: Weather, without: tuple[str, ...] = ()) -> None:
        self.site, self.seed, self.weather, self.without = site, seed, weather, without
        self.people = people(seed, weather.crowd)
        self.plan: Plan = plan(
            seed, self.people, seconds=weather.seconds, publications=weather.publications, without=without
        )
        self.last_to_leave = [each for each in self.plan.departures if each.way == "one click"][-LAST_TO_LEAVE:]
        self.faults = Faults(site, [each.address for each in self.people if each.kind == Kind.MORTAL])
        self.told: list[Told] = []
        self._doing = threading.RLock()
        self._undo: list[tuple[float, int, Callable[[], None]]] = []
        self._number = itertools.count()
        self._troubles: list[BaseException] = []
        self._began = 0.0

    def run(self) -> Evidence:
        """All of it; what it proves is for `checks` to say."""
        facts = self.settle()
        self.staff = Staff(self.site, facts["components"])
        self.staff.browser.sign_in()
        self.departures = Departures(self.site, facts["tokens"], self.plan.departures)
        readers = self.start_readers()
        self._began = time.monotonic()
        hands = [self.thread(self.publish_all), self.thread(self.see_all_off)]
        self.rage()
        while any(hand.is_alive() for hand in hands):
            self.pass_until(self.now() + 0.1)  # what was killed last is still to be started
        looks = self.end_readers(readers)
        self.everything_at_once()
        self.calm()
        rested_in = self.sleepers_wake()
        queries = self.queries_of_readers()
        self.faults.bury()
        if self._troubles:
            raise self._troubles[0]
        return evidence.collect(self, looks=looks, queries=queries, rested_in=rested_in)

    # --- Before ----------------------------------------------------------------------------------------------

    def settle(self) -> dict[str, Any]:
        """Everybody moves in."""
        crowd = ", ".join(f"{name}={count}" for name, count in vars(self.weather.crowd).items())
        script = f"from tests.chaos import people; people.settle({self.seed}, {crowd})"
        return json.loads(self.site.manage("shell", "-c", script).stdout.splitlines()[-1])  # type: ignore[no-any-return]

    def start_readers(self) -> Program:
        argv = python("tests.chaos.readers", str(self.site.port), str(self.weather.readers))
        program = Program("readers", argv, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        program.start()
        return program

    def end_readers(self, program: Program) -> dict[str, Any]:
        assert program.process
        said, _ = program.process.communicate(timeout=60)
        program.kill()
        return json.loads(said)  # type: ignore[no-any-return]

    # --- Meanwhile -------------------------------------------------------------------------------------------

    def thread(self, deed: Callable[[], None]) -> threading.Thread:
        """Run it beside; what goes wrong there is raised at the end."""

        def guarded() -> None:
            try:
                deed()
            except BaseException as error:
                self._troubles.append(error)

        thread = threading.Thread(target=guarded, daemon=True)
        thread.start()
        return thread

    def publish_all(self) -> None:
        for publication in self.plan.publications:
            self.wait_until(publication.at)
            self.told.append(self.staff.publish(publication, self.strike))

    def see_all_off(self) -> None:
        for departure in self.plan.departures:
            if departure not in self.last_to_leave:
                self.wait_until(departure.at)
                self.departures.leave(departure)
        self.departures.finish()

    def strike(self, name: str) -> None:
        """In the instant of an answer."""
        self.thread(lambda: self.hit(Fault(0.0, name, len(self.told), 1.0)))

    def rage(self) -> None:
        """Every fault at its time, and its end at its own."""
        for fault in self.plan.faults:
            self.pass_until(fault.at)
            self.hit(fault)
        self.pass_until(self.weather.seconds)

    def hit(self, fault: Fault) -> None:
        with self._doing:
            undone: list[Undo] = self.faults.do(fault)
            for seconds, deed in undone:
                heapq.heappush(self._undo, (self.now() + seconds, next(self._number), deed))

    def pass_until(self, at: float) -> None:
        """Wait, undoing what is due."""
        while self.now() < at:
            with self._doing:
                while self._undo and self._undo[0][0] <= self.now():
                    heapq.heappop(self._undo)[2]()
            time.sleep(0.02)

    def now(self) -> float:
        return time.monotonic() - self._began

    def wait_until(self, at: float) -> None:
        time.sleep(max(0.0, at - self.now()))

    # --- Afterwards ------------------------------------------------------------------------------------------

    def calm(self) -> None:
        """No more faults; whatever was killed is started again."""
        with self._doing:
            while self._undo:
                heapq.heappop(self._undo)[2]()
            self.faults.heal()

    def everything_at_once(self) -> None:
        """Fault 97: with a word just published, database, doorbell and workers die, then all that is left at once."""
        word = Publication(self.weather.seconds, "incident-dark", "investigating", f"word-dark-{self.seed}", "Mail")
        # The relay takes nothing, so the rows wait, and some of those whom they are for leave meanwhile.
        self.site.smtp.script(stage="mail", reply="421 4.3.2 try later")
        self.told.append(self.staff.publish(word, self.strike))
        for departure in self.last_to_leave:
            who = str(departure.person.subscription)
            poll_until(lambda who=who: database.waits(self.site.environment["DATABASE_URL"], who), 60, "a row waits")
            self.departures.leave(departure)
        for number, name in enumerate(each for each in STRIKES if each not in self.without):
            self.hit(Fault(0.0, name, number, 0.5))
        with self._doing:
            self.faults.cut_the_power()

    def sleepers_wake(self) -> float:
        """The directed end: a worker sleeps past its lease, another finishes its rows, it wakes.

        Answers with the seconds that everything took to rest.
        """
        began = time.monotonic()
        site, last = self.site, self.last_word()
        site.smtp.script(stage="data", reply="stall", times=STALLS)
        site.twilio.script(answer="stall", accepts=True, times=1)
        relay = Tail(Path(site.smtp.journal_path), from_now=True)
        self.told.append(self.staff.publish(last, self.strike))
        poll_until(lambda: any(relay.entries('"reply": "stall"')), 90, "a call is held")
        time.sleep(0.5)
        sleepers = pool_of(site.programs["worker-0"])
        self.faults.sleep(sleepers)
        self.rest(ASLEEP_SECONDS)
        site.smtp.clear()
        site.twilio.clear()
        self.faults.wake(sleepers)
        time.sleep(DEADLINE_SECONDS)
        self.rest(self.weather.rest_seconds)
        rested_in = time.monotonic() - began
        for name in [*self.faults.workers, *self.faults.beats]:
            site.programs[name].kill()
        time.sleep(1)  # the last callbacks
        return rested_in

    def last_word(self) -> Publication:
        """Urgent, so that it goes before whatever the storm left."""
        return Publication(self.weather.seconds, "incident-last", "investigating", f"word-last-{self.seed}", "API", 1)

    def rest(self, seconds: float) -> None:
        """Until every row rests, or none did for so long; the checks say which do not."""
        least, since = None, time.monotonic()
        while least != 0 and time.monotonic() - since < seconds:
            left = database.unfinished(self.site.environment["DATABASE_URL"])
            if left is not None and (least is None or left < least):
                least, since = left, time.monotonic()
            time.sleep(0.5)

    def queries_of_readers(self) -> int | None:
        """Transactions that the database saw while readers looked and nobody else was there (I14)."""
        if self.site.postgres is None:
            return None
        return evidence.transactions_while(self.site, lambda: [self.site.get("/") for _ in range(200)])
