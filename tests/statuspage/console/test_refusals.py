"""What others did meanwhile, and what the machine cannot: said in words, nothing lost (fault 56)."""

import pytest

from statuspage.actions import incidents
from statuspage.models import Incident
from tests.statuspage.given import ALICE, component, incident, scheduled

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("publish_root")]


def room(of: Incident) -> str:
    return f"/admin/incident/{of.pk}/"


def form_of(publisher, address: str, **typed: str) -> dict[str, str]:
    """What a browser would send from the form as it is shown now."""
    form = publisher.get(address).context["form"]
    shown = {name: form[name].value() for name in form.fields}
    return {name: str(value) for name, value in shown.items() if value not in (None, False, "")} | typed


def test_fault_56_the_late_one_sees_what_the_other_did_and_sends_again(publisher):
    opened = incident({component(): "major_outage"})
    mine = form_of(publisher, room(opened), status="identified", body="Mine.", step="publish")
    incidents.publish_update(incident=opened, status="monitoring", body="Theirs.", actor=ALICE)
    incidents.edit_incident(incident=opened, name="API is slow", impact=None, severity=2, cause="own", actor=ALICE)
    late = publisher.post(room(opened), mine)
    assert late.status_code == 409
    said = late.text.split('role="alert"')[1].split("</section>")[0]
    assert "alice" in said
    assert "Monitoring" in said
    assert "Theirs." in said
    assert "API is down" in said, "the edit is shown with what was before"
    assert "Mine." in late.text
    assert opened.updates.count() == 2
    again = late.context["form"].data.dict()
    assert publisher.post(room(opened), {**again, "step": "publish"}).status_code == 302
    assert opened.updates.count() == 3


def test_fault_57_a_resolution_whose_answer_was_lost_can_be_sent_again(publisher):
    opened = incident({component(): "major_outage"})
    mine = form_of(publisher, room(opened), status="resolved", body="Over.", step="publish")
    assert [publisher.post(room(opened), mine).status_code for _ in range(3)] == [302, 302, 302]
    assert opened.updates.count() == 2
    assert publisher.post(room(opened), {**mine, "key": "another form"}).status_code == 422


@pytest.mark.parametrize("step", ["review", "publish"])
def test_what_was_resolved_meanwhile_is_not_opened_again_by_accident(publisher, step):
    opened = incident({component(): "major_outage"})
    mine = form_of(publisher, room(opened), status="identified", body="Mine.", step=step)
    incidents.publish_update(incident=opened, status="resolved", body="Over.", actor=ALICE)
    late = publisher.post(room(opened), mine)
    assert late.status_code == 409
    assert "already resolved" in late.text
    assert "Mine." in late.text
    opened.refresh_from_db()
    assert opened.status == "resolved"


def test_reopening_is_offered_named_and_done_when_it_is_meant(publisher):
    opened = incident({component(): "major_outage"})
    incidents.publish_update(incident=opened, status="resolved", body="Over.", actor=ALICE)
    shown = publisher.get(room(opened)).text
    assert "Reopen: Investigating" in shown
    mine = form_of(publisher, room(opened), status="investigating", body="Back.")
    assert "This reopens the incident." in publisher.post(room(opened), {**mine, "step": "review"}).text
    assert publisher.post(room(opened), {**mine, "step": "publish"}).status_code == 302
    opened.refresh_from_db()
    assert opened.status == "investigating"


def test_resolving_warns_of_what_another_incident_still_says(publisher):
    api = component()
    opened = incident({api: "major_outage"})
    incident({api: "partial_outage"}, name="Another one")
    shown = publisher.get(room(opened)).text
    assert "Another one" in shown
    mine = form_of(publisher, room(opened), status="resolved", body="Over.", step="review")
    assert "API is still not operational after this." in publisher.post(room(opened), mine).text


def test_fault_57_saving_an_edit_twice_saves_once(publisher):
    opened = incident()
    mine = form_of(publisher, f"{room(opened)}edit/", name="API is slow")
    assert [publisher.post(f"{room(opened)}edit/", mine).status_code for _ in range(2)] == [302, 302]
    opened.refresh_from_db()
    assert (opened.name, opened.version) == ("API is slow", 2)


def test_fault_56_a_stale_edit_is_refused_and_keeps_what_was_typed(publisher):
    opened = incident()
    mine = form_of(publisher, f"{room(opened)}edit/", name="Mine")
    incidents.edit_incident(incident=opened, name="Theirs", impact=None, severity=None, cause="own", actor=ALICE)
    late = publisher.post(f"{room(opened)}edit/", mine)
    assert late.status_code == 409
    assert 'value="Mine"' in late.text
    assert "Theirs" in late.text
    again = late.context["form"].data.dict()
    assert publisher.post(f"{room(opened)}edit/", again).status_code == 302


def test_an_edit_of_the_title_leaves_the_impact_to_the_components(publisher):
    opened = incident({component(): "partial_outage"})
    publisher.post(f"{room(opened)}edit/", form_of(publisher, f"{room(opened)}edit/", name="API is slow"))
    opened.refresh_from_db()
    assert opened.impact_is_chosen is False


@pytest.mark.parametrize("step", ["start", "complete"])
def test_fault_57_a_step_that_was_taken_is_taken_once(publisher, step):
    planned = scheduled(component())
    address = f"/admin/maintenance/{planned.pk}"
    if step == "complete":
        publisher.post(f"{address}/start/", form_of(publisher, f"{address}/start/", step="publish"))
    mine = form_of(publisher, f"{address}/{step}/", step="publish")
    count = planned.updates.count()
    assert [publisher.post(f"{address}/{step}/", mine).status_code for _ in range(2)] == [302, 302]
    assert planned.updates.count() == count + 1


def test_a_full_folder_refuses_an_edit_in_words(publisher, settings, tmp_path):
    opened = incident()
    mine = form_of(publisher, f"{room(opened)}edit/", name="Mine")
    (tmp_path / "file").write_text("not a folder")
    settings.PUBLISH_ROOT = tmp_path / "file" / "public"
    answer = publisher.post(f"{room(opened)}edit/", mine)
    assert answer.status_code == 503
    assert 'value="Mine"' in answer.text


def test_a_page_that_is_not_current_says_so_on_the_first_page(publisher, publish_root):
    incident({component(): "major_outage"})
    assert "Readers see all that is stored." in publisher.get("/admin/").text
    (publish_root / "current").unlink()
    assert "The page is not regenerated" in publisher.get("/admin/").text
