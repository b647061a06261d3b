"""How a real page kept its notice, where STATUSPAGE_HISTORY names its folder, against a count of seconds."""

import json
import os
from collections import defaultdict
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

FOLDER = os.environ.get("STATUSPAGE_HISTORY", "")

pytestmark = [pytest.mark.django_db, pytest.mark.skipif(not FOLDER, reason="STATUSPAGE_HISTORY names no folder")]

DAY, HALF_AN_HOUR = 24 * 3600 * 1000, 30 * 60 * 1000


def millisecond(text: str) -> int:
    """The source's times have three decimals."""
    at = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return int(at.timestamp()) * 1000 + at.microsecond // 1000


def source() -> list[dict]:
    documents = json.loads((Path(FOLDER) / "scheduled-maintenances.json").read_bytes())
    return documents["scheduled_maintenances"]


def simplest(entry: dict) -> tuple[int, list[int]]:
    """How long before its start a maintenance was announced, and the milliseconds of its work that nothing excludes.

    From the document alone: second by second, with what is left of one at each end.
    """
    start, end = millisecond(entry["scheduled_for"]), millisecond(entry["scheduled_until"])
    ahead = start - millisecond(entry["started_at"])
    begun = [each for each in entry["incident_updates"] if each["status"] == "in_progress"]
    begins = min((millisecond(each["display_at"]) for each in begun), default=start)
    is_free = ahead >= DAY or end - start <= HALF_AN_HOUR
    moments, moment = [], begins
    while moment < millisecond(entry["resolved_at"]):
        edges = (moment // 1000 * 1000 + 1000, start, end, millisecond(entry["resolved_at"]))
        following = min(each for each in edges if each > moment)
        if not (is_free and start <= moment < end):
            moments[-1:] = [following] if moments and moments[-1] == moment else [*moments[-1:], moment, following]
        moment = following
    return ahead, moments


def length(moments: list[int]) -> int:
    return sum(end - start for start, end in zip(moments[::2], moments[1::2], strict=True))


@pytest.fixture
def report(capsys) -> dict:
    """What the command prints of the imported history."""
    call_command("import_statuspage", FOLDER)
    capsys.readouterr()
    with pytest.raises(CommandError, match="8 of 21 maintenances lacked 24 hours' notice") as found:
        call_command("notice_report", format="json")
    assert found.value.returncode == 1
    return json.loads(capsys.readouterr().out)


def test_which_maintenances_had_notice_and_which_minutes_count(report):
    entries = {each["id"]: each for each in source()}
    assert report["maintenances"] and {row["id"] for row in report["maintenances"]} == entries.keys()
    for row in report["maintenances"]:
        ahead, moments = simplest(entries[row["id"]])
        assert row["lead_seconds"] == ahead // 1000
        assert row["had_24_hours"] == (ahead >= DAY)
        assert Fraction(row["counted_seconds"]) * 1000 == length(moments), row["name"]
        assert row["noticed_by"] == "publication" and not row["is_provisional"]


def test_no_two_of_them_exclude_each_others_minutes():
    """What the simplest count leaves out: short ones that add up, and windows on the same component at once."""
    spans = defaultdict(list)
    for each in source():
        start, end = millisecond(each["scheduled_for"]), millisecond(each["scheduled_until"])
        assert end - start > HALF_AN_HOUR
        for component in each["components"]:
            spans[component["id"]].append((start, end))
    for held in spans.values():
        held.sort()
        assert all(first[1] <= second[0] for first, second in zip(held, held[1:], strict=False))


def test_the_months_add_up(report):
    """Each second once, in the month it is in, though several maintenances count at it."""
    by_month = defaultdict(list)
    for each in source():
        _ahead, moments = simplest(each)
        for start, end in zip(moments[::2], moments[1::2], strict=True):
            by_month[f"{datetime.fromtimestamp(start / 1000, UTC):%Y-%m}"].append((start, end))
    for month in report["months"]:
        edges = sorted({edge for span in by_month[month["month"]] for edge in span})
        counted = sum(
            until - since
            for since, until in zip(edges, edges[1:], strict=False)
            if any(start <= since and until <= end for start, end in by_month[month["month"]])
        )
        assert Fraction(month["counted_seconds"]) * 1000 == counted, month
    assert sum(month["maintenances"] for month in report["months"]) == 21
    assert sum(month["had_notice"] for month in report["months"]) == 13
