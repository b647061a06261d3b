"""Invariants I1 to I14: the ledger joined with what the sinks, readers and staff saw. Pure: evidence in, breaches out.

Each function answers with the breaches it found, in words that lead to the row.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from itertools import pairwise

from tests.chaos.case import CLOCK_SLACK, Case
from tests.chaos.evidence import Event, Row
from tests.chaos.people import Kind
from tests.chaos.staff import VISIBLE_SECONDS

UNRESTING = {"queued", "sending"}
TAKEN = {"accepted", "delivered", "undelivered"}
MAX_ATTEMPTS = 30

FLOOR_SECONDS = 1.0
"""The first wait of a storm's schedule."""

STARTED_LATER = 4.5
"""Seconds after the premise of its group in which a mail's call may still start: a lease less a deadline."""

RANKS = {"delivered": 2, "undelivered": 1, "failed": 1}


Check = Callable[[Case], Iterator[str]]


# --- Who is told -----------------------------------------------------------------------------------------------------


def i1_everyone_has_one_row(case: Case) -> Iterator[str]:
    """Exactly one delivery for everyone in the membership set and nobody else."""
    by_event: dict[int, list[str]] = defaultdict(list)
    for row in case.evidence.rows:
        by_event[row.event].append(row.subscription)
    for event in case.evidence.events.values():
        if event.kind in {"maintenance_advance", "maintenance_reminder"}:
            continue  # due another day
        have, want = Counter(by_event[event.id]), members(case, event)
        yield from (f"I1: event {event.id} has {count} rows for {who}" for who, count in have.items() if count > 1)
        yield from (f"I1: event {event.id} ({event.kind}) has no row for {who}" for who in want - have.keys())
        yield from (f"I1: event {event.id} ({event.kind}) has a row for {who}" for who in have.keys() - want)


def members(case: Case, event: Event) -> set[str]:
    """Who was to be told, from what the people wanted; for a cancellation, from who was told."""
    if event.single:
        return {event.single}
    if event.voided_at and not event.is_fanned_out:
        return {row.subscription for row in case.evidence.rows if row.event == event.id}
    told = told_of(case, event) if event.audience != "members" else set()
    if event.audience == "told":
        return told
    names = {case.evidence.components[each] for each in event.components}
    wanting = {
        who
        for who, person in case.evidence.people.items()
        if person.is_member and (not person.wish or person.wish in names or not names)
    }
    return {
        who for who in wanting | told if case.evidence.left_at.get(who, event.published_at + 1) > event.published_at
    }


def told_of(case: Case, event: Event) -> set[str]:
    """Whoever has, or may have, an earlier word on the same subject, and was there still."""
    rows = [row for row in case.evidence.rows if case.event(row).subject == event.subject]
    return {
        row.subscription
        for row in rows
        if row.event != event.id
        and case.event(row).published_at < event.published_at
        and (row.state in {"accepted", "delivered", "unknown"} or row.ambiguous)
        and case.evidence.left_at.get(row.subscription, event.published_at + 1) > event.published_at
    }


def i7_nobody_else_is_sent_anything(case: Case) -> Iterator[str]:
    """No copy to an address that is unconfirmed, quarantined, or of another audience."""
    of_address = {person.address: person for person in case.evidence.people.values()}
    for copy in case.evidence.copies:
        person, row = of_address.get(copy.address), case.rows.get(copy.delivery)
        if person is None or person.kind in {Kind.UNCONFIRMED, Kind.QUARANTINED}:
            yield f"I7: {copy.delivery} went to {person.kind if person else 'a stranger'}"
        elif row is None or row.subscription != str(person.subscription):
            yield f"I7: {copy.delivery} went to somebody else's address"


# --- Nothing lost, little twice ------------------------------------------------------------------------------------


def i2_nothing_is_lost(case: Case) -> Iterator[str]:
    """Every row rests; what is accepted was seen; what was not seen says rightly why."""
    for row in case.evidence.rows:
        if row.state in UNRESTING:
            yield f"I2: {row.channel} {row.id} of event {row.event} does not rest: {row.state}"
    for event in case.evidence.events.values():
        if not (
            event.is_fanned_out or event.voided_at or event.kind in {"maintenance_advance", "maintenance_reminder"}
        ):
            yield f"I2: event {event.id} was never fanned out"
    yield from (f"I2: {row.channel} {row.id} of event {row.event} is lost: {row.state}" for row in case.lost())


