"""What is made of a provider's JSON, and what is kept of it: never anything but facts or a plain refusal."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statuspage.mirroring.evidence import added
from statuspage.mirroring.reading import BODY_MAX, Nonsense, Said, Trouble, read

NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
SUMMARY = {
    "page": {"id": "p", "name": "Cloud", "url": "https://status.cloud.example"},
    "status": {"indicator": "minor", "description": "Minor Service Outage"},
    "components": [
        {"id": "g", "name": "Europe", "status": "operational", "group": True},
        {"id": "s", "name": "SMS", "status": "partial_outage", "group": False, "group_id": "g"},
        {"id": 7, "name": "Voice", "status": "", "group_id": None},
    ],
    "incidents": [
        {
            "id": "i",
            "name": "Slow",
            "impact": "minor",
            "shortlink": "https://stspg.example/i",
            "components": [{"id": "s"}],
            "incident_updates": [
                {"id": "2", "status": "identified", "body": "x" * 9_000, "created_at": "2026-11-02T12:05:00Z"},
                {"id": "1", "status": "investigating", "body": "Slow.", "created_at": "2026-11-02T12:00:00Z"},
            ],
        }
    ],
}


def test_a_summary_is_read_with_groups_numbers_for_ids_and_updates_oldest_first():
    page = read(json.dumps(SUMMARY).encode())
    assert [(each.id, each.name, str(each.status)) for each in page.parts] == [
        ("s", "Europe - SMS", "partial_outage"),
        ("7", "Voice", "operational"),
    ]
    assert (page.status_of(""), page.status_of("s"), page.status_of("x")) == (
        "degraded_performance", "partial_outage", None,
    )  # fmt: skip
    (incident,) = page.incidents_of("s")
    assert [each.id for each in incident.updates] == ["1", "2"]
    assert len(incident.updates[1].body) == BODY_MAX
    assert (page.incidents_of("7"), page.incidents_of("")) == ((), (incident,))


def test_what_other_programs_leave_out_may_be_missing():
    bare = {"page": {"name": "Cloud"}, "status": {"indicator": "none"}, "components": []}
    page = read(json.dumps(bare).encode())
    assert (page.parts, page.incidents, page.status) == ((), (), "operational")


ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["operational", "i"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def places(value, path=()):
    """Every place in a JSON value."""
    yield path
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inside:
        yield from places(each, (*path, key))


@given(st.sampled_from(list(places(SUMMARY))), ANYTHING)
def test_whatever_stands_anywhere_is_read_or_refused(path, value):
    said = json.loads(json.dumps(SUMMARY))
    if path:
        inner = said
        for key in path[:-1]:
            inner = inner[key]
        inner[path[-1]] = value
    else:
        said = value
    try:
        read(json.dumps(said).encode("utf-8", "surrogatepass"))
    except Nonsense as refused:
        assert str(refused) and "\n" not in str(refused)


@given(st.binary(max_size=60))
def test_no_bytes_do_any_harm(body):
    with pytest.raises(Nonsense):
        read(body)


updates = st.builds(Said, st.sampled_from("abc"), st.sampled_from(["x", "y"]), st.text(max_size=2), st.none())
incidents = st.builds(
    Trouble,
    st.sampled_from("ij"),
    st.text(max_size=3),
    st.just("minor"),
    st.just(""),
    st.just(()),
    st.lists(updates, max_size=3).map(tuple),
)


@given(st.lists(st.lists(incidents, max_size=3), max_size=5))
def test_evidence_is_only_added_to_and_the_same_again_adds_nothing(polls):
    kept, texts = None, []
    for minute, seen in enumerate(polls):
        at = NOON + timedelta(minutes=minute)
        before, kept = kept, added(kept, seen, page="https://status.cloud.example", at=at)
        assert added(kept, seen, page="https://status.cloud.example", at=at + timedelta(seconds=9)) == kept or repeats(
            seen
        )
        now = [(row["id"], update) for row in (kept or {"incidents": []})["incidents"] for update in row["updates"]]
        assert all(each in now for each in texts), "what was seen once stays"
        assert before is None or kept is not None
        texts = now
    said = {
        (each.id, update.id, update.status, update.body) for seen in polls for each in seen for update in each.updates
    }
    assert {(pk, each["id"], each["status"], each["body"]) for pk, each in texts} == said


def repeats(seen: list[Trouble]) -> bool:
    """One incident twice in one answer, under two names: the last one is its name, both times."""
    return len({each.id for each in seen}) < len(seen)
