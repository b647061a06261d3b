"""How the telling goes, in words."""

from datetime import timedelta

import pytest
from django.utils import timezone, translation

from statuspage import ports
from statuspage.console import progress
from statuspage.models import IncidentUpdate
from tests.notifications.given import subscribers
from tests.statuspage.given import ALICE, component, hours, incident, scheduled

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("publish_root")]


@pytest.fixture
def update(settings) -> IncidentUpdate:
    settings.UNDO_SECONDS = 30
    subscribers(email=2)
    return incident({component(): "major_outage"}, now=timezone.now()).updates.get()


def after(update: IncidentUpdate, **span: float) -> progress.Telling:
    return progress.of(update, update.created_at + timedelta(**span))


def test_first_it_can_be_stopped_then_it_begins(update):
    assert 0 < after(update, seconds=1).undo_seconds <= 30
    begun = after(update, seconds=40)
    assert (begun.undo_seconds, begun.is_moving) == (0, True)
    assert begun.sentence == "The first messages leave in a moment."


def test_a_broker_that_is_down_is_a_delay_and_no_error(update):
    told = after(update, minutes=3)
    assert told.sentence.startswith("Delayed: nobody has been told yet.")
    assert told.is_moving


def test_nobody_to_tell_is_no_delay():
    update = incident({component(): "major_outage"}, now=timezone.now()).updates.get()
    assert after(update, minutes=3).sentence.startswith("Nobody has subscribed")


def test_nobody_told_on_purpose():
    update = incident(notify=False).updates.get()
    assert after(update, seconds=1).sentence == "Told nobody, on purpose."


def test_what_was_imported_told_nobody():
    opened = incident()
    imported = IncidentUpdate.objects.create(
        incident=opened,
        status="monitoring",
        body="Then.",
        created_at=timezone.now(),
        updated_at=timezone.now(),
        display_at=timezone.now(),
    )
    assert after(imported, minutes=3).sentence == "Nobody was told."


def test_without_notifications_it_says_so(update, monkeypatch):
    monkeypatch.setattr(ports, "installed", ports.Ports())
    assert after(update, seconds=1).sentence == "No notifications are installed: nobody is told."


@pytest.mark.parametrize("state", progress.STATE)
def test_every_state_has_words_and_a_tone(update, monkeypatch, state):
    monkeypatch.setattr(ports.installed, "progress", lambda pk: {"email": {state: 3}})
    told = after(update, seconds=60)
    (channel,) = told.channels
    (part,) = channel.parts
    assert (channel.name, channel.total, part["count"]) == ("E-mail", 3, 3)
    assert part["words"].startswith("<b>3</b> ")
    assert part["words"].removeprefix("<b>3</b> ") not in {"", state} or state in {"delivered", "failed"}
    assert told.is_moving is (state in {"queued", "sending"})


def test_the_words_go_with_their_number():
    with translation.override("ar"):
        two, three = (progress.words("delivered", count) for count in (2, 3))
    assert (two.split(" ")[0], three.split(" ")[0]) == ("<b>2</b>", "<b>3</b>")
    assert two.split(" ")[1:] != three.split(" ")[1:]


def test_the_words_know_every_state_of_a_delivery():
    from notifications.states import State

    assert set(progress.STATE) == set(State)


def test_a_room_and_the_piece_that_is_asked_again_say_the_same(sign_in, update):
    viewer, publisher = sign_in("viewer"), sign_in("publisher")
    for address in (f"/admin/incident/{update.incident_id}/", f"/admin/progress/{update.pk}/", "/admin/"):
        assert "Stop telling" in publisher.get(address).text
        assert "Stop telling" not in viewer.get(address).text


def test_an_overdue_promise_stands_out(publisher):
    long_ago = timezone.now() - timedelta(hours=2)
    incident(actor=ALICE, now=long_ago, next_update_by=long_ago + timedelta(hours=1))
    assert "Overdue: the next update was promised by" in publisher.get("/admin/").text


def test_the_room_of_a_window_says_that_it_is_late(publisher):
    now = timezone.now()
    window = scheduled(component(), now=now - hours(50), start=now - hours(1), auto_start=False, length=hours(3))
    words = publisher.get(f"/admin/maintenance/{window.pk}/").text
    assert "The work has not begun yet; it is 1 hour late." in words
    assert "It does not start by itself." in publisher.get(f"/admin/maintenance/{window.pk}/start/").text
