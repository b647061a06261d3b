"""What a source may say, and what is said of one that cannot be used."""

import copy
import json
from datetime import UTC, date, datetime

import pytest

from statuspage.importing import parse, source
from statuspage.importing.fields import Unusable
from statuspage.vocabulary import ComponentStatus, Impact
from tests.histories import component, documents, everyday, incident, maintenance, pk, said

INCIDENTS = "incidents.json"


def test_everything_is_read() -> None:
    history = parse.history(everyday())
    assert [each.name for each in history.groups] == ["Core"]
    assert [(each.id, each.group_id) for each in history.components] == [(pk("api"), pk("core")), (pk("web"), None)]
    assert history.components[0].start_date == date(2025, 2, 1)
    (slow,) = history.incidents
    assert [each.status for each in slow.updates] == ["investigating", "identified", "monitoring", "resolved"]
    assert slow.last_words() == {pk("api"): "operational", pk("web"): "operational"}
    assert slow.impact == Impact.CRITICAL
    assert history.maintenances[0].scheduled_until == datetime(2026, 3, 1, 22, tzinfo=UTC)


def test_times_with_an_offset_are_read_as_utc_and_keep_their_milliseconds() -> None:
    found = everyday()
    found[INCIDENTS]["incidents"][0]["created_at"] = "2022-02-15T13:37:37.407-08:00"
    (slow,) = parse.history(found).incidents
    assert slow.created_at == datetime(2022, 2, 15, 21, 37, 37, 407_000, tzinfo=UTC)


def test_what_older_captures_leave_out_has_a_default() -> None:
    found = everyday()
    for name in ("group", "showcase", "position", "only_show_if_degraded", "start_date", "description"):
        found["components.json"]["components"][1].pop(name)
    slow = found[INCIDENTS]["incidents"][0]
    for name in ("started_at", "shortlink", "monitoring_at", "components", "page_id"):
        slow.pop(name)
    for name in ("deliver_notifications", "affected_components", "display_at", "incident_id"):
        slow["incident_updates"][0].pop(name)
    found[INCIDENTS].pop("page")
    history = parse.history(found)
    assert history.components[0].position == 2 and history.components[0].showcase
    assert history.incidents[0].started_at == history.incidents[0].created_at
    assert history.incidents[0].updates[-1].affected is None
    assert history.incidents[0].updates[-1].deliver_notifications


def test_null_and_an_empty_list_of_components_are_kept_apart() -> None:
    first = said("10:00", "investigating") | {"affected_components": []}
    history = parse.history(documents(incidents=[incident("a", first, said("10:10", "resolved"))]))
    assert [each.affected for each in history.incidents[0].updates] == [(), None]


def test_text_is_cleaned_of_what_could_forge_or_deceive() -> None:
    body = "Pay \u202eyp\u202c here\x00\r\nNow \ud800"
    named = incident("a", said("10:00", "investigating", body=body), name="Line\r\nSubject: x \u200b")
    history = parse.history(documents(incidents=[named]))
    assert history.incidents[0].name == "Line Subject: x"
    assert history.incidents[0].updates[0].body == "Pay yp here\nNow"


def test_a_resolved_incident_without_a_time_was_resolved_by_the_update_that_said_so() -> None:
    words = [said("10:00", "resolved"), said("10:30", "investigating"), said("11:00", "resolved")]
    (found,) = parse.history(documents(incidents=[incident("a", *words, resolved_at=None)])).incidents
    assert found.resolved_at == datetime(2026, 3, 1, 11, tzinfo=UTC)


def test_a_source_tells_up_to_its_latest_change() -> None:
    found = everyday()
    found["components.json"]["page"]["updated_at"] = "2026-02-01T00:00:00Z"
    assert parse.history(found).as_of == datetime(2026, 3, 1, 22, 5, tzinfo=UTC)


def test_a_title_and_a_text_may_be_as_long_as_they_may_be() -> None:
    longest = incident("a", said("10:00", "investigating", body="x" * 25_000), name="x" * 255)
    assert len(parse.history(documents(incidents=[longest])).incidents[0].name) == 255


def test_an_old_maintenance_may_have_an_incidents_impact() -> None:
    found = documents(maintenances=[maintenance("m", said("09:00", "scheduled"), impact="major")])
    assert parse.history(found).maintenances[0].impact == Impact.MAJOR


