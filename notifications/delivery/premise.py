"""Premise: just before a group is sent, is what was promised still true?

Owns the step from claimed to open, in one short transaction. An open row counts as "a call
may have been made" from then on, whatever becomes of this process.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now

from notifications import addresses
from notifications.clock import later
from notifications.models import Attempt, Delivery
from notifications.states import Channel, State

from . import breakers, claim, statements
from .claim import Claimed
from .look import Facts, Look

NO_LONGER_TEXTED = "country"
"""The code of a text that was suppressed for its country."""

ORDER_PAUSE = timedelta(seconds=1)
"""An older message to the same person is on its way: the newer one comes right behind it."""


CROWD = 5
"""So many of one group wait for the same mail domain: many more do."""


class Verdict(StrEnum):
    """What became of the promise since it was claimed."""

    GO = "go"
    LOST = "lost"  # somebody else has it
    EXPIRED = "expired"
    SUPPRESSED = "suppressed"
    SUPERSEDED = "superseded"
    WAITS = "waits"  # for an older message to the same person


@dataclass(frozen=True, slots=True)
class Ready:
    """An open delivery with all that its message needs. Its address goes no further than the call."""

    claimed: Claimed
    subscription_id: UUID
    address: str
    address_key: str
    address_version: int
    language: str
    time_zone: str
    not_after: datetime
    now: datetime
    wants_invitations: bool = False

    @property
    def id(self) -> UUID:
        return self.claimed.id


def open_group(
    group: Sequence[Claimed], lease: timedelta, troubles: dict[str, breakers.Trouble], look: Look | None = None
) -> list[Ready]:
    """Those of a group that are to be sent now, opened; the others go where they belong.

    `troubles`: what the caller knows of breakers. `look` is kept by a caller with many groups.
    """
    with transaction.atomic(savepoint=False):
        rows = (look or Look()).at([each.id for each in group])
        ready = []
        for each in group:
            facts = rows.get(each.id)
            verdict = judge(each, facts)
            if facts and verdict == Verdict.GO and is_left_out(each, facts):
                leave_out(each)
            elif facts and verdict == Verdict.GO:
                ready.append(ready_from(each, facts))
            elif facts:
                put_aside(each, verdict, facts)
        if troubles:
            ready = hold_back(ready, troubles)
        mark_open(ready, lease)
    return ready


def judge(claimed: Claimed, facts: Facts | None) -> Verdict:
    """In this order: ours, in time, wanted, still the newest word, next in order."""
    if facts is None or facts.fence != claimed.fence or facts.state != State.SENDING:
        return Verdict.LOST
    if facts.lease_expires_at <= facts.now:
        return Verdict.LOST
    if facts.not_after <= facts.now:
        return Verdict.EXPIRED
    if facts.is_suppressed:
        return Verdict.SUPPRESSED
    if facts.voided_at or facts.newer:
        return Verdict.SUPERSEDED
    return Verdict.WAITS if facts.is_behind else Verdict.GO


def is_left_out(claimed: Claimed, facts: Facts) -> bool:
    """Whether it is a text to a country that is no longer in SMS_COUNTRIES."""
    return claimed.channel == Channel.SMS and not addresses.is_number_offered(facts.address)


def leave_out(claimed: Claimed) -> None:
    """The subscription stays as it is: the country may come back."""
    row = Delivery.objects.filter(pk=claimed.id)
    row.update(state=State.SUPPRESSED, last_code=NO_LONGER_TEXTED, lease_expires_at=None, final_at=Now())


def ready_from(claimed: Claimed, facts: Facts) -> Ready:
    return Ready(
        claimed,
        facts.subscription_id,
        facts.address,
        facts.address_key,
        facts.address_version,
        facts.language,
        facts.time_zone,
        facts.not_after,
        facts.now,
        facts.wants_invitations,
    )


def put_aside(claimed: Claimed, verdict: Verdict, facts: Facts) -> None:
    """Write down what is not to be sent, or not now. What is lost is not ours to write."""
    row = Delivery.objects.filter(pk=claimed.id)
    match verdict:
        case Verdict.EXPIRED | Verdict.SUPPRESSED:
            row.update(state=State(verdict), lease_expires_at=None, final_at=Now())
        case Verdict.SUPERSEDED:
            by = facts.newer or facts.voided_by
            row.update(state=State.SUPERSEDED, superseded_by=by, lease_expires_at=None, final_at=Now())
        case Verdict.WAITS:
            row.update(state=State.QUEUED, lease_expires_at=None, next_attempt_at=later(ORDER_PAUSE))


def hold_back(ready: Sequence[Ready], troubles: dict[str, breakers.Trouble]) -> list[Ready]:
    """Queue what a breaker keeps from its place until that is tried again; the others.

    Place by place in the order of their names, in which every worker takes breakers' rows: two of them with people at
    the same two places must not wait for each other.
    """
    waits: dict[UUID, datetime] = {}
    places = members(ready)
    for scope in sorted(places.keys() & troubles.keys()):
        for each in places[scope]:
            until = None if each.id in waits else held_until(scope, each.now, troubles)
            if until is not None:
                waits[each.id] = until
    for until in sorted(set(waits.values())):
        claim.put_off([id for id, at in waits.items() if at == until], until)
    put_off_crowds(places, waits)
    return [each for each in ready if each.id not in waits]


def members(ready: Sequence[Ready]) -> dict[str, list[Ready]]:
    """Those of a group that belong to a channel and to each place in it."""
    found: dict[str, list[Ready]] = {}
    for each in ready:
        channel = each.claimed.channel
        for scope in (channel, breakers.place_of(channel, each.address)):
            found.setdefault(scope, []).append(each)
    return found


def put_off_crowds(places: dict[str, list[Ready]], waits: dict[UUID, datetime]) -> None:
    """Where half a group waits for one mail domain, more stand behind it: those wait too, without being claimed."""
    for scope, theirs in sorted(places.items()):
        channel, _colon, domain = scope.partition(":")
        held = [waits[each.id] for each in theirs if each.id in waits]
        if channel == Channel.EMAIL and domain and len(held) >= CROWD:
            claim.put_off_domain(domain, max(held))


def held_until(scope: str, now: datetime, troubles: dict[str, breakers.Trouble]) -> datetime | None:
    """Until when the next one there waits; None: it goes. One of those that a receipt held back goes to see whether
    all is well."""
    trouble = troubles.get(scope)
    if trouble is None:
        return None
    if trouble.retry_at > now:
        return trouble.retry_at
    if trouble.receipt_at and now - trouble.receipt_at > breakers.STALE_AFTER:
        breakers.heal(scope)
        del troubles[scope]
    elif trouble.receipt_at:
        taken = breakers.probe(scope, trouble, now)
        if taken is None:
            return now + ORDER_PAUSE
        troubles[scope] = taken
    return None


OPEN = """
    UPDATE notifications_delivery SET opened_at = %s, lease_expires_at = %s WHERE id IN {rows}
