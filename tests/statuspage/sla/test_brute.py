"""Hundreds of random cases, exactly as a count by brute force has them (`brute`, which shares no line with the code).

What a mutant of the code changes in them, `test_mutants` shows.
"""

import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command

from . import brute, drawn

WORKED = json.loads((Path(__file__).parents[2] / "data" / "sla-cases.json").read_text())["cases"]
A2 = next(each for each in WORKED if each["id"] == "A2")
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)


def checked(tmp_path: Path, cases: list[dict]) -> list[dict]:
    """What the command prints of cases."""
    file = tmp_path / "cases.json"
    file.write_text(json.dumps({"cases": cases}))
    out = StringIO()
    call_command("sla_check", str(file), stdout=out, stderr=StringIO())
    return [json.loads(line) for line in out.getvalue().splitlines()]


def compare(tmp_path: Path, cases: list[dict]) -> None:
    for case, found in zip(cases, checked(tmp_path, cases), strict=True):
        assert found == {"id": case["id"]} | brute.answer(case), json.dumps(case, indent=1)


@pytest.mark.parametrize("case", WORKED, ids=lambda case: case["id"])
def test_brute_force_agrees_with_the_worked_cases(case):
    assert brute.answer(case | {"id": "tenths"}) == case["expect"]


def test_random_months_and_years_in_seven_zones_are_as_counted_by_the_second(tmp_path):
    compare(tmp_path, drawn.availabilities(1))


def test_claims_at_the_bounds_of_their_days_are_judged_by_their_date(tmp_path):
    compare(tmp_path, drawn.claims(2))


def test_refunds_are_those_that_going_through_every_report_finds(tmp_path):
    compare(tmp_path, drawn.refunds(3))


def test_clocks_are_those_of_somebody_with_a_watch(tmp_path):
    compare(tmp_path, drawn.clocks(4))


# --- Months that are hard -----------------------------------------------------------------------

ODD_MONTHS = {
    "begins with a skipped midnight": ("America/Asuncion", "2023-10", 31 * 24 - 1),
    "begins with a skipped midnight of 24:00": ("Asia/Amman", "2016-04", 30 * 24 - 1),
    "ends with an hour that comes twice": ("Africa/Cairo", "2024-10", 31 * 24 + 1),
    "begins with a midnight that comes twice": ("America/Havana", "2026-11", 30 * 24 + 1),
    "half an hour of summer time ends": ("Australia/Lord_Howe", "2026-04", 30 * 24 + 0.5),
    "half an hour of summer time begins": ("Australia/Lord_Howe", "2026-10", 31 * 24 - 0.5),
    "a day is left out": ("Pacific/Apia", "2011-12", 30 * 24),
    "a leap second is none": ("UTC", "2016-12", 31 * 24),
    "a leap February": ("UTC", "2028-02", 29 * 24),
}


@pytest.mark.parametrize(("zone", "key", "hours"), ODD_MONTHS.values(), ids=ODD_MONTHS)
def test_a_month_is_as_long_as_its_clocks_ran(tmp_path, zone, key, hours):
    start, end = brute.bounds({"month": key}, ZoneInfo(zone))
    rows = [(start - 2 * HOUR, start + HOUR), (end - SECOND / 2, end + 200 * HOUR)]
    down = [{"service": "all", "start": str(first), "end": str(last), "cause": "own"} for first, last in rows]
    bare = A2 | {"id": "tenths", "period": {"month": key}, "time_zone": zone, "interruptions": down, "expect": {}}
    (found,) = checked(tmp_path, [bare])
    assert (found["total_seconds"], found["counted_seconds"]) == (f"{hours * 3600:.0f}", "3600.5")
    assert found == {"id": "tenths"} | brute.answer(bare)


# --- Properties of whole cases --------------------------------------------------------------------


def test_the_months_of_a_year_count_what_the_year_counts(tmp_path):
    for case in drawn.availabilities(5, months=0, years=1)[-len(drawn.ZONES) :]:
        year = case["period"]["year"]
        months = [case | {"id": f"{number}", "period": {"month": f"{year}-{number:02}"}} for number in range(1, 13)]
        whole, *parts = checked(tmp_path, [case, *months])
        for key in ("total_seconds", "counted_seconds"):
            assert float(whole[key]) == sum(float(part[key]) for part in parts)


def test_in_whose_zone_instants_are_written_makes_no_difference(tmp_path):
    cases = (
        drawn.availabilities(6, months=2, years=1) + drawn.claims(6, 20) + drawn.refunds(6, 10) + drawn.clocks(6, 10)
    )
    elsewhere = [moved(case, ZoneInfo("Asia/Kathmandu")) for case in cases]
    assert elsewhere != cases
    assert checked(tmp_path, cases) == checked(tmp_path, elsewhere)


def moved(value, zone: ZoneInfo):
    """The same instants, written as another zone's clocks show them."""
    if isinstance(value, dict):
        return {key: moved(each, zone) for key, each in value.items()}
    if isinstance(value, list):
        return [moved(each, zone) for each in value]
    if isinstance(value, str) and value.endswith("+00:00"):
        return datetime.fromisoformat(value).astimezone(zone).isoformat()
    return value


def test_an_interruption_of_a_microsecond_counts_to_the_microsecond(tmp_path):
    start = datetime(2026, 4, 10, tzinfo=UTC)
    row = {"service": "all", "start": str(start), "end": str(start + timedelta(microseconds=1)), "cause": "own"}
    (found,) = checked(tmp_path, [{**A2, "interruptions": [row], "expect": {}}])
    assert (found["counted_seconds"], found["availability"], found["met"]) == ("0.000001", "99.999999", True)