def test_an_empty_component_status_is_operational() -> None:
    (found,) = parse.history(documents(components=[component("api", status="")])).components
    assert found.status == ComponentStatus.OPERATIONAL


def test_updates_written_in_one_instant_keep_the_order_of_the_document() -> None:
    named = incident("a", said("10:00", "investigating"), said("10:00", "resolved"))
    (found,) = parse.history(documents(incidents=[named])).incidents
    assert [each.status for each in found.updates] == ["investigating", "resolved"]


def test_the_other_lists_add_what_the_first_left_out() -> None:
    found = everyday()
    old = incident("old", said("01:00", "investigating"))
    slow = copy.deepcopy(found[INCIDENTS]["incidents"][0]) | {"name": "Said twice"}
    found["incidents/unresolved.json"] = {"page": found[INCIDENTS]["page"], "incidents": [slow, old]}
    assert [each.name for each in parse.history(found).incidents] == ["Incident slow", "Incident old"]


SLOW = f"incidents.json: incident {pk('slow')}"
UPDATE = f"{SLOW}: update {pk('slowu3')}"
UPGRADE = f"scheduled-maintenances.json: maintenance {pk('upgrade')}"
API = f"components.json: component {pk('api')}"

BAD = [
    ("incident", "created_at", "2026-03-01T10:00:00", f"{SLOW}: created_at: '2026-03-01T10:00:00' has neither Z"),
    ("incident", "created_at", "2026-02-30T10:00:00.000Z", f"{SLOW}: created_at: '2026-02-30T10:00:00.000Z' does not"),
    ("incident", "created_at", "0001-01-01T00:00:00+14:00", "does not exist"),
    ("incident", "created_at", "0001-01-01T00:00:00Z", "is before 1970"),
    ("incident", "created_at", "yesterday", "'yesterday' is not a time such as"),
    ("incident", "created_at", 1772359200, "1772359200 is not a time such as"),
    ("incident", "created_at", None, "None is not a time"),
    ("incident", "created_at", ..., f"{SLOW}: created_at: is missing"),
    ("incident", "name", ..., f"{SLOW}: name: is missing"),
    ("incident", "name", "\u200b \n", f"{SLOW}: name: is empty"),
    ("incident", "name", 7, "name: 7 is not text"),
    ("incident", "name", "x" * 256, "name: 256 characters; 255 fit"),
    ("incident", "status", "scheduled", f"{SLOW}: status: 'scheduled' is none of investigating"),
    ("incident", "status", ["resolved"], "status: ['resolved'] is none of"),
    ("incident", "impact", "bad", "impact: 'bad' is none of none, minor"),
    ("incident", "id", "Slow", "incidents.json: incidents 1: id: 'Slow' is not 12 lower-case letters and digits"),
    ("incident", "id", "../../../etc", "is not 12 lower-case letters and digits"),
    ("incident", "shortlink", "javascript:alert(1)", "shortlink: 'javascript:alert(1)' is not an http"),
    ("incident", "shortlink", "https://example.com/" + "x" * 200, "is not an http"),
    ("incident", "resolved_at", "2026-03-01T09:00:00Z", f"{SLOW}: resolved_at: 2026-03-01T09:00:00+00:00 is before"),
    ("incident", "incident_updates", None, "incident_updates: None is not a list"),
    ("incident", "incident_updates", ["x"], f"{SLOW}: incident_updates 1: 'x' is not an object"),
    ("incident", "incident_updates", [], "resolved_at: is missing, though the status is resolved"),
    ("incident", "components", [{"id": 3}], "components 1: id: 3 is not 12"),
    ("update", "body", "x" * 25_001, f"{UPDATE}: body: 25001 characters; 25000 fit"),
    ("update", "status", "completed", f"{UPDATE}: status: 'completed' is none of"),
    ("update", "updated_at", "2026-03-01T08:00:00Z", f"{UPDATE}: updated_at: 2026-03-01T08:00:00Z is before"),
    ("update", "incident_id", pk("other"), f"{UPDATE}: incident_id: 'other0000000' is not the one"),
    ("update", "deliver_notifications", "no", "deliver_notifications: 'no' is not true or false"),
    ("update", "affected_components", [{"code": pk("api"), "name": "Api"}], "1: old_status: is missing"),
    ("update", "affected_components", {}, "affected_components: {} is not a list"),
    ("maintenance", "scheduled_until", "2026-03-01T20:00:00.000Z", f"{UPGRADE}: scheduled_until: 2026-03-01T20:00"),
    ("maintenance", "scheduled_for", ..., f"{UPGRADE}: scheduled_for: is missing"),
    ("component", "status", "broken", f"{API}: status: 'broken' is none of operational"),
    ("component", "group_id", pk("web"), f"{API}: group_id: {pk('web')} is no group"),
    ("component", "position", -1, f"{API}: position: -1 is not a whole number"),
    ("component", "position", True, "position: True is not a whole number"),
    ("component", "position", 2**31, "position: 2147483648 is not a whole number"),
    ("component", "start_date", "2026-13-01", f"{API}: start_date: '2026-13-01' is not a date"),
    ("page", "id", None, "components.json: page: id: None is not 12"),
    ("page", "time_zone", "Mars/Base", "components.json: page: time_zone: 'Mars/Base' is not a time zone"),
    ("page", "time_zone", [], "time_zone: [] is not a time zone"),
    ("document", "incidents", {}, "incidents.json: incidents: {} is not a list"),
    ("document", "page", {"id": pk("elsewhere")}, "incidents.json: page: id: elsewhere000 is not page00000000"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("where", "field", "value", "message"),
    [pytest.param(*each, id=f"{each[0]}-{each[1]}-{str(each[2])[:20]}") for each in BAD],
)
def test_what_is_wrong_is_named_by_file_id_field_and_value(where, field, value, message) -> None:
    found = everyday()
    slow = found[INCIDENTS]["incidents"][0]
    target = {
        "document": found[INCIDENTS],
        "page": found["components.json"]["page"],
        "component": found["components.json"]["components"][1],
        "maintenance": found["scheduled-maintenances.json"]["scheduled_maintenances"][0],
        "incident": slow,
        "update": slow["incident_updates"][0],
    }[where]
    if where == "incident" and field == "incident_updates" and value == []:
        slow["resolved_at"] = None
    if value is ...:
        del target[field]
    else:
        target[field] = value
    with pytest.raises(Unusable) as refused:
        parse.history(found)
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)