def i3_few_are_sent_twice(case: Case) -> Iterator[str]:
    """Per row no more copies than calls without an answer, and one; in all, no more than the faults allow."""
    for delivery, count in case.copies.items():
        row = case.rows.get(delivery)
        if row and count > 1 + row.ambiguous:
            yield f"I3: {row.channel} {delivery} has {count} copies and {row.ambiguous} calls without an answer"
    if case.duplicates() > case.bound():
        yield f"I3: {case.duplicates()} duplicates, {case.bound()} allowed"


def i4_copies_are_identical(case: Case) -> Iterator[str]:
    """Copies of one row share their Message-ID and every byte."""
    seen: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for copy in case.evidence.copies:
        seen[copy.delivery].add((copy.message_id, copy.content))
    yield from (f"I4: {delivery} has {len(each)} versions" for delivery, each in seen.items() if len(each) > 1)


# --- Not after -------------------------------------------------------------------------------------------------------


def i5_nothing_starts_after_leaving(case: Case) -> Iterator[str]:
    """No call whose premise was looked at after the departure; a group that was open then may end."""
    for row in case.evidence.rows:
        gone = case.evidence.gone_at.get(row.subscription)
        if gone is None or case.event(row).single:
            continue
        for attempt in case.attempts[row.id]:
            if attempt.outcome != "not made" and attempt.started_at > gone + latest_start(row):
                yield f"I5: {row.id} was tried {attempt.started_at - gone:.2f} s after its person had left"
    missing = {who for who, person in case.evidence.people.items() if person.kind == Kind.LEAVER}
    yield from (f"I5: {who} was never let go" for who in missing - case.evidence.gone_at.keys())


def latest_start(row: Row) -> float:
    """A text's attempt is written with its premise; a mail's with its call."""
    return CLOCK_SLACK + (STARTED_LATER if row.channel == "email" else 0.0)


def i6_nothing_stale_is_sent(case: Case) -> Iterator[str]:
    """No call after `not_after`, nor for a row after a newer one about the same; what is superseded has a newer one."""
    for row in case.evidence.rows:
        for attempt in case.attempts[row.id]:
            if attempt.outcome != "not made" and attempt.started_at > row.not_after + latest_start(row):
                yield f"I6: {row.id} was tried {attempt.started_at - row.not_after:.2f} s too late"
        if row.state == "superseded" and not is_overtaken(case, row):
            yield f"I6: {row.id} is superseded, and nobody overtook it"
    for rows in case.of_subject.values():
        rows.sort(key=lambda row: (case.event(row).published_at, row.event))
        yield from (line for older, newer in pairwise(rows) for line in out_of_order(case, older, newer))


def is_overtaken(case: Case, row: Row) -> bool:
    """A newer row for the same person about the same; or its word was taken back."""
    if case.event(row).voided_at:
        return True
    newer = case.of_subject[row.subscription, case.event(row).subject]
    at = (case.event(row).published_at, row.event)
    return any((case.event(other).published_at, other.event) > at for other in newer)


def out_of_order(case: Case, older: Row, newer: Row) -> Iterator[str]:
    first = min((each.started_at for each in case.attempts[newer.id] if each.outcome != "not made"), default=None)
    for attempt in case.attempts[older.id]:
        if first is not None and attempt.outcome != "not made" and attempt.started_at > first + CLOCK_SLACK:
            yield f"I6: {older.id} was tried {attempt.started_at - first:.2f} s after the newer {newer.id}"


# --- Receipts and attempts -----------------------------------------------------------------------------------------


def i8_receipts_only_lead_forward(case: Case) -> Iterator[str]:
    """The state is a function of the set of receipts: the highest rank stands.

    But for a row that came to rest in doubt, before its first receipt: overtaken, too late, gone is final.
    """
    for delivery, statuses in case.evidence.receipts.items():
        row = case.rows.get(delivery)
        if row and row.ambiguous and row.state in {"superseded", "expired", "suppressed"}:
            continue
        rank = max(RANKS.get(status, 0) for status in statuses)
        wanted = {2: {"delivered"}, 1: {"undelivered"}, 0: {"accepted"}}[rank]
        if row and row.state not in wanted:
            yield f"I8: {delivery} is {row.state} with receipts {sorted(statuses)}"


