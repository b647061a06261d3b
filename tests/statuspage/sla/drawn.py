"""Random cases for `sla_check`, of all four kinds, dense with what is hard: boundaries, overlaps, changes of clocks."""

from datetime import UTC, datetime, timedelta
from random import Random

ZONES = (
    "UTC",
    "Europe/Amsterdam",
    "America/New_York",
    "Australia/Sydney",
    "Australia/Lord_Howe",  # half an hour of summer time
    "America/Asuncion",  # midnights that are skipped
    "Africa/Cairo",  # changed at midnight, on a month's last day too
)
CLOCKS_CHANGE = {"2023-10": "America/Asuncion", "2024-10": "Africa/Cairo", "2024-04": "Australia/Lord_Howe"}
HOUR, MINUTE, SECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)


def availabilities(seed: int, months: int = 30, years: int = 8) -> list[dict]:
    """So many random months, and years, in each zone; a few of them down to a tenth of a second."""
    chance = Random(seed)
    found = [a_month(chance, zone, f"month-{seed}-{zone}-{number}") for zone in ZONES for number in range(months)]
    found += [a_month(chance, zone, f"tenths-{seed}-{zone}", SECOND / 10) for zone in ZONES]
    found += [a_month(chance, zone, f"change-{seed}-{key}", key=key) for key, zone in CLOCKS_CHANGE.items()]
    found += [a_bound(seed, zone, *each) for zone in ZONES for each in BOUNDS]
    found += [a_year(chance, zone, f"year-{seed}-{zone}-{number}") for zone in ZONES for number in range(years)]
    return found


def a_month(chance: Random, zone: str, name: str, tick: timedelta = SECOND, key: str = "") -> dict:
    key = key or f"{chance.randint(2012, 2036)}-{chance.choice([*range(1, 13), 3, 4, 10, 11]):02}"
    start = datetime.fromisoformat(f"{key}-01T00:00:00Z")
    draw = Draw(chance, start, timedelta(days=30), tick, ("platform", "platform", "api"))
    return draw.case(name, {"month": key}, zone) | {"contract": "enterprise"}


BOUNDS = ((2592, 0), (2592, 1), (259_200, 0), (259_200, 1), (1_296_000, 0), (1_296_000, 1))
"""Tenths of a second that are 0.01, 1 and 5 % of thirty days, and one more."""


def a_bound(seed: int, zone: str, tenths: int, more: int) -> dict:
    """In June, when no zone's clocks change."""
    start = datetime(2026, 6, 3, tzinfo=UTC)
    end = start + (tenths + more) * SECOND / 10
    down = {"service": "platform", "start": text(start), "end": text(end), "cause": "own"}
    return {
        "id": f"tenths-{seed}-{zone}-{tenths}-{more}", "kind": "availability", "contract": "enterprise",
        "period": {"month": "2026-06"}, "time_zone": zone, "interruptions": [down], "maintenance": [],
    }  # fmt: skip


def a_year(chance: Random, zone: str, name: str) -> dict:
    number = chance.randint(2012, 2036)
    start = datetime(number, 1, 1, tzinfo=UTC)
    services = chance.choice([("primary", "secondary"), ("primary",), ("primary", "secondary", "sign")])
    draw = Draw(chance, start, timedelta(days=365), SECOND, services)
    redundancy = chance.choice(["single", "redundant", "redundant"])
    found = draw.case(name, {"year": number}, zone) | {"contract": "platform", "redundancy": redundancy}
    if redundancy == "redundant":
        found["interruptions"] += [row | {"service": "secondary"} for row in found["interruptions"][::2]]
    return found


