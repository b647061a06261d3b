"""Worked cases counted by brute force: second by second (or finer), minute by minute, report by report.

Written from the contracts alone, without a line of `statuspage.sla`: what both say alike was understood twice. A set
of instants is an integer whose bits are the ticks of a case's clock; `answer` is the whole of it.
"""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
HALF_HOUR = timedelta(minutes=30)
QUARTER = timedelta(minutes=15)
"""No zone's clock of these years is off by less."""
MARGIN = 5 * DAY
"""Before and after a period, so that windows and chains beyond its bounds are seen."""
LEAST = {"enterprise": Fraction(9999, 10000), "single": Fraction(998, 1000), "redundant": Fraction(9999, 10000)}


def answer(case: dict) -> dict:
    """What `sla_check` must print of a case, without its id."""
    return KINDS[case["kind"]](case)


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


# --- Periods: every quarter of an hour is asked for its date ------------------------------------


def bounds(period: dict, zone: ZoneInfo) -> tuple[datetime, datetime]:
    key = period.get("month") or str(period["year"])
    year, number = int(key[:4]), int(key[5:] or 1)
    now = datetime(year, number, 1, tzinfo=UTC) - 2 * DAY
    while not now.astimezone(zone).isoformat().startswith(key):
        now += QUARTER
    start = now
    now += 27 * DAY if "month" in period else 363 * DAY
    while now.astimezone(zone).isoformat().startswith(key):
        now += QUARTER
    return start, now


# --- Availability -----------------------------------------------------------------------------


class Clock:
    """Instants as ticks from some days before a period on."""

    def __init__(self, start: datetime, tick: timedelta) -> None:
        self.origin = start - MARGIN
        self.tick = tick

    def at(self, when: datetime) -> int:
        ticks, rest = divmod(when - self.origin, self.tick)
        assert not rest, "an instant between two ticks"
        return max(0, ticks)

    def between(self, start: datetime, end: datetime) -> int:
        """The ticks of [start, end)."""
        first, last = self.at(start), self.at(end)
        return ((1 << max(0, last - first)) - 1) << first

    def runs(self, ticks: int) -> list[tuple[datetime, int]]:
        """The unbroken runs of a set: when each begins, and the set of its ticks."""
        found, offset = [], 0
        while ticks:
            skipped = (ticks & -ticks).bit_length() - 1
            ticks >>= skipped
            length = ((ticks + 1) & -(ticks + 1)).bit_length() - 1
            found.append((self.origin + (offset + skipped) * self.tick, ((1 << length) - 1) << (offset + skipped)))
            ticks >>= length
            offset += skipped + length
        return found


def revisions(row: dict) -> list[tuple[datetime, datetime, datetime]]:
    rows = row.get("revisions") or [row]
    return [tuple(instant(each[key]) for key in ("start", "end", "noticed_at")) for each in rows]


def noticed(row: dict, clock: Clock) -> int:
    """What of the last window had a day's notice, or was approved without."""
    known = revisions(row)
    last = clock.between(*known[-1][:2])
    if row.get("emergency_approved"):
        return last
    told = 0
    for start, end, at in known:
        for begins, ticks in clock.runs(clock.between(start, end) & ~told):
            if begins - DAY >= at:
                told |= ticks
    return last & told


def forgiven(rows: list[dict], clock: Clock) -> list[bool]:
    """Of each window without notice whether it is short enough alone, and with all it is chained to."""
    spans = [revisions(row)[-1][:2] for row in rows]
    short = [
        timedelta(0) < end - start <= HALF_HOUR and noticed(row, clock) != clock.between(start, end)
        for row, (start, end) in zip(rows, spans, strict=True)
    ]
    group = list(range(len(rows)))
    for _round in rows:
        for one, other in [(one, other) for one in group for other in group]:
            near = abs(spans[one][0] - spans[other][0]) < DAY and rows[one]["service"] == rows[other]["service"]
            if short[one] and short[other] and near:
                group[one] = group[other] = min(group[one], group[other])
    return [
        short[each]
        and sum(((spans[other][1] - spans[other][0]) for other in chained(each, group, short)), timedelta())
        <= HALF_HOUR
        for each in range(len(rows))
    ]


