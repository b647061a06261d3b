"""/healthz and /readyz: what operators and load balancers ask."""

import pytest
from django.db import connection
from django.utils import timezone

from notifications.delivery import hold
from statuspage.models import Publication
from statuspage.publishing import publish

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("publish_root")]


def ready(client):
    answer = client.get("/readyz")
    return answer.status_code, answer.json()


def test_alive_is_alive_without_a_database(client, monkeypatch):
    monkeypatch.setattr(connection, "cursor", lambda: pytest.fail("asked the database"))
    assert client.get("/healthz").content == b"ok\n"


def test_a_site_that_is_ready_says_so(client):
    publish.publish()
    assert ready(client) == (200, dict.fromkeys(["database", "doorbell", "publication", "sending"], "ok"))


def test_a_page_behind_its_database_is_not_ready(client):
    publish.publish()
    Publication.objects.update(revision=99)
    status, said = ready(client)
    assert status == 503 and said["publication"] == "behind the database"


def test_a_silent_doorbell_is_a_warning(client):
    from statuspage.celery import app

    publish.publish()
    before = app.conf.broker_url
    app.conf.broker_url = "redis://127.0.0.1:1/0"
    try:
        status, said = ready(client)
    finally:
        app.conf.broker_url = before
    assert status == 200 and said["doorbell"] == "silent"


def test_a_held_site_is_not_ready_and_says_what_to_do(client):
    publish.publish()
    hold.ask_for_hold(timezone.now())
    status, said = ready(client)
    assert status == 503 and said["sending"].startswith("held:") and "manage.py release" in said["sending"]
