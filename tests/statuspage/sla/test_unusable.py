"""`sla_check` on what cannot be computed: every place of every kind of case, broken in every way, one line each."""

import copy
import json
import subprocess
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from . import drawn
from .test_cases import CASES, check

ROOT = Path(__file__).parents[3]
WRONG = {
    "nothing": None,
    "true": True,
    "a number": 7.5,
    "a negative number": -1,
    "not a number": float("nan"),
    "infinity": float("inf"),
    "an empty text": "",
    "another text": "soon\nor later",
    "a lone surrogate": "\ud800",
    "a long text": "x" * 100_000,
    "a list": [1],
    "an object": {"a": 1},
    "a naive time": "2026-04-10T10:00:00",
    "a date": "2026-04-10",
    "the year 0": "0000-04-10T10:00:00Z",
    "the year 10000": "10000-04-10T10:00:00Z",
    "before the first moment": "0001-01-01T00:00:00+14:00",
    "after the last moment": "9999-12-31T23:59:59-14:00",
    "a nanosecond": "2026-04-10T10:00:00.000000001Z",
    "a leap second": "2016-12-31T23:59:60Z",
}
OPTIONAL = {"title", "cancelled", "emergency_approved", "report_completed_at"}
BASES = {name: CASES[name] for name in ("A23", "A31", "A34", "B9", "A42", "B25", "B44")}


def places(value: object, way: tuple = ()) -> Iterator[tuple]:
    """The way to every key, but for ids and what is expected."""
    if isinstance(value, dict):
        for key, each in value.items():
            if way or key not in {"id", "expect"}:
                yield (*way, key)
                yield from places(each, (*way, key))
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from places(each, (*way, number))


def broken(name: str, way: tuple, value: object) -> dict:
    case = copy.deepcopy(BASES[name])
    place = case
    for step in way[:-1]:
        place = place[step]
    if value is ...:
        del place[way[-1]]
    else:
        place[way[-1]] = value
    return case


