"""One storm's evidence with what several checks ask of it: copies by row, attempts by row, the lost, the duplicates."""

from collections import Counter, defaultdict

from tests.chaos.evidence import Attempt, Event, Evidence, Row
from tests.chaos.people import Kind

IN_FLIGHT = 1 + 10
"""I3: what one killed process leaves answered and unrecorded: one text and ten mails."""

CLOCK_SLACK = 0.25
"""Seconds between the database's clock, carried on in a process, and the sinks'."""


class Case:
    """The evidence with the indexes that several checks need."""

    def __init__(self, evidence: Evidence) -> None:
        self.evidence = evidence
        self.rows = {row.id: row for row in evidence.rows}
        self.copies = Counter(copy.delivery for copy in evidence.copies)
        self.attempts: dict[str, list[Attempt]] = defaultdict(list)
        for attempt in sorted(evidence.attempts, key=lambda each: each.number):
            self.attempts[attempt.delivery].append(attempt)
        self.of_subject: dict[tuple[str, str], list[Row]] = defaultdict(list)
        for row in evidence.rows:
            self.of_subject[row.subscription, self.event(row).subject].append(row)

    def event(self, row: Row) -> Event:
        return self.evidence.events[row.event]

    def duplicates(self) -> int:
        """Copies beyond each row's first."""
        return sum(count - 1 for count in self.copies.values())

    def bound(self) -> int:
        """I3: what the faults that were done allow in all, whatever the number of connections.

        A process whose database went, or that slept, leaves as much in doubt as a killed one: a lease overrun.
        """
        tally = self.evidence.tally
        shaken = tally.processes + tally.shaken + tally.stopped
        return IN_FLIGHT * shaken + sum(each.outcome == "ambiguous" for each in self.evidence.attempts)

    def lost(self) -> list[Row]:
        """Rows whose person never got it, and whose state does not say why rightly."""
        return [row for row in self.evidence.rows if not self.copies[row.id] and not self.is_excused(row)]

    def is_excused(self, row: Row) -> bool:
        """Nothing was sent, and that is right: overtaken, too late, gone, or refused by name."""
        kind = self.evidence.people[row.subscription].kind
        match row.state:
            case "superseded":
                return True  # I6 sees to it that somebody overtook it
            case "expired":
                return row.final_at is not None and row.final_at >= row.not_after - CLOCK_SLACK
            case "suppressed":
                return kind in {Kind.QUARANTINED, Kind.LEAVER, Kind.MORTAL}
            case "failed":
                return kind in {Kind.MORTAL, Kind.LEAVER}
        return False
