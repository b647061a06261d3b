"""The way out for what should never have been published, and the way back."""

import pytest

from statuspage.actions.withdrawals import withdraw
from statuspage.models import Incident, Maintenance
from tests.statuspage.given import ALICE, component, incident, scheduled

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("publish_root")]


def test_an_incident_is_withdrawn_shown_as_such_and_brought_back(publisher):
    opened = incident({component(): "major_outage"}, name="A false alarm")
    room, form = f"/admin/incident/{opened.pk}/", f"/admin/incident/{opened.pk}/withdrawal/"
    assert form in publisher.get(room).text
    assert "Nobody is told" in publisher.get(form).text
    assert publisher.post(form, {"version": "1"}).status_code == 422, "a reason is never left out"
    assert publisher.post(form, {"version": "9", "reason": "Wrong."}).status_code == 409
    assert publisher.post(form, {"version": "1", "reason": "The probe was broken."}, follow=True).status_code == 200
    assert not Incident.objects.exists()

    shown = publisher.get(room).text
    assert "readers have it no more" in shown and "Requests fail." in shown and "The probe" not in shown
    assert "withdrawn" in publisher.get("/admin/incident/").text
    assert "A false alarm" not in publisher.get("/admin/").text
    said = {"status": "identified", "body": "More.", "key": "k", "step": "publish", "was_open": "yes"}
    assert publisher.post(room, said).status_code == 409
    assert "It comes back to the page as it was" in publisher.get(form).text
    publisher.post(form, {"version": "2", "reason": "It was right after all."})
    assert Incident.objects.get().withdrawn_at is None
    assert "readers have it no more" not in publisher.get(room).text


def test_a_maintenance_likewise_and_a_viewer_only_looks(publisher, sign_in):
    planned = scheduled(component())
    withdraw(entry=planned, actor=ALICE)
    room, form = f"/admin/maintenance/{planned.pk}/", f"/admin/maintenance/{planned.pk}/withdrawal/"
    viewer = sign_in("viewer")
    shown = viewer.get(room)
    assert "readers have it no more" in shown.text and form not in shown.text
    assert viewer.post(form, {"version": "2", "reason": "x"}).status_code == 403
    assert "withdrawn" in viewer.get("/admin/maintenance/").text
    publisher.post(form, {"version": "2", "reason": "It takes place."})
    assert Maintenance.objects.get().version == 3