"""
ATTEMPT = """
    INSERT INTO notifications_attempt (delivery_id, number, started_at, outcome, code) VALUES {rows}
"""


def mark_open(ready: Sequence[Ready], lease: timedelta) -> None:
    """From here on a call may have been made. A text's attempt is written before its call."""
    if not ready:
        return
    now, until = statements.moments([ready[0].now, ready[0].now + lease])
    ids = statements.adapted(each.id for each in ready)
    statements.execute(OPEN.format(rows=statements.lists(1, len(ids))), [now, until, *ids])
    texts = [
        (id, each.claimed.fence, now, "", "")
        for id, each in zip(ids, ready, strict=True)
        if each.claimed.channel == Channel.SMS
    ]
    if texts:
        statements.write(ATTEMPT, texts)


def close_again(unsent: Sequence[Ready], until: datetime | None) -> None:
    """Give back what was opened and not called: no try is spent. `until`: not before then."""
    for each in unsent:
        mine = Delivery.objects.filter(pk=each.id, fence=each.claimed.fence, state=State.SENDING)
        facts = {"next_attempt_at": until} if until else {}
        mine.update(state=State.QUEUED, lease_expires_at=None, opened_at=None, **facts)
        Attempt.objects.filter(delivery=each.id, number=each.claimed.fence, outcome="").update(outcome="not made")
