"""The judge of the storms is judged: each invariant's check is silent on good evidence and finds its own breach."""

import uuid
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.chaos.case import Case
from tests.chaos.checks import CHECKS, breaches
from tests.chaos.evidence import Attempt, Event, Evidence, Row
from tests.chaos.faults import Tally
from tests.chaos.journals import Copy
from tests.chaos.people import Crowd, Kind, Person, people
from tests.chaos.plan import FAULTS, Publication, plan
from tests.chaos.staff import Told

READER, TEXTER, GONE, SILENT = (str(uuid.UUID(int=number)) for number in range(1, 5))
NOON = 1_000_000.0
MAIL, TEXT = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"


def person(subscription: str, channel: str, kind: Kind = Kind.CONFIRMED) -> Person:
    return Person(uuid.UUID(subscription), channel, f"{channel}-{subscription[-1]}@example.org", kind)


def row(id: str, subscription: str, channel: str, state: str, event: int = 1, **facts) -> Row:
    defaults = {"attempts": 1, "ambiguous": 0, "superseded_by": None, "not_after": NOON + 86_400}
    defaults |= {"accepted_at": NOON + 1, "final_at": NOON + 1}
    return Row(id, event, subscription, channel, state, **defaults | facts)


def event(id: int = 1, **facts) -> Event:
    defaults = {
        "kind": "incident_update",
        "subject_kind": "incident",
        "subject": "incidentaaaa",
        "update": f"update-{id}",
        "audience": "members",
        "single": None,
        "components": (),
        "published_at": NOON,
        "voided_at": None,
        "expires_at": NOON + 86_400,
        "is_fanned_out": True,
    }
    return Event(id, **defaults | facts)


def good() -> Evidence:
    """One word, told to one reader by mail and one by text; one had left before, one never confirmed."""
    told = Told(Publication(0, "incident", "open", "word-1", "API"), lags={"/": 0.1})
    everybody = [person(READER, "email"), person(TEXTER, "sms")]
    everybody += [person(GONE, "email", Kind.LEAVER), person(SILENT, "email", Kind.UNCONFIRMED)]
    return Evidence(
        people={str(each.subscription): each for each in everybody},
        rows=[row(MAIL, READER, "email", "accepted"), row(TEXT, TEXTER, "sms", "delivered")],
        attempts=[Attempt(each, 1, NOON + 0.5, NOON + 1, "accepted") for each in (MAIL, TEXT)],
        events={1: event()},
        receipts={TEXT: ["sent", "delivered"]},
        left_at={GONE: NOON - 60},
        quarantined=set(),
        updates={"update-1", "yesterday"},
        audited={"update-1", "yesterday"},
        shown="word-1",
        notices=[],
        components={},
        copies=[
            Copy(MAIL, "email", f"email-{READER[-1]}@example.org", NOON + 1, "x", "<a>"),
            Copy(TEXT, "sms", f"sms-{TEXTER[-1]}@example.org", NOON + 1, "y"),
        ],
        gone_at={GONE: NOON - 59},
        told=[told],
        looks={"looks": 1, "errors": [], "backwards": []},
        queries=0,
        tally=Tally(),
    )


def with_yesterday(found: Evidence) -> Evidence:
    """The event of the word that was published before everybody came."""
    found.events[2] = event(2, subject="yesterdayyyy", update="yesterday", published_at=NOON - 86_400, voided_at=NOON)
    found.events[2] = replace(found.events[2], is_fanned_out=False)
    return found


def no_row(found: Evidence) -> None:
    found.rows.pop()
    found.copies.pop()


def a_stranger(found: Evidence) -> None:
    found.copies.append(Copy(MAIL, "email", f"email-{SILENT[-1]}@example.org", NOON, "x", "<a>"))


def never_sent(found: Evidence) -> None:
    found.copies.pop(0)


def unresting(found: Evidence) -> None:
    found.rows[0] = row(MAIL, READER, "email", "sending")


