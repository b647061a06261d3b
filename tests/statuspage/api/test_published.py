"""What the OpenAPI document says of the published JSON is what is published."""

import json

from statuspage.api import published
from statuspage.api.reference import described
from statuspage.public import months
from statuspage.publishing import api_entries, api_v2
from statuspage.publishing.snapshot import Month
from tests.statuspage.factories import a_component, a_group, a_maintenance, a_snapshot, affected, an_incident, an_update


def test_every_published_document_is_as_described():
    api = a_component(status="major_outage", group_id="coregroup000")
    open_ = an_incident(
        components=(api,), updates=(an_update(affected_components=(affected(api, "operational", "major_outage"),)),)
    )
    planned = a_maintenance(components=(api,))
    snapshot = a_snapshot(
        components=(api,), groups=(a_group("Core", [api]),), incidents=(open_,), maintenances=(planned,)
    )
    held = {f"/api/v2/{path}.json": api_v2.rendered(snapshot, content) for path, content in api_v2.CONTENTS.items()}
    assert set(held) == {path for path in published.DOCUMENTS if "{" not in path and path.startswith("/api/")}
    for path, body in held.items():
        published.DOCUMENTS[path][0].model_validate_json(body)
    for entry in (open_, planned):
        beside, alone = api_entries.entry_documents(snapshot, entry)
        published.PageWithIncident.model_validate_json(beside.render())
        published.PublishedWhole.model_validate_json(alone.render())
    (month,) = api_entries.month_document(
        snapshot, Month(key="2026-11", entries=(open_, planned), earlier=None, later=None)
    )
    status = held["/api/v2/status.json"]
    published.PublishedHistory.model_validate_json(months.together(status, [month.render()]))
    assert len(published.PublishedMonth.model_validate_json(month.render()).incidents) >= 1
    assert json.loads(held["/api/v2/components.json"])["components"][0]["components"] == [api.id]


def test_every_object_that_is_named_is_described():
    said = json.dumps(described())
    named = {each.split('"')[0] for each in said.split("#/components/schemas/")[1:]}
    assert named <= set(described()["components"]["schemas"])
