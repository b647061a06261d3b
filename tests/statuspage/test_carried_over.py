"""Documents that a publication carries over are what it would have rendered: their keys leave out nothing they show."""

import pytest

from statuspage import audit
from statuspage.actions import components, incidents, maintenance
from statuspage.public import reporting
from statuspage.publishing import frozen, html, store

from .given import ALICE, NOON, component, group, hours, incident, minutes, scheduled

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("publish_root")]

RENDERED = {"/history": html.history, "/report": reporting.page_of, "/report/received": reporting.received}


def published(path: str) -> bytes:
    return (store.current(store.root()) / store.file_of(path)).read_bytes()


def assert_all_as_rendered_now() -> None:
    snapshot = frozen.from_json((store.current(store.root()) / frozen.FILE).read_bytes())
    for path, render in RENDERED.items():
        assert published(path) == render(snapshot), path


def test_history_and_the_report_form_show_every_change():
    api, web = component(group=group()), component("Web")
    slow = incident({api: "degraded_performance"}, name="It is slow")
    assert_all_as_rendered_now()
    said = {"incident": slow, "actor": ALICE}
    incidents.publish_update(**said, status="identified", body="A cable.", components={web.pk: "major_outage"})
    assert_all_as_rendered_now()
    incidents.edit_incident(**said, name="It is very slow", impact="critical", severity=None, cause="own")
    assert_all_as_rendered_now()
    components.edit_component(component=api, actor=audit.SYSTEM, name="The API")
    assert_all_as_rendered_now()
    work = scheduled(web)
    assert_all_as_rendered_now()
    maintenance.cancel_maintenance(maintenance=work, actor=ALICE, body="Not needed.", now=NOON + hours(1))
    assert_all_as_rendered_now()
    incidents.publish_update(**said, status="resolved", body="Over.", now=NOON + minutes(95))
    assert_all_as_rendered_now()
    assert b"1 hour 35 minutes" in published("/history")


def test_an_update_of_the_same_status_renders_neither_again():
    opened = incident({component(): "major_outage"})
    before = store.read_manifest(store.root()).documents
    incidents.publish_update(incident=opened, status="investigating", body="We still look.", actor=ALICE)
    after = store.read_manifest(store.root()).documents
    assert after["/"].etag != before["/"].etag
    assert {path: after[path] for path in RENDERED} == {path: before[path] for path in RENDERED}
    assert all(after[path].key for path in RENDERED)
