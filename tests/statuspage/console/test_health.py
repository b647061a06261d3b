"""The console's first page says how the telling is, and what to do where something is wrong."""

from datetime import timedelta

import pytest
from django.utils import timezone

from notifications.delivery import hold
from notifications.models import Breaker
from statuspage import ports

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("publish_root")]


def home(client) -> str:
    answer = client.get("/admin/")
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_site_that_is_well_shows_its_ages_and_no_trouble(publisher):
    page = home(publisher)
    assert "How the telling is" in page and "nothing waits" in page
    assert "Something is wrong" not in page


def test_a_provider_that_refuses_is_said_with_what_to_do(publisher):
    then = timezone.now() - timedelta(minutes=1)
    Breaker.objects.create(scope="sms", reason="account suspended", code="20003", opened_at=then, retry_at=then)
    page = home(publisher)
    assert "account suspended (20003)" in page and "tried again by itself" in page


def test_a_held_site_says_so_first(publisher):
    hold.ask_for_hold(timezone.now())
    page = home(publisher)
    assert "Nothing is sent: an operator asked for it." in page and "manage.py release" in page
    assert page.index("Nothing is sent") < page.index("Open incidents")


def test_without_notifications_there_is_no_panel(publisher, monkeypatch):
    monkeypatch.setattr(ports.installed, "health", None)
    assert "How the telling is" not in home(publisher)