def chained(each: int, group: list[int], short: list[bool]) -> list[int]:
    return [other for other in range(len(group)) if short[other] and group[other] == group[each]]


def availability(case: dict) -> dict:
    start, end = bounds(case["period"], ZoneInfo(case["time_zone"]))
    clock = Clock(start, timedelta(milliseconds=100) if case["id"].startswith("tenths") else timedelta(seconds=1))
    down, free = lacking(case, clock), excluded(case, clock)
    counted = 0
    gateways = ("primary", "secondary") if case.get("redundancy") == "redundant" else ()
    for service in set(down) - set(gateways):
        counted |= down[service] & ~free.get(service, 0)
    if gateways:
        first, second = (free.get(each, 0) for each in gateways)
        dead_first, dead_second = (down.get(each, 0) for each in gateways)
        counted |= (dead_first | first) & (dead_second | second) & ~(first & second)
    counted &= clock.between(start, end)
    return figures(case, (end - start) // clock.tick, counted.bit_count(), clock.tick)


def lacking(case: dict, clock: Clock) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in case["interruptions"]:
        if case["contract"] == "platform" or row["cause"] == "own":
            end = instant(row["end"] or case["as_of"])
            found[row["service"]] = found.get(row["service"], 0) | clock.between(instant(row["start"]), end)
    return found


def excluded(case: dict, clock: Clock) -> dict[str, int]:
    rows = [row for row in case["maintenance"] if not row.get("cancelled")]
    found: dict[str, int] = {}
    for row, is_forgiven in zip(rows, forgiven(rows, clock), strict=True):
        ticks = clock.between(*revisions(row)[-1][:2]) if is_forgiven else noticed(row, clock)
        found[row["service"]] = found.get(row["service"], 0) | ticks
    return found


def figures(case: dict, total: int, counted: int, tick: timedelta) -> dict:
    share = Fraction(total - counted, total)
    enterprise = case["contract"] == "enterprise"
    met = share >= LEAST["enterprise" if enterprise else case["redundancy"]]
    found = {
        "total_seconds": plain(total * tick),
        "counted_seconds": plain(counted * tick),
        "availability": f"{int(share * 10**8) // 10**6}.{int(share * 10**8) % 10**6:06}",
        "met": met,
    }
    days = 0 if met else 3 if 100 * share >= 99 else 7 if 100 * share >= 95 else 15
    return found | ({"credit_days": days} if enterprise else {})


def plain(length: timedelta) -> str:
    whole, rest = divmod(length, timedelta(seconds=1))
    return f"{whole}.{rest.microseconds:06}".rstrip("0") if rest else str(whole)


# --- Claims -----------------------------------------------------------------------------------


def claim(case: dict) -> dict:
    """The date in the zone says all: it is after the month, and at most thirty days after the first such date."""
    zone = ZoneInfo(case["time_zone"])
    year, number = int(case["month"][:4]), int(case["month"][5:])
    following = date(year + number // 12, number % 12 + 1, 1)
    last_day = following + 30 * DAY
    accepted = following <= instant(case["claimed_at"]).astimezone(zone).date() <= last_day
    days = min(15, sum(case["credit_days"])) if accepted else 0
    return {"accepted": accepted, "days": days, "last_day": last_day.isoformat()}


# --- Refunds ----------------------------------------------------------------------------------


def refund(case: dict) -> dict:
    """Every failure in its turn, with every earlier one that still counts."""
    zone = ZoneInfo(case["time_zone"])
    rows = sorted(case["reports"], key=lambda row: (instant(row["reported_at"]), row["id"]))
    firsts = [
        row for number, row in enumerate(rows) if row["failure"] not in {each["failure"] for each in rows[:number]}
    ]
    granted: list[dict] = []
    used: set[str] = set()
    review = False
    for number, row in enumerate(firsts):
        needed = {"I": 4, "II": 6}.get(row["severity"], 0)
        month = instant(row["reported_at"]).astimezone(zone).isoformat()[:7]
        if not needed or not qualifies(row) or month in {each["month"] for each in granted}:
            continue
        alike = [
            each
            for each in firsts[: number + 1]
            if each["severity"] == row["severity"] and qualifies(each) and each["id"] not in used
        ]
        by_date = [each for each in alike if local(row, zone).toordinal() - local(each, zone).toordinal() <= 27]
        by_hours = [each for each in alike if instant(row["reported_at"]) - instant(each["reported_at"]) < 28 * DAY]
        if len(by_date) >= needed:
            used |= {each["id"] for each in by_date[:needed]}
            granted.append({"month": month, "rule": f"severity_{len(row['severity'])}"})
        elif len(by_hours) >= needed:
            review = True
    return {"refunds": granted, "review": review}


def local(row: dict, zone: ZoneInfo) -> date:
    return instant(row["reported_at"]).astimezone(zone).date()


def qualifies(row: dict) -> bool:
    if row["severity"] == "II":
        hit, sent = row.get("affected_messages", 0), row.get("total_messages", 0)
        return row["provider_caused"] and sent > 0 and 4 * hit >= sent
    return bool(row["provider_caused"])


# --- Clocks: a person with a watch, tick by tick --------------------------------------------------

LIMITS = {"I": (30, 240, 60), "II": (60, 480, 240), "III": (240, 1440, None)}
"""Minutes."""


def clock(case: dict) -> dict:
    """From the complete report on: by the minute where each event is on a whole one, else by the second."""
    begin = instant(case.get("report_completed_at") or case["reported_at"])
    tick = timedelta(seconds=1 if any(instant(row["at"]).second for row in case["events"]) else 60)
    log: dict[int, list[str]] = {}
    for row in case["events"]:
        log.setdefault((instant(row["at"]) - begin) // tick, []).append(row["type"])
    over = min((at for at, types in log.items() if "resolved" in types), default=None)
    last = over if over is not None else (instant(case["as_of"]) - begin) // tick
    respond, fix, progress = (minutes and timedelta(minutes=minutes) / tick for minutes in LIMITS[case["severity"]])
    answered = watched(log, last, {"response", "resolved"})
    repaired, spent = watched(log, last, {"workaround_accepted", "resolved"}), worked(log, last)
    return {
        "response": "missed" if (last if answered is None else answered) > respond else verdict(answered),
        "fix": "missed" if spent > fix else verdict(repaired),
        "progress_missed": gaps(log, last, progress),
    }


def verdict(at: int | None) -> str:
    return "open" if at is None else "met"


def watched(log: dict[int, list[str]], last: int, types: set[str]) -> int | None:
    """The first tick by `last` at which one of these came."""
    return min((at for at, came in log.items() if at <= last and types & set(came)), default=None)


def worked(log: dict[int, list[str]], last: int) -> int:
    """Ticks after the report in which nobody was waited for, until it was repaired."""
    waiting, spent = False, 0
    for at in range(min([*log, 0]), last):
        came = log.get(at, [])
        if {"workaround_accepted", "resolved"} & set(came):
            break
        for word in came:
            waiting = {"waiting_for_client": True, "client_answered": False}.get(word, waiting)
        spent += at >= 0 and not waiting
    return spent


def gaps(log: dict[int, list[str]], last: int, limit: float | None) -> int:
    if limit is None:
        return 0
    begins = max(0, min((at for at, came in log.items() if "response" in came), default=0))
    reports = sorted(at for at, came in log.items() for word in came if word == "progress_report")
    points = [begins, *(each for each in reports if begins <= each <= last), max(begins, last)]
    return sum(after - before > limit for before, after in pairwise(points))


KINDS = {"availability": availability, "credit_claim": claim, "refund": refund, "clock": clock}
