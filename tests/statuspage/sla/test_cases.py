"""`sla_check` on worked cases: exact results, and a clear word where a case cannot be computed."""

import copy
import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

FILE = Path(__file__).parents[2] / "data" / "sla-cases.json"
CASES = {case["id"]: case for case in json.loads(FILE.read_text())["cases"]}


def check(tmp_path: Path, *cases: object, text: str | None = None) -> tuple[int, list[dict], str]:
    """Exit status, the results, and what stands on stderr."""
    file = tmp_path / "cases.json"
    file.write_text(text if text is not None else json.dumps({"cases": cases}))
    out, err = StringIO(), StringIO()
    try:
        call_command("sla_check", str(file), stdout=out, stderr=err)
        status = 0
    except CommandError as error:
        status = error.returncode
        err.write(str(error))
    return status, [json.loads(line) for line in out.getvalue().splitlines()], err.getvalue()


def changed(name: str, path: str, value: object) -> dict:
    """A case with one key changed, such as "interruptions.0.start"; a value of `...` takes the key away."""
    case = copy.deepcopy(CASES[name])
    *way, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    place = case
    for step in way:
        place = place[step]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return case


@pytest.mark.parametrize("name", CASES)
def test_the_worked_case_comes_out_exactly(tmp_path, name):
    case = CASES[name]
    status, (found,), err = check(tmp_path, case)
    assert (status, err) == (0, "")
    assert found == {"id": name} | case["expect"]


def test_results_come_in_the_order_of_the_cases_with_or_without_expectations(tmp_path):
    bare = [{key: value for key, value in case.items() if key != "expect"} for case in CASES.values()]
    status, found, _ = check(tmp_path, *bare)
    assert status == 0
    assert found == [{"id": name} | case["expect"] for name, case in CASES.items()]


def test_a_difference_is_named_and_everything_else_is_still_printed(tmp_path):
    status, found, err = check(tmp_path, changed("A2", "expect.met", False), CASES["A3"])
    assert (status, len(found)) == (1, 2)
    assert "case A2: met: expected false, is true" in err


def test_an_expectation_of_what_there_is_not_is_a_difference(tmp_path):
    assert check(tmp_path, changed("B1", "expect.credit_days", 0))[0] == 1


UNUSABLE = [
    ("A2", "interruptions.0.start", "2026-04-10T10:00:00", "interruptions[0].start"),
    ("A2", "interruptions.0.start", "soon", "interruptions[0].start"),
    ("A2", "interruptions.0.start", 5, "interruptions[0].start"),
    ("A2", "interruptions.0.end", "2026-04-10T09:59:59Z", "interruptions[0].end"),
    ("A2", "interruptions.0.end", None, "interruptions[0].end"),
    ("A2", "interruptions.0.end", ..., "interruptions[0].end"),
    ("A2", "interruptions.0.cause", "weather", "interruptions[0].cause"),
    ("A2", "interruptions.0.cause", "maintenance", "interruptions[0].cause"),
    ("A2", "interruptions.0.service", ..., "interruptions[0].service"),
    ("A2", "interruptions.0.colour", "red", "interruptions[0].colour"),
    ("A2", "interruptions", {}, "interruptions"),
    ("A2", "interruptions.0", "x", "interruptions[0]"),
    ("A2", "maintenance", ..., "maintenance"),
    ("A2", "colour", "red", "colour"),
    ("A2", "kind", "weather", "kind"),
    ("A2", "kind", ..., "kind"),
    ("A2", "contract", "gold", "contract"),
    ("A2", "redundancy", "single", "redundancy"),
    ("A2", "time_zone", "Mars/Base", "time_zone"),
    ("A2", "time_zone", "../../etc/passwd", "time_zone"),
    ("A2", "period", {"month": "2026-13"}, "period"),
    ("A2", "period", {"year": 2026}, "period"),
    ("A2", "period", {"month": "2026-04", "year": 2026}, "period"),
    ("A2", "period", {}, "period"),
    ("A2", "expect", 7, "expect"),
    ("A20", "maintenance.0.noticed_at", ..., "maintenance[0].noticed_at"),
    ("A20", "maintenance.0.end", None, "maintenance[0].end"),
    ("A20", "maintenance.0.cancelled", "no", "maintenance[0].cancelled"),
    ("A31", "maintenance.0.revisions", [], "maintenance[0].revisions"),
    ("A31", "maintenance.0.revisions.1.noticed_at", ..., "maintenance[0].revisions[1].noticed_at"),
    ("A31", "maintenance.0.start", "2026-04-15T02:00:00Z", "maintenance[0].start"),
    ("A34", "as_of", "2026-04-30T22:00:00Z", "interruptions[0].end"),
    ("B1", "redundancy", ..., "redundancy"),
    ("B1", "redundancy", "triple", "redundancy"),
    ("B1", "period", {"year": 99999}, "period"),
    ("B1", "period", {"year": "2026"}, "period"),
    ("A36", "credit_days", [3.5], "credit_days"),
    ("A36", "credit_days", 3, "credit_days"),
    ("A36", "credit_days", [-3], "credit_days"),
    ("A36", "month", "March", "month"),
    ("A36", "claimed_at", ..., "claimed_at"),
    ("B20", "reports.0.severity", "IV", "reports[0].severity"),
    ("B20", "reports.0.provider_caused", "yes", "reports[0].provider_caused"),
    ("B20", "reports.1.id", "r1", "reports"),
    ("B25", "reports.0.total_messages", ..., "reports[0].total_messages"),
    ("B25", "reports.0.affected_messages", 1001, "reports[0].affected_messages"),
    ("B44", "as_of", ..., "as_of"),
    ("B44", "as_of", "2026-03-10T10:30:00Z", "as_of"),
    ("B44", "severity", "1", "severity"),
    ("B44", "events.0.type", "prayer", "events[0].type"),
    ("B44", "events.0.type", "client_answered", "events"),
    ("B44", "events.0.at", "2026-03-10T09:00:00Z", "events[0].at"),
    ("B44", "report_completed_at", "2026-03-10T09:00:00Z", "report_completed_at"),
]


@pytest.mark.parametrize(("name", "path", "value", "key"), UNUSABLE)
def test_what_cannot_be_computed_is_named_and_nothing_is_printed(tmp_path, name, path, value, key):
    status, found, err = check(tmp_path, CASES["A3"], changed(name, path, value))
    assert (status, found) == (2, [])
    assert f"case {name}: {key}" in err
    assert len(err.strip().splitlines()) == 1


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"cases": 7}', '{"cases": [], "more": 1}', '{"cases": [{"kind": "clock"}]}']
)
def test_a_file_of_another_shape_is_refused(tmp_path, text):
    status, found, err = check(tmp_path, text=text)
    assert (status, found, len(err.splitlines())) == (2, [], 1)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(CommandError) as refused:
        call_command("sla_check", str(tmp_path / "none.json"))
    assert refused.value.returncode == 2


def test_one_id_for_two_cases_is_refused(tmp_path):
    assert check(tmp_path, CASES["A2"], CASES["A2"])[0] == 2
