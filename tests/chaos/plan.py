"""What happens in a storm and when, from its seed alone: publications, faults, departures. Pure."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.chaos.people import COMPONENTS, Kind, Person

FAULTS_ON_WORKERS = ("kill the pool", "kill the group", "kill the main process", "stop and continue")
FAULTS_ON_THE_DOORBELL = ("kill the doorbell", "erase the doorbell")
FAULTS_ON_THE_DATABASE = ("restart the database",)
FAULTS_ON_THE_SCHEDULER = ("a third scheduler", "kill a scheduler")
FAULTS_ON_THE_RELAY = ("421", "451", "550", "drop after DATA", "stall")
FAULTS_ON_TWILIO = ("429", "500 before", "500 after", "timeout after", "bad body")
FAULTS_ON_CALLBACKS = ("duplicate callbacks", "permute callbacks")
FAULTS = (
    *FAULTS_ON_WORKERS,
    *FAULTS_ON_THE_DOORBELL,
    *FAULTS_ON_THE_DATABASE,
    *FAULTS_ON_THE_SCHEDULER,
    *FAULTS_ON_THE_RELAY,
    *FAULTS_ON_TWILIO,
    *FAULTS_ON_CALLBACKS,
)
STRIKES = ("restart the database", "erase the doorbell", "kill the group")
"""What dies in the instant in which a publication was answered (I10)."""

SHORTEST_LULL, LONGEST_LULL = 0.5, 3.0
"""Seconds between two faults."""

LIVES = (
    ("investigating", "identified", "monitoring", "resolved"),
    ("investigating", "monitoring", "resolved"),
    ("identified", "resolved"),
)
WINDOWS = (("schedule", "move"), ("schedule", "cancel"))


@dataclass(frozen=True)
class Publication:
    """One word of staff's, `at` so many seconds after the beginning. `mark` stands in its text and nowhere else."""

    at: float
    subject: str
    act: str
    mark: str
    component: str
    severity: int | None = None
    strike: str | None = None


@dataclass(frozen=True)
class Fault:
    """One blow. `which` chooses among equals, `lasts` is how many seconds it stays."""

    at: float
    name: str
    which: int
    lasts: float


@dataclass(frozen=True)
class Departure:
    """One person goes: by one click, by STOP, or asks to be forgotten."""

    at: float
    person: Person
    way: str


@dataclass(frozen=True)
class Plan:
    """All of one storm."""

    seed: int
    seconds: float
    publications: tuple[Publication, ...]
    faults: tuple[Fault, ...]
    departures: tuple[Departure, ...]


def plan(
    seed: int, people: Sequence[Person], *, seconds: float, publications: int, without: Sequence[str] = ()
) -> Plan:
    """A storm of so many seconds. `without`: faults that this site cannot have."""
    chance = random.Random(f"plan {seed}")
    return Plan(
        seed,
        seconds,
        tuple(planned_publications(chance, seconds, publications, without)),
        tuple(planned_faults(chance, seconds, without)),
        tuple(planned_departures(chance, seconds, people)),
    )


def planned_publications(
    chance: random.Random, seconds: float, count: int, without: Sequence[str]
) -> Iterator[Publication]:
    """Lives of incidents and windows, shuffled into each other; each in its own order."""
    lives = planned_lives(chance, count)
    order = [subject for subject, acts in lives.items() for _ in acts]
    chance.shuffle(order)
    left = {subject: list(acts) for subject, acts in lives.items()}
    component = {subject: chance.choice(COMPONENTS) for subject in lives}
    severe = chance.choice([subject for subject in lives if subject.startswith("incident")])
    strikes = [each for each in STRIKES if each not in without]
    for number, subject in enumerate(order):
        yield Publication(
            at=seconds * number / len(order),
            subject=subject,
            act=left[subject].pop(0),
            mark=f"word-{number:03}-{chance.getrandbits(32):08x}",
            component=component[subject],
            severity=1 if subject == severe else None,
            strike=chance.choice(strikes) if number % 5 == 4 else None,
        )


def planned_lives(chance: random.Random, count: int) -> dict[str, tuple[str, ...]]:
    """Subject -> its acts; `count` acts in all, with one window moved and one called off."""
    lives: dict[str, tuple[str, ...]] = {f"window-{number}": acts for number, acts in enumerate(WINDOWS)}
    left = count - sum(map(len, WINDOWS))
    while left > 0:
        life = chance.choice(LIVES)[:left]
        lives[f"incident-{len(lives)}"] = life
        left -= len(life)
    return lives


def planned_faults(chance: random.Random, seconds: float, without: Sequence[str]) -> Iterator[Fault]:
    """Every kind once before any comes twice."""
    deck: list[str] = []
    at = chance.uniform(SHORTEST_LULL, LONGEST_LULL)
    while at < seconds:
        if not deck:
            deck = [name for name in FAULTS if name not in without]
            chance.shuffle(deck)
        yield Fault(at, deck.pop(), chance.getrandbits(16), chance.uniform(0.5, 3.0))
        at += chance.uniform(SHORTEST_LULL, LONGEST_LULL)


def planned_departures(chance: random.Random, seconds: float, people: Sequence[Person]) -> Iterator[Departure]:
    """Everybody who is to leave, some time after the first word; every third mail reader wants to be forgotten."""
    leavers = [each for each in people if each.kind == Kind.LEAVER]
    moments = sorted(chance.uniform(0.1 * seconds, 0.9 * seconds) for _ in leavers)
    for number, (at, each) in enumerate(zip(moments, leavers, strict=True)):
        way = "stop" if each.channel == "sms" else ("erase" if number % 3 == 0 else "one click")
        yield Departure(at, each, way)
