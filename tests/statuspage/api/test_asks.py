"""What a PATCH asks for: pure, a table."""

from datetime import UTC, datetime, timedelta

import pytest

from statuspage.api.answers import Refused
from statuspage.api.asks import (
    Edit,
    Keep,
    Move,
    Now,
    Replan,
    Say,
    SetComponents,
    Step,
    of_incident,
    of_maintenance,
)

START = datetime(2027, 1, 1, tzinfo=UTC)
END = START + timedelta(hours=2)

INCIDENT = {
    "name": "Down",
    "status": "investigating",
    "impact_override": None,
    "components": {"a": "major_outage"},
    "known": {"a": "major_outage", "b": "operational"},
}
WINDOW = {
    "name": "Disks",
    "impact_override": None,
    "components": {"a": "operational"},
    "scheduled_for": START,
    "scheduled_until": END,
    "notices": {"auto_start": True, "reminders": [60]},
}


def word(status="investigating", body="", notify=True, components=None) -> Say:
    return Say(status=status, body=body, notify=notify, components=components)


@pytest.mark.parametrize(
    ("asked", "steps"),
    [
        ({}, []),
        ({"name": "Down", "status": "investigating", "components": {"a": "major_outage"}, "metadata": {}}, []),
        ({"status": "resolved"}, [word("resolved")]),
        ({"status": "resolved", "components": {}}, [word("resolved", components={})]),
        (
            {"status": "resolved", "components": {"a": "operational"}},
            [word("resolved", components={"a": "operational"})],
        ),
        ({"body": "More.", "deliver_notifications": False}, [word(body="More.", notify=False)]),
        ({"body": "More.", "component_ids": ["a", "b"]}, [word(body="More.", components={"b": "operational"})]),
        ({"components": {"a": "partial_outage"}}, [SetComponents(components={"a": "partial_outage"})]),
        ({"components": {"a": "", "b": ""}}, [SetComponents(components={"b": "operational"})]),
        (
            {"components": {"a": "operational"}, "deliver_notifications": True},
            [word(components={"a": "operational"})],
        ),
        ({"name": "Slow", "status": "identified"}, [Edit(name="Slow", impact=None), word("identified")]),
        ({"impact_override": "none"}, [Edit(name="Down", impact="none")]),
        ({"metadata": {"x": {}}}, [Keep(metadata={"x": {}})]),
    ],
)
def test_of_an_incident(asked, steps):
    assert of_incident(Now(**INCIDENT), asked) == steps


def step(status, body="", notify=True) -> Step:
    return Step(status=status, body=body, notify=notify)


@pytest.mark.parametrize(
    ("status", "asked", "steps"),
    [
        ("scheduled", {"scheduled_for": START, "status": "scheduled", "scheduled_remind_prior": True}, []),
        ("scheduled", {"status": "in_progress", "body": "Now."}, [step("in_progress", "Now.")]),
        ("scheduled", {"status": "completed"}, [step("in_progress", notify=False), step("completed")]),
        ("scheduled", {"body": "Soon."}, [step("scheduled", "Soon.")]),
        ("scheduled", {"status": "cancelled"}, [step("cancelled")]),
        ("scheduled", {"components": {"a": "under_maintenance"}}, []),
        (
            "scheduled",
            {"scheduled_until": END + timedelta(hours=1), "body": "Longer."},
            [Move(scheduled_for=START, scheduled_until=END + timedelta(hours=1), body="Longer.", notify=True)],
        ),
        (
            "scheduled",
            {"scheduled_until": END + timedelta(hours=1), "status": "in_progress", "body": "Now."},
            [
                Move(scheduled_for=START, scheduled_until=END + timedelta(hours=1), body="", notify=False),
                step("in_progress", "Now."),
            ],
        ),
        (
            "scheduled",
            {"scheduled_auto_in_progress": False, "scheduled_remind_prior": False},
            [Replan(notices={"auto_start": False, "reminders": []})],
        ),
        ("in_progress", {"status": "verifying"}, [step("verifying")]),
        (
            "in_progress",
            {"status": "completed", "components": {"a": "degraded_performance"}},
            [step("completed"), SetComponents(components={"a": "degraded_performance"})],
        ),
        ("completed", {"status": "completed"}, []),
        ("cancelled", {"status": "completed"}, []),
    ],
)
def test_of_a_maintenance(status, asked, steps):
    assert of_maintenance(Now(**WINDOW, status=status), asked) == steps


@pytest.mark.parametrize(
    ("decide", "facts", "asked"),
    [
        (of_incident, INCIDENT, {"status": "in_progress"}),
        (of_incident, INCIDENT, {"scheduled_for": START}),
        (of_maintenance, WINDOW | {"status": "scheduled"}, {"status": "resolved"}),
        (of_maintenance, WINDOW | {"status": "scheduled"}, {"component_ids": ["b"]}),
    ],
)
def test_what_cannot_be_is_refused(decide, facts, asked):
    with pytest.raises(Refused) as refused:
        decide(Now(**facts), asked)
    assert refused.value.status == 409
