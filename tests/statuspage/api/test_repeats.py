"""The same request again: done once, answered alike."""

from datetime import timedelta

import pytest
from django.utils import timezone

from statuspage.actions.api_answers import forget
from statuspage.models import ApiAnswer, Component

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("publish_root")]

NAMED = {"Idempotency-Key": "deploy-4711"}


def test_a_named_write_is_done_once_and_answered_as_it_was(api):
    program, other = api(), api()
    refused = program.post("components", {"component": {"name": ""}}, headers=NAMED)
    assert (refused.status_code, Component.objects.count()) == (422, 0)

    asked = {"component": {"name": "API"}}
    first = program.post("components", asked, headers=NAMED)
    again = program.post("components.json", asked, headers=NAMED)
    assert (first.status_code, again.status_code, Component.objects.count()) == (201, 201, 1)
    assert again.json() == first.json()
    assert ("Idempotency-Replayed" in first.headers, again.headers["Idempotency-Replayed"]) == (False, "true")

    changed = program.post("components", {"component": {"name": "Web"}}, headers=NAMED)
    assert (changed.status_code, Component.objects.count()) == (422, 1)
    assert program.post("components", asked, headers={"Idempotency-Key": "x" * 256}).status_code == 422
    # Names are each key's own.
    assert other.post("components", {"component": {"name": "Web"}}, headers=NAMED).status_code == 201


def test_after_a_day_a_name_is_free_again_and_its_answer_forgotten(api):
    program, asked = api(), {"component": {"name": "API"}}
    program.post("components", asked, headers=NAMED)
    ApiAnswer.objects.update(created_at=timezone.now() - timedelta(hours=24, seconds=1))
    assert "Idempotency-Replayed" not in program.post("components", asked, headers=NAMED).headers
    assert Component.objects.count() == 2 and forget(timezone.now()) == 0
    assert forget(timezone.now() + timedelta(hours=25)) == 1


def test_without_a_name_an_incident_that_is_sent_again_is_the_same_until_more_is_said_of_it(api):
    program, other = api("incidents"), api("incidents")
    asked = {"incident": {"name": "Payments are slow", "body": "We look into it."}}
    first = program.post("incidents", asked).json()["id"]
    again = program.post("incidents", asked)
    assert (again.json()["id"], again.headers["Idempotency-Replayed"]) == (first, "true")
    assert other.post("incidents", asked).json()["id"] != first

    program.patch(f"incidents/{first}", {"incident": {"status": "identified", "body": "It is the database."}})
    second = program.post("incidents", asked).json()["id"]
    assert second != first
    ApiAnswer.objects.update(created_at=timezone.now() - timedelta(seconds=61))
    third = program.post("incidents", asked).json()["id"]
    assert third != second
    program.delete(f"incidents/{third}")
    assert program.post("incidents", asked).json()["id"] not in {first, second, third}


def test_without_a_name_nothing_else_is_taken_for_a_retry(api):
    program = api()
    made = [program.post("components", {"component": {"name": "API"}}) for _each in range(2)]
    assert [each.status_code for each in made] == [201, 201] and Component.objects.count() == 2