def written(way: tuple) -> str:
    """`("maintenance", 0, "start")` as errors write it."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in way)[1:]


def allowed(way: tuple, value: object) -> bool:
    """What a key may hold or need not: free words, a truth, an interruption that goes on, days of credit."""
    key = way[-1]
    return (
        (value is ... and key in OPTIONAL)
        or (key in {"service", "failure", "title", "id"} and isinstance(value, str) and (value != "" or key == "title"))
        or (key in {"cancelled", "emergency_approved", "provider_caused"} and value is True)
        or (key == "end" and value is None and way[0] == "interruptions")
        or (key == "credit_days" and value == [1])
    )


WAYS = [pytest.param(name, way, id=f"{name}-{written(way)}") for name, case in BASES.items() for way in places(case)]


@pytest.mark.parametrize(("name", "way"), WAYS)
def test_every_key_is_needed_and_read_strictly(tmp_path, name, way):
    for what, value in {"gone": ..., **WRONG}.items():
        status, found, err = check(tmp_path, CASES["A3"], broken(name, way, value))
        if allowed(way, value):
            continue
        assert (status, found) == (2, []), what
        assert len(err.splitlines()) == 1 and len(err) < 500, what
        assert f"case {name}: " in err and str(way[0]) in err, what


@pytest.mark.parametrize(
    ("name", "way"), [each for each in WAYS if each.values[1][-1] in {"start", "at", "reported_at"}]
)
def test_an_unknown_key_is_named_where_it_stands(tmp_path, name, way):
    status, found, err = check(tmp_path, broken(name, (*way[:-1], "colour"), "red"))
    assert (status, found) == (2, [])
    assert f"case {name}: {written((*way[:-1], 'colour'))}: unknown key" in err


@pytest.mark.parametrize("period", [
    {"month": "2026-13"}, {"month": "2026-00"}, {"month": "0000-01"}, {"month": "10000-01"}, {"month": "9999-12"},
    {"month": "2026-4"}, {"month": "٢٠٢٦-04"}, {"month": 202604}, {"year": 2026}, {"week": 7}, {}, [],
])  # fmt: skip
def test_what_is_no_month_is_named(tmp_path, period):
    status, found, err = check(tmp_path, CASES["A2"] | {"period": period})
    assert (status, found, len(err.splitlines())) == (2, [], 1)
    assert "case A2: period" in err


@pytest.mark.parametrize("year", [0, -1, 1, 9999, 10_000, 10**30, True, 2026.0, "2026"])
def test_what_is_no_year_is_named(tmp_path, year):
    status, found, err = check(tmp_path, CASES["B1"] | {"period": {"year": year}})
    assert (status, found, len(err.splitlines())) == (2, [], 1)
    assert "case B1: period.year" in err


@pytest.mark.parametrize("month", ["9997-12", "9998-01", "9999-11", "0001-01", "March"])
def test_a_claim_of_a_month_that_nobody_lives_to_see(tmp_path, month):
    assert check(tmp_path, CASES["A36"] | {"month": month})[0] == 2


TEXTS = {
    "nothing": b"",
    "no text": b"\xff\xfe\x00",
    "half an object": b'{"cases": [',
    "a list": b"[]",
    "no cases": b"{}",
    "cases of another kind": b'{"cases": {}}',
    "a case that is none": b'{"cases": [7]}',
    "a case without id": b'{"cases": [{"kind": "clock"}]}',
    "an id that is a number": b'{"cases": [{"id": 1, "kind": "clock"}]}',
    "the same key twice": b'{"cases": [], "cases": []}',
    "deep lists": b"[" * 100_000,
    "deep objects": b'{"cases": ' * 100_000,
    "a number of 5000 digits": b'{"cases": [{"id": "x", "kind": "clock", "as_of": ' + b"9" * 5000 + b"}]}",
    "two values": b"{}{}",
}


@pytest.mark.parametrize("data", TEXTS.values(), ids=TEXTS)
def test_a_file_of_another_shape_is_refused_in_one_line(tmp_path, data):
    file = tmp_path / "cases.json"
    file.write_bytes(data)
    out = StringIO()
    with pytest.raises(CommandError) as refused:
        call_command("sla_check", str(file), stdout=out)
    assert (refused.value.returncode, out.getvalue()) == (2, "")
    assert len(str(refused.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("inside", "key"), [("period", "month"), ("interruptions", "end"), ("maintenance", "cancelled"), ("expect", "met")]
)
def test_a_key_that_comes_twice_is_named(tmp_path, inside, key):
    case = copy.deepcopy(CASES["A20"])
    case["maintenance"][0]["cancelled"] = False
    place = case[inside][0] if isinstance(case[inside], list) else case[inside]
    place[f"{key}-again"] = place[key]
    text = json.dumps({"cases": [case]}).replace(f"{key}-again", key)
    status, found, err = check(tmp_path, text=text)
    assert (status, found) == (2, [])
    assert "case A20: " in err and inside in err and key in err and "twice" in err


def test_a_mark_of_byte_order_is_no_harm(tmp_path):
    status, found, _err = check(tmp_path, text="\ufeff" + json.dumps({"cases": [CASES["A2"]]}))
    assert (status, found[0]["counted_seconds"]) == (0, "259")


def test_an_expectation_is_compared_as_json_has_it(tmp_path):
    as_number = CASES["A2"] | {"expect": {"met": 1}}
    assert check(tmp_path, as_number)[0] == 1


def test_the_program_itself_says_one_line_and_ends_with_the_status(tmp_path):
    """Broken and different cases: the exit status, stdout and stderr of a real process."""
    bad, other = tmp_path / "bad.json", tmp_path / "other.json"
    bad.write_text(json.dumps({"cases": [CASES["A2"], CASES["A3"] | {"contract": "gold"}]}))
    other.write_text(json.dumps({"cases": [CASES["A2"] | {"expect": {"met": False}}]}))
    for file, status, lines in ((bad, 2, 0), (other, 1, 1)):
        ended = subprocess.run(
            [sys.executable, "manage.py", "sla_check", file], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert (ended.returncode, len(ended.stdout.splitlines())) == (status, lines), ended.stderr
        assert len(ended.stderr.splitlines()) == 1 + lines and "Traceback" not in ended.stderr


@pytest.mark.parametrize("name", ["none.json", "", "a\0b"])
def test_what_is_no_file_is_refused(tmp_path, name):
    with pytest.raises(CommandError) as refused:
        call_command("sla_check", f"{tmp_path}/{name}")
    assert refused.value.returncode == 2


def test_cases_that_can_be_computed_are(tmp_path):
    """So that none of the above is refused for another reason."""
    assert check(tmp_path, *BASES.values(), *drawn.clocks(9, 5))[0] == 0
