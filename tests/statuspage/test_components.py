"""Components: what is edited, and what stays."""

import threading

import pytest
from django.db import connection

from statuspage.actions import components, incidents
from statuspage.audit import SYSTEM
from statuspage.models import Component, Outage
from statuspage.publishing import store

from .given import NOON, component, group, incident

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
    components.save_group(group=core, name="Heart", actor=SYSTEM)
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
