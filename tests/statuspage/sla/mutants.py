"""Ways to get a contract wrong by a word of the code: a file of `statuspage/sla`, what stands there, and what else."""

import importlib
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import statuspage.sla

SOURCE = Path(statuspage.sla.__file__).parent
NAME = "mutated_sla"


class Mutant(NamedTuple):
    file: str
    stands: str
    becomes: str


MUTANTS = {
    "a union ends with its last": Mutant("intervals", "max(merged[-1].end, end)", "end"),
    "seconds without their parts": Mutant(
        "intervals", "length // MICROSECOND, 1_000_000", "int(length.total_seconds())"
    ),
    "a month without the change of clocks": Mutant(
        "periods", "tzinfo=zone).astimezone(UTC)", "tzinfo=UTC) - datetime(2026, 1, 1, tzinfo=zone).utcoffset()"
    ),
    "a target is missed where it is met": Mutant("availability", "share >= self.target", "share > self.target"),
    "bands are missed where they are met": Mutant("contracts", "share >= band.at_least", "share > band.at_least"),
    "maintenance shortens the total": Mutant(
        "availability", "self.total_seconds - self.counted_seconds) / self.total_seconds",
        "self.total_seconds - self.counted_seconds) / (self.total_seconds + 1)",
    ),
    "a gateway's maintenance is no lack": Mutant(
        "availability", "union([*down.get(each, ()), *planned.get(each, ())])", "down.get(each, ())"
    ),
    "maintenance of one gateway excuses both": Mutant(
        "availability", "noticed = intersection(planned.get(PRIMARY, ()), planned.get(SECONDARY, ()))",
        "noticed = planned.get(PRIMARY, ())",
    ),
    "a third party counts": Mutant("contracts", "NEVER_COUNTED | {Cause.THIRD_PARTY, ", "NEVER_COUNTED | {"),
    "a third party excuses a gateway": Mutant(
        "contracts", "not_counted=NEVER_COUNTED,", "not_counted=NEVER_COUNTED | {Cause.THIRD_PARTY},"
    ),
    "a day of notice is too short": Mutant("notice", "revision.noticed_at >= NOTICE", "revision.noticed_at > NOTICE"),
    "thirty minutes need notice": Mutant("notice", "start <= NO_NOTICE_NEEDED", "start < NO_NOTICE_NEEDED"),
    "the first window stays": Mutant(
        "notice", "return intersection((window.last.interval,), noticed)", "return noticed"
    ),
    "an extension is judged by the window's start": Mutant(
        "notice", "difference((revision.interval,), noticed)", "(revision.interval,)"
    ),
    "cancelled work excludes": Mutant("notice", "if not each.cancelled]", "if each]"),
    "short windows are never chained": Mutant("notice", "last.start >= CHAIN", "last.start >= 0 * CHAIN"),
    "a chain reaches a day to the second": Mutant("notice", "last.start >= CHAIN", "last.start > CHAIN"),
    "a chain is only as long as a day": Mutant("notice", "- chain[-1].last.start >=", "- chain[0].last.start >="),
    "services share their chains": Mutant("notice", "key=lambda each: each.service)", "key=lambda each: True)"),
    "approval excuses nothing": Mutant("notice", "if not self.emergency_approved:", "if True:"),
    "a claim ends at midnight of its last day": Mutant(
        "credits", "last_day + timedelta(days=1), zone)\n    return", "last_day, zone)\n    return"
    ),
    "a claim before the month's end": Mutant("credits", "if each <= claimed_at", "if each"),
    "credits without a cap": Mutant("credits", "min(contract.most_days, sum(credit_days))", "sum(credit_days)"),
    "a refund after three": Mutant("refunds", "self.of.more_than + 1", "self.of.more_than"),
    "29 dates": Mutant("refunds", ".days < self.of.dates", ".days <= self.of.dates"),
    "28 days to the second are reviewed": Mutant("refunds", "reported_at < timedelta", "reported_at <= timedelta"),
    "dates are Greenwich's": Mutant("refunds", "day = last.reported_at.astimezone(zone)", "day = last.reported_at"),
    "a quarter is too little": Mutant("refunds", "report.share >= self.of.share", "report.share > self.of.share"),
    "one failure counts twice": Mutant("refunds", "        seen.add(report.failure)\n", ""),
    "reports serve two refunds": Mutant("refunds", "if each.id not in granted.reports]", "]"),
    "a month is refunded twice": Mutant("refunds", "*(each.month for each in granted)", "*()"),
    "thirty minutes are too late": Mutant("clocks", "- started_at > limit", "- started_at >= limit"),
    "any word is a response": Mutant("clocks", "in {Step.RESPONSE, Step.RESOLVED}", "not in {Step.PROGRESS_REPORT}"),
    "waiting counts": Mutant("clocks", "- paused(log, started_at, done)", ""),
    "a work-around is no fix": Mutant("clocks", "in {Step.RESOLVED, Step.WORKAROUND_ACCEPTED}", "in {Step.RESOLVED}"),
    "an hour is too long a gap": Mutant("clocks", "gap > targets.progress", "gap >= targets.progress"),
    "nobody waits for the last report": Mutant("clocks", ", max(begun, until)]", "]"),
    "the fix's clock has no limit": Mutant("clocks", "if spent > targets.fix", "if spent > 9 * targets.fix"),
}  # fmt: skip


@contextmanager
def mutated(mutant: Mutant, folder: Path) -> Iterator[ModuleType]:
    """`sla.cases` of a copy of the package with one change."""
    package = folder / NAME
    shutil.copytree(SOURCE, package, ignore=shutil.ignore_patterns("__pycache__"))
    file = package / f"{mutant.file}.py"
    before = file.read_text()
    assert mutant.stands in before, f"{mutant.stands!r} stands in {mutant.file}.py no more"
    file.write_text(before.replace(mutant.stands, mutant.becomes))
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    try:
        yield importlib.import_module(f"{NAME}.cases")
    finally:
        sys.path.remove(str(folder))
        for name in [each for each in sys.modules if each.split(".")[0] == NAME]:
            del sys.modules[name]