def twice(found: Evidence) -> None:
    found.copies.append(found.copies[0])


def too_many(found: Evidence) -> None:
    found.rows[0] = row(MAIL, READER, "email", "accepted", ambiguous=9)
    found.copies += [found.copies[0]] * 9


def other_words(found: Evidence) -> None:
    found.copies.append(replace(found.copies[0], content="z"))


def told_after_leaving(found: Evidence) -> None:
    found.gone_at[TEXTER] = NOON


def told_too_late(found: Evidence) -> None:
    found.rows[1] = row(TEXT, TEXTER, "sms", "delivered", not_after=NOON)


def stale(found: Evidence) -> None:
    found.events[3] = event(3, published_at=NOON + 10)
    found.updates.add("update-3")
    found.rows.append(row("later", READER, "email", "accepted", event=3))
    found.attempts.append(Attempt("later", 1, NOON, NOON, "accepted"))


def receipt_undone(found: Evidence) -> None:
    found.rows[1] = row(TEXT, TEXTER, "sms", "accepted")


def hasty(found: Evidence) -> None:
    found.attempts[0] = replace(found.attempts[0], outcome="unavailable")
    found.attempts.append(Attempt(MAIL, 2, NOON + 1.1, NOON + 1.2, "accepted"))


def slow_page(found: Evidence) -> None:
    found.told[0].lags["/"] = 2.5


def page_gone(found: Evidence) -> None:
    found.looks["errors"].append("/: 503")


def page_older(found: Evidence) -> None:
    found.looks["backwards"].append("/: 3 after 4")


def no_audit(found: Evidence) -> None:
    found.audited.pop()


def no_outbox(found: Evidence) -> None:
    found.updates.add("another")
    found.audited.add("another")


def early_claim(found: Evidence) -> None:
    found.notices.append({"subject": "incidentaaaa", "revision": 1, "starts_at": NOON, "completed_at": NOON + 99})


def named(found: Evidence) -> None:
    found.leaks.append("worker-0.log: email-1@example.org")


def asked(found: Evidence) -> None:
    found.queries = 3


BREAKS: list[tuple[str, Callable[[Evidence], None]]] = [
    ("I1", no_row),
    ("I2", never_sent),
    ("I2", unresting),
    ("I3", twice),
    ("I3", too_many),
    ("I4", other_words),
    ("I5", told_after_leaving),
    ("I6", told_too_late),
    ("I6", stale),
    ("I7", a_stranger),
    ("I8", receipt_undone),
    ("I9", hasty),
    ("I10", slow_page),
    ("I10", page_gone),
    ("I10", page_older),
    ("I11", no_audit),
    ("I11", no_outbox),
    ("I12", early_claim),
    ("I13", named),
    ("I14", asked),
]


def test_good_evidence_has_no_breach():
    assert breaches(Case(with_yesterday(good()))) == []


@pytest.mark.parametrize(("invariant", "break_it"), BREAKS, ids=[each[1].__name__ for each in BREAKS])
def test_every_breach_is_found(invariant, break_it):
    found = with_yesterday(good())
    break_it(found)
    assert any(line.startswith(f"{invariant}: ") for line in breaches(Case(found)))


def test_every_invariant_has_a_check_and_every_check_a_breach():
    numbers = [check.__name__.split("_")[0].upper() for check in CHECKS]
    assert numbers == [f"I{number}" for number in range(1, 15)]
    assert {invariant for invariant, _ in BREAKS} == set(numbers)


def test_a_plan_follows_from_its_seed():
    def made(seed: int):
        return plan(seed, people(seed, Crowd()), seconds=60, publications=30)

    assert made(1) == made(1) != made(2)
    assert len(made(1).publications) == 30
    assert {each.name for each in made(1).faults} == set(FAULTS)
    assert len(made(1).departures) == Crowd().leavers
    acts = [each.act for each in made(1).publications if each.subject.startswith("window")]
    assert sorted(acts) == ["cancel", "move", "schedule", "schedule"]