class Draw:
    """What happens around a few moments of a period, its bounds among them."""

    def __init__(
        self, chance: Random, start: datetime, length: timedelta, tick: timedelta, services: tuple[str, ...]
    ) -> None:
        self.chance, self.tick, self.services = chance, tick, services
        inside = [start + chance.randint(0, length // HOUR) * HOUR for _ in range(2)]
        self.moments = [*inside, *inside, start, start + length]
        self.as_of = self.near(9 * HOUR)

    def near(self, reach: timedelta) -> datetime:
        """A moment, or so far from it."""
        return (
            self.chance.choice(self.moments)
            + self.chance.randint(-(reach // self.tick), reach // self.tick) * self.tick
        )

    def case(self, name: str, period: dict, zone: str) -> dict:
        rows = [self.interruption() for _ in range(self.chance.randint(0, 7))]
        windows = [self.window() for _ in range(self.chance.choice([0, 1, 2, 3, 5]))]
        rows += [self.around(each) for each in windows if self.chance.random() < 0.6]
        if self.chance.random() < 0.4:
            chain = self.chain()
            windows += chain
            rows.append({**chain[0], "end": chain[-1]["end"], "cause": "own"})
            del rows[-1]["noticed_at"]
        return {
            "id": name,
            "kind": "availability",
            "period": period,
            "time_zone": zone,
            "interruptions": rows,
            "maintenance": windows,
            "as_of": text(self.as_of),
        }

    def interruption(self) -> dict:
        start = self.near(2 * HOUR)
        length = self.chance.choice([0, 1, 59, 600, 2592, 2593, 14_400, 14_400, 90_000, 400_000]) * self.tick
        is_open = start <= self.as_of and self.chance.random() < 0.15
        cause = self.chance.choice(["own", "own", "own", "third_party", "beyond_control"])
        service = self.chance.choice(self.services)
        return {
            "service": service,
            "start": text(start),
            "end": None if is_open else text(start + length),
            "cause": cause,
        }

    def around(self, window: dict) -> dict:
        """Down for all of a window's revisions, and before and after them."""
        known = window.get("revisions", [window])
        start = min(datetime.fromisoformat(each["start"]) for each in known) - HOUR
        end = max(datetime.fromisoformat(each["end"]) for each in known) + HOUR
        return {"service": self.chance.choice(self.services), "start": text(start), "end": text(end), "cause": "own"}

    def revision(self, near: datetime | None = None) -> dict:
        shift = self.chance.choice([0, 0, 10, 30, 60, -30, 240]) * MINUTE
        start = near + shift if near else self.near(HOUR)
        length = self.chance.choice([29 * MINUTE, 30 * MINUTE, 30 * MINUTE + self.tick, 2 * HOUR, 5 * HOUR])
        ahead = self.chance.choice([24 * HOUR, 24 * HOUR - self.tick, 48 * HOUR, 25 * HOUR, 6 * HOUR, -HOUR])
        return {"start": text(start), "end": text(start + length), "noticed_at": text(start - ahead)}

    def extension(self, row: dict) -> dict:
        """To two hours later, told about a day before that begins."""
        end = datetime.fromisoformat(row["end"])
        ahead = self.chance.choice([24 * HOUR, 24 * HOUR - self.tick])
        return {"start": row["start"], "end": text(end + 2 * HOUR), "noticed_at": text(end - ahead)}

    def window(self) -> dict:
        found = {"service": self.chance.choice(self.services)}
        if self.chance.random() < 0.4:
            rows = [self.revision()]
            begun = datetime.fromisoformat(rows[0]["start"])
            rows += [self.revision(begun) for _ in range(self.chance.randint(0, 2))]
            rows += [self.extension(rows[-1])] if self.chance.random() < 0.5 else []
            found["revisions"] = rows
        else:
            found |= self.revision()
        for flag in ("cancelled", "emergency_approved"):
            if self.chance.random() < 0.25:
                found[flag] = self.chance.random() < 0.8
        return found

    def chain(self) -> list[dict]:
        """Short windows without notice, with steps of about a day, all of them interrupted."""
        at, rows = self.near(4 * HOUR), []
        minutes = self.chance.choice([7, 10, 11, 15, 16, 30])
        for _ in range(self.chance.randint(2, 4)):
            rows.append(self.bare(at, at + minutes * MINUTE))
            at += 24 * HOUR - self.chance.choice([timedelta(0), self.tick, 5 * HOUR, -self.tick, 20 * HOUR])
        return rows

    def bare(self, start: datetime, end: datetime) -> dict:
        service = self.chance.choice([*3 * self.services[:1], self.services[-1]])
        return {"service": service, "start": text(start), "end": text(end), "noticed_at": text(start)}


def text(at: datetime) -> str:
    return at.isoformat()


def claims(seed: int, number: int = 60) -> list[dict]:
    """Claims around the bounds of the days in which they are in time."""
    chance = Random(seed)
    found = []
    for count in range(number):
        month = datetime(chance.randint(2012, 2036), chance.randint(1, 12), 1, tzinfo=UTC)
        at = month + timedelta(days=chance.choice([28, 30, 31, 45, 58, 59, 60, 61, 62, 63]))
        at += chance.randint(-26, 26) * HOUR + chance.choice([-1, 0, 1]) * timedelta(microseconds=1)
        days = [chance.choice([0, 3, 7, 15]) for _ in range(chance.randint(1, 4))]
        found.append({
            "id": f"claim-{seed}-{count}", "kind": "credit_claim", "month": f"{month:%Y-%m}", "credit_days": days,
            "time_zone": chance.choice(ZONES), "claimed_at": text(at),
        })  # fmt: skip
    return found


def refunds(seed: int, number: int = 60) -> list[dict]:
    """Crowded weeks of reports, some of one failure, around the 28th and 29th date."""
    chance = Random(seed)
    return [a_refund(chance, f"refund-{seed}-{count}") for count in range(number)]


def a_refund(chance: Random, name: str) -> dict:
    start = datetime(2026, chance.randint(1, 12), chance.randint(1, 28), chance.choice([0, 9, 23]), tzinfo=UTC)
    is_steady = chance.random() < 0.3
    severities = chance.choice([("I",), ("II",), ("I", "II", "II", "III")])
    rows = []
    for each in range(chance.randint(3, 22)):
        day = 3 * each if is_steady else chance.choice([0, 1, 27, 28, 29, chance.randint(0, 70)])
        at = start + timedelta(days=day, minutes=chance.choice([0, 0, 1, -1, 600, 1380]))
        severity = chance.choice(severities)
        sent = chance.choice([0, 4, 1000])
        row = {
            "id": f"r{each}", "reported_at": text(at), "severity": severity,
            "failure": f"f{chance.randint(0, 2 * each + 3)}", "provider_caused": chance.random() < 0.9,
        }  # fmt: skip
        if severity == "II":
            hit = chance.choice([sent // 4, sent // 4, sent, max(0, sent // 4 - 1)])
            row |= {"affected_messages": hit, "total_messages": sent}
        rows.append(row)
    chance.shuffle(rows)
    return {"id": name, "kind": "refund", "time_zone": chance.choice(ZONES), "reports": rows}


def clocks(seed: int, number: int = 80) -> list[dict]:
    """Logs of failures on whole minutes, most of them around the limits."""
    chance = Random(seed)
    return [a_clock(chance, f"clock-{seed}-{count}") for count in range(number)]


def a_clock(chance: Random, name: str) -> dict:
    reported = datetime(2026, 3, 10, 10, tzinfo=UTC)
    complete = chance.choice([0, 0, 0, 15])
    severity = chance.choice(["I", "I", "II", "III"])
    near = {"I": (30, 60, 240), "II": (60, 240, 480), "III": (240, 1440)}[severity]

    def minute() -> int:
        return complete + chance.choice(near) + chance.choice([0, 0, 1, -1, chance.randint(-29, 90)])

    events = [(minute(), "response")] if chance.random() < 0.8 else []
    events += [(chance.randint(0, 300), "auto_acknowledgement")] if chance.random() < 0.3 else []
    events += [(minute() + 30 * each, "progress_report") for each in range(chance.randint(0, 7))]
    events += [(minute(), "workaround_accepted")] if chance.random() < 0.2 else []
    waits = sorted(chance.sample(range(400), 2 * chance.randint(0, 2)))
    words = ("waiting_for_client", "client_answered")
    events += [(at, words[number % 2]) for number, at in enumerate(waits[: len(waits) - chance.randint(0, 1)])]
    if chance.random() < 0.6:
        events.append((max(minute(), chance.randint(0, 500)), "resolved"))
    latest = max([at for at, _word in events] + [complete])
    rows = [{"at": text(reported + at * MINUTE), "type": word} for at, word in events]
    chance.shuffle(rows)
    return {
        "id": name, "kind": "clock", "severity": severity, "reported_at": text(reported), "events": rows,
        "report_completed_at": text(reported + complete * MINUTE),
        "as_of": text(reported + (latest + chance.choice([0, 1, 60, 61, 300])) * MINUTE),
    }  # fmt: skip