def i9_tries_are_few_and_apart(case: Case) -> Iterator[str]:
    """Attempts within their limit; waits no shorter than the schedule's floor; no copy without an attempt."""
    for row in case.evidence.rows:
        tries = case.attempts[row.id]
        if row.attempts > MAX_ATTEMPTS:
            yield f"I9: {row.id} was tried {row.attempts} times"
        for one, other in pairwise(tries):
            waited = other.started_at - (one.ended_at or other.started_at)
            # Below zero: its worker slept past its lease, and heard "later" after another one's call.
            if one.outcome == "unavailable" and 0 <= waited < FLOOR_SECONDS - CLOCK_SLACK:
                yield f"I9: {row.id} was tried again after {waited:.2f} s"
        made = [each for each in tries if each.outcome != "not made"]
        if case.copies[row.id] > len(made):
            yield f"I9: {row.id} has {case.copies[row.id]} copies and {len(made)} attempts"


# --- Page, log, database --------------------------------------------------------------------------------------------


def i10_readers_see_it_at_once(case: Case) -> Iterator[str]:
    """Every word within two seconds of its answer on page, feed and JSON; no older page after a newer one."""
    for told in case.evidence.told:
        for path, lag in told.lags.items():
            if lag is None or lag > VISIBLE_SECONDS:
                yield f"I10: {told.publication.mark} on {path} after {'never' if lag is None else f'{lag:.1f} s'}"
    yield from (f"I10: a reader went back: {line}" for line in case.evidence.looks["backwards"][:5])
    yield from (f"I10: a reader got no page: {line}" for line in case.evidence.looks["errors"][:5])


def i11_published_whole(case: Case) -> Iterator[str]:
    """An update is stored iff it has an outbox row iff it has an audit entry; and staff's words stand once each."""
    # A window's later notices have their minutes behind the update's id, as "r9ejyszsau1e.60".
    recorded = {event.update.partition(".")[0] for event in case.evidence.events.values() if not event.single}
    yield from (f"I11: update {each} has no outbox row" for each in case.evidence.updates - recorded)
    yield from (f"I11: outbox row of {each}, which is no update" for each in recorded - case.evidence.updates)
    yield from (f"I11: update {each} has no audit entry" for each in case.evidence.updates - case.evidence.audited)
    yield from (
        f"I11: audit entry of {each}, which is no update" for each in case.evidence.audited - case.evidence.updates
    )
    expected = len(case.evidence.told) + 1  # and the one of yesterday
    if len(case.evidence.updates) != expected:
        yield f"I11: {len(case.evidence.updates)} updates, {expected} published"
    for told in case.evidence.told:
        if told.publication.mark not in case.evidence.shown:
            yield f"I11: {told.publication.mark} is on no page"


def i12_notice_is_no_claim_too_early(case: Case) -> Iterator[str]:
    """A window is noticed when the last who could be reached had it, and that is told from the sinks too."""
    for notice in case.evidence.notices:
        rows = [row for row in case.evidence.rows if case.event(row).subject == notice["subject"]]
        moments = [row.accepted_at for row in rows if row.state in TAKEN and row.accepted_at]
        moments += [each.published_at for each in case.evidence.events.values() if each.subject == notice["subject"]]
        if notice["completed_at"] and notice["completed_at"] > max(moments) + CLOCK_SLACK:
            yield f"I12: window {notice['subject']} is noticed after the last acceptance"
        unseen = [row for row in rows if row.state in TAKEN and not case.copies[row.id]]
        if notice["completed_at"] and unseen:
            yield f"I12: window {notice['subject']} counts {len(unseen)} who never got it"


def i13_no_log_names_anybody(case: Case) -> Iterator[str]:
    """No address, number or token in any log."""
    yield from (f"I13: {line}" for line in case.evidence.leaks[:5])


def i14_readers_ask_no_database(case: Case) -> Iterator[str]:
    """Two hundred looks, no transaction."""
    if case.evidence.queries:
        yield f"I14: {case.evidence.queries} transactions while only readers were there"


CHECKS: tuple[Check, ...] = (
    i1_everyone_has_one_row,
    i2_nothing_is_lost,
    i3_few_are_sent_twice,
    i4_copies_are_identical,
    i5_nothing_starts_after_leaving,
    i6_nothing_stale_is_sent,
    i7_nobody_else_is_sent_anything,
    i8_receipts_only_lead_forward,
    i9_tries_are_few_and_apart,
    i10_readers_see_it_at_once,
    i11_published_whole,
    i12_notice_is_no_claim_too_early,
    i13_no_log_names_anybody,
    i14_readers_ask_no_database,
)


def breaches(case: Case) -> list[str]:
    """Everything that is wrong, in the order of the invariants."""
    return [line for check in CHECKS for line in check(case)]
