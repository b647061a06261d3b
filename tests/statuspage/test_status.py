"""The page's rule: the worst component decides."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from statuspage.status import impact_of, page_status, worst
from statuspage.vocabulary import ComponentStatus, Impact

OK, UNDER, DEGRADED, PARTIAL, MAJOR = (
    ComponentStatus.OPERATIONAL,
    ComponentStatus.UNDER_MAINTENANCE,
    ComponentStatus.DEGRADED_PERFORMANCE,
    ComponentStatus.PARTIAL_OUTAGE,
    ComponentStatus.MAJOR_OUTAGE,
)


@pytest.mark.parametrize(
    ("components", "indicator", "description"),
    [
        pytest.param([OK, OK], "none", "All Systems Operational", id="all well"),
        pytest.param([OK, UNDER], "maintenance", "Service Under Maintenance", id="maintenance"),
        pytest.param([UNDER, DEGRADED], "minor", "Partially Degraded Service", id="degraded wins"),
        pytest.param([DEGRADED, PARTIAL], "minor", "Minor Service Outage", id="partial wins"),
        pytest.param([PARTIAL, MAJOR], "major", "Partial System Outage", id="major wins"),
        pytest.param([MAJOR] * 9 + [OK] * 2, "major", "Partial System Outage", id="nine of eleven"),
        pytest.param([MAJOR, MAJOR], "critical", "Major System Outage", id="everything down"),
    ],
)
def test_the_worst_component_decides(components, indicator, description):
    status = page_status(components, [Impact.CRITICAL])
    assert (status.indicator, status.description) == (indicator, description)


@pytest.mark.parametrize(
    ("impacts", "indicator", "description"),
    [
        ([], "none", "All Systems Operational"),
        ([Impact.NONE], "none", "All Systems Operational"),
        ([Impact.MINOR], "minor", "Minor Service Outage"),
        ([Impact.MINOR, Impact.MAJOR], "major", "Partial System Outage"),
        ([Impact.CRITICAL, Impact.MINOR], "critical", "Major System Outage"),
    ],
)
def test_without_components_the_worst_open_incident_decides(impacts, indicator, description):
    status = page_status([], impacts)
    assert (status.indicator, status.description) == (indicator, description)


def test_degraded_outranks_maintenance():
    assert worst([UNDER, DEGRADED, OK]) == DEGRADED


def test_an_incidents_impact_follows_its_worst_component():
    assert impact_of([OK, DEGRADED]) == Impact.MINOR
    assert impact_of([DEGRADED, PARTIAL]) == Impact.MAJOR
    assert impact_of([MAJOR]) == Impact.CRITICAL
    assert impact_of([]) == Impact.NONE


def captured_pages() -> Iterator[dict]:
    folder = os.environ.get("STATUSPAGE_HISTORY")
    if folder:
        yield from json.loads(Path(folder, "page-status.json").read_text())


@pytest.mark.parametrize("captured", list(captured_pages()))
def test_the_rule_reproduces_what_a_real_page_showed(captured):
    components = [ComponentStatus(status) for status, count in captured["components"].items() for _ in range(count)]
    status = page_status(components)
    assert (status.indicator, status.description) == (
        captured["indicator"],
        captured["description"],
    )