def twice(found, document: str, key: str) -> None:
    found[document][key].append(copy.deepcopy(found[document][key][0]))


@pytest.mark.parametrize(
    ("break_it", "message"),
    [
        (lambda found: twice(found, "components.json", "components"), f"component {pk('core')}: id: is there twice"),
        (lambda found: twice(found, INCIDENTS, "incidents"), f"incident {pk('slow')}: id: is there twice"),
        (
            lambda found: found["scheduled-maintenances.json"]["scheduled_maintenances"][0].update(
                id=pk("slow"), incident_updates=[]
            ),
            f"scheduled-maintenances.json: maintenance {pk('slow')}: id: is there twice",
        ),
        (
            lambda found: found[INCIDENTS]["incidents"][0]["incident_updates"][0].update(id=pk("slowu0")),
            f"incidents.json: update {pk('slowu0')}: id: is there twice",
        ),
    ],
    ids=["component", "incident", "an incident that is a maintenance too", "update"],
)
def test_an_id_that_is_there_twice_is_refused(break_it, message) -> None:
    found = everyday()
    break_it(found)
    with pytest.raises(Unusable, match=message):
        parse.history(found)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "components.json: not JSON"),
        ('{"page": NaN}', "components.json: not JSON: NaN is no number"),
        ("[" * 100_000, "components.json: "),
        ("[]", r"components.json: \[\] is not an object"),
        (b'{"page": "\xff"}', "components.json: not JSON"),
        ('{"page": 1' + "0" * 5000 + "}", "components.json: not JSON"),
        ('{"components": []}', "components.json: page: is missing"),
    ],
    ids=["cut short", "NaN", "deep", "a list", "not UTF-8", "a huge number", "without a page"],
)
def test_a_document_that_is_no_such_json_is_refused(tmp_path, text, message) -> None:
    for name in parse.REQUIRED:
        (tmp_path / name).write_text(json.dumps(everyday()[name]))
    (tmp_path / "components.json").write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(Unusable, match=message):
        parse.history(source.read(str(tmp_path)))
