"""Components: what is edited, and what stays."""

import json
import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from notifications.models import Subscription
from statuspage import selectors
from statuspage.actions import components, groups, incidents, maintenance, series_windows
from statuspage.audit import SYSTEM
from statuspage.models import Component, ComponentGroup, Outage, Publication
from statuspage.publishing import store
from tests.notifications.given import subscribers

from .given import NOON, component, group, hours, incident, recurring, scheduled

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("publish_root")]


def test_an_edit_from_before_an_outage_leaves_its_status():
    stale = component()
    incident({Component.objects.get(pk=stale.pk): "major_outage"})
    components.edit_component(component=stale, actor=SYSTEM, name="Web API")
    stale.refresh_from_db()
    assert (stale.name, stale.status) == ("Web API", "major_outage")


def test_what_is_typed_is_cleaned():
    edited = components.edit_component(component=component(), actor=SYSTEM, description="a\u202eb\x08")
    assert edited.description == "ab"


def test_old_pages_follow_a_new_name():
    core = group("Core")
    opened = incident({component("API", group=core): "major_outage"})
    page = store.root() / "pages/incidents" / f"{opened.pk}.html"
    groups.save_group(group=core, name="Heart", actor=SYSTEM)
    assert b"Heart" in page.read_bytes()


def test_a_component_made_today_has_no_past():
    made = components.create_component(name="Voice", actor=SYSTEM, now=NOON)
    assert made.start_date == NOON.date()


def test_renaming_and_publishing_at_once_both_succeed():
    """Whoever locked a row before the writers' lock would make a deadlock of this."""
    api, problems = component(), []

    def attempt(write, **facts):
        try:
            write(actor=SYSTEM, **facts)
        except Exception as problem:
            problems.append(problem)
        finally:
            connection.close()

    def started(write, **facts):
        thread = threading.Thread(target=attempt, args=(write,), kwargs=facts)
        thread.start()
        return thread

    down = {"body": "x", "components": {api.pk: "major_outage"}}
    threads = [started(components.edit_component, component=api, name=f"API {number}") for number in range(5)]
    threads += [started(incidents.open_incident, name=f"Down {number}", **down) for number in range(5)]
    for thread in threads:
        thread.join()
    assert problems == []
    assert Outage.objects.filter(ended_at=None).count() == 1


def test_an_archived_component_is_nowhere_but_in_history():
    core = group("Core")
    api, web = component("API", group=core), component("Web")
    opened = incident({api: "major_outage", web: "partial_outage"})
    planned = scheduled(api, web)
    components.archive_component(component=api, actor=SYSTEM, now=NOON + hours(1))
    down = Outage.objects.get(component=api)
    assert (down.ended_at, down.status) == (NOON + hours(1), "major_outage"), "its outage ends with it, and stays"
    summary = json.loads((store.root() / "current/api/v2/summary.json").read_bytes())
    assert {each["name"] for each in summary["components"]} == {"Core", "Web"}
    assert [each["name"] for each in summary["incidents"][0]["components"]] == ["Web"]
    assert summary["status"]["indicator"] == "minor"
    assert b"Core - API" in (store.root() / "pages/incidents" / f"{opened.pk}.html").read_bytes()
    assert not (store.root() / "current/components" / api.pk).exists()
    with pytest.raises(ValidationError, match="There is no component"):
        components.set_component_statuses(statuses={api.pk: "major_outage"}, actor=SYSTEM)
    maintenance.start_maintenance(maintenance=planned, body="We begin.", actor=SYSTEM, now=NOON + hours(2))
    api.refresh_from_db()
    assert (api.status, api.archived_at) == ("operational", NOON + hours(1)), "work on it says nothing of it"


def test_a_component_that_is_brought_back_is_as_is_said_of_it():
    api, stale = component("API"), component("Old", archived_at=NOON)
    incident({api: "major_outage"})
    archived = components.archive_component(component=api, actor=SYSTEM, now=NOON + hours(1))
    again = components.archive_component(component=api, actor=SYSTEM, now=NOON + hours(2))
    assert archived.archived_at == again.archived_at
    restored = components.restore_component(component=api, actor=SYSTEM, now=NOON + hours(3))
    assert (restored.status, restored.archived_at) == ("major_outage", None)
    spans = list(Outage.objects.order_by("started_at").values_list("started_at", "ended_at"))
    assert spans == [(NOON, NOON + hours(1)), (NOON + hours(3), None)]
    assert [each.name for each in selectors.components()] == ["API"]
    assert [each.pk for each in selectors.archived_components()] == [stale.pk]


def test_a_window_that_recurs_goes_on_without_what_was_archived():
    api, web = component("API"), component("Web")
    every_week = recurring(api, web)
    components.archive_component(component=api, actor=SYSTEM)
    assert series_windows.component_ids(every_week) == {web.pk}


def test_who_is_in_a_group_is_said_whole():
    core, edge = group("Core"), group("Edge", position=2)
    api, web, mail = component("API", group=core), component("Web", group=edge), component("Mail")
    told = incident({api: "major_outage"})
    groups.save_group(group=core, name="Core", components=[web.pk, mail.pk], actor=SYSTEM)
    assert set(core.components.all()) == {web, mail}
    assert not edge.components.exists()
    api.refresh_from_db()
    assert api.group is None, "it stands alone"
    told.refresh_from_db()
    assert told.revision == Publication.objects.current().revision, "old pages name it otherwise from now on"
    last = groups.save_group(name="Voice", components=[api.pk], actor=SYSTEM)
    assert (last.position, list(last.components.all())) == (3, [api])
    with pytest.raises(ValidationError, match="There is no component nowhere"):
        groups.save_group(name="Nothing", components=["nowhere"], actor=SYSTEM)
    assert not ComponentGroup.objects.filter(name="Nothing").exists()


def test_members_of_a_group_that_goes_stand_alone_and_keep_their_readers():
    core = group("Core")
    api, web = component("API", group=core), component("Web", group=core)
    everything, some = subscribers(email=2)
    Subscription.objects.filter(pk=some.pk).update(all_components=False)
    some.groups.set([core])
    some.components.set([web])
    groups.delete_group(group=core, actor=SYSTEM)
    assert set(Component.objects.filter(group=None)) == {api, web}
    assert set(some.components.all()) == {api, web}
    assert not everything.components.exists()


def test_a_new_component_stands_last_and_is_as_it_is_said_to_be():
    component("API", position=4)
    group("Core", position=7)
    made = components.create_component(name="Voice", status="partial_outage", actor=SYSTEM, now=NOON)
    assert (made.position, made.status) == (8, "partial_outage")
    assert Outage.objects.get().started_at == NOON
