"""Form, review, publish: what staff see before forty thousand people are told."""

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape

import pytest
from django.utils import timezone

from notifications.models import Delivery, OutboxEvent
from statuspage import ports
from statuspage.actions.maintenance import cancel_maintenance
from statuspage.models import AuditEntry, Draft, Incident, Maintenance
from statuspage.publishing import store
from tests.notifications.given import subscribers
from tests.statuspage.given import ALICE, component, incident, scheduled

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("publish_root")]

NEW = "/admin/incident/new/"


def typed(step: str = "review", **facts: str) -> dict[str, str]:
    """An incident's form as a browser sends it."""
    return {
        "name": "Requests fail",
        "body": "One in **ten**.",
        "status": "investigating",
        "cause": "own",
        "next_update": "30",
        "notify": "on",
        "key": "one-form",
        "step": step,
    } | facts


def words(answer) -> str:
    """What an answer reads as."""
    return " ".join(unescape(re.sub("<[^>]+>", "", answer.text)).split())


def room(of: Incident) -> str:
    return f"/admin/incident/{of.pk}/"


def test_the_review_names_the_people_and_publishes_nothing(publisher):
    subscribers(email=12, sms=3)
    answer = publisher.post(NEW, typed())
    assert "This will tell 15 subscribers: 12 by e-mail, 3 by SMS." in answer.text
    assert "Publish and tell 15 subscribers" in answer.text
    assert "<strong>ten</strong>" in answer.text
    assert not Incident.objects.exists()


def test_the_review_counts_those_who_chose_the_component(publisher):
    api, mail = component("API"), component("Mail")
    some, *_ = subscribers(email=3)
    some.all_components = False
    some.save()
    some.components.set([mail])
    answer = publisher.post(NEW, typed(**{f"component_{api.pk}": "major_outage"}))
    assert "This will tell 2 subscribers: 2 by e-mail." in answer.text


def test_the_review_says_what_will_be_claimed(publisher):
    api, web = component("API"), component("Web")
    opened = incident({api: "major_outage"})
    form = {"status": "resolved", "body": "Over.", "key": "k", "version": str(opened.version), "step": "review"}
    answer = publisher.post(room(opened), {**form, f"component_{web.pk}": "degraded_performance"})
    assert "API: Major outage → Operational" in words(answer)
    assert "Web: Operational → Degraded performance" in words(answer)


@pytest.mark.parametrize("step", ["review", "publish"])
def test_a_postmortem_of_an_open_incident_is_refused(publisher, step):
    opened = incident({component(): "major_outage"})
    answer = publisher.post(room(opened), {"status": "postmortem", "body": "Why.", "key": "k", "step": step})
    assert answer.status_code == 422
    assert opened.updates.count() == 1


def test_going_back_loses_nothing(publisher):
    answer = publisher.post(NEW, typed("edit", name="Requests <fail>"))
    assert answer.status_code == 200
    assert 'value="Requests &lt;fail&gt;"' in answer.text
    assert "One in **ten**." in answer.text


def test_publishing_says_so_and_shows_the_room(publisher):
    api = component("API")
    answer = publisher.post(NEW, typed("publish", **{f"component_{api.pk}": "major_outage"}), follow=True)
    assert "Published: readers see it now." in answer.text
    opened = Incident.objects.get()
    assert (opened.impact, opened.next_update_by is not None) == ("critical", True)


def test_fault_57_pressing_twice_publishes_once(publisher):
    subscribers(email=2)
    places = {publisher.post(NEW, typed("publish")).headers["Location"] for _ in range(3)}
    assert places == {room(Incident.objects.get())}
    assert OutboxEvent.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "facts"), [("name", {"name": ""}), ("body", {"body": " "}), ("status", {"status": "asleep"})]
)
def test_bad_input_comes_back_with_its_words_and_nothing_lost(publisher, field, facts):
    answer = publisher.post(NEW, typed("publish", **facts))
    assert answer.status_code == 422
    assert f'id="id_{field}_error"' in answer.text
    assert "One in **ten**." in answer.text or field == "body"
    assert not Incident.objects.exists()


def test_fault_56_a_stale_form_is_refused_and_keeps_the_text(publisher):
    opened = incident()
    form = {"status": "identified", "body": "Mine.", "key": "k1", "version": str(opened.version), "step": "publish"}
    publisher.post(room(opened), {**form, "key": "k0", "body": "Theirs."})
    answer = publisher.post(room(opened), form)
    assert answer.status_code == 409
    assert "Somebody else changed this" in answer.text
    assert "Theirs." in answer.text
    assert "Mine." in answer.text
    assert opened.updates.count() == 2
    renewed = answer.context["form"].data.dict()
    assert publisher.post(room(opened), {**renewed, "step": "publish"}).status_code == 302
    assert opened.updates.count() == 3


def test_resolving_returns_what_staff_left_unchanged(publisher):
    api, web = component("API"), component("Web")
    opened = incident({api: "major_outage", web: "partial_outage"})
    form = {"status": "resolved", "body": "Over.", "key": "k", "version": str(opened.version), "step": "publish"}
    publisher.post(room(opened), {**form, f"component_{web.pk}": "degraded_performance"})
    api.refresh_from_db()
    web.refresh_from_db()
    assert (api.status, web.status) == ("operational", "degraded_performance")


def test_fault_64_telling_can_be_stopped_while_nobody_was_told(publisher, settings):
    settings.UNDO_SECONDS = 30
    subscribers(email=2)
    publisher.post(NEW, typed("publish"))
    opened = Incident.objects.get()
    assert "Stop telling" in publisher.get(room(opened)).text
    answer = publisher.post(f"/admin/recall/{opened.updates.get().pk}/", {"back": room(opened)}, follow=True)
    assert "Stopped by publisher at" in answer.text
    assert "Stop telling" not in answer.text
    assert AuditEntry.objects.first().action == "stop_telling"
    assert OutboxEvent.objects.get().void_reason == "recalled"
    assert not Delivery.objects.exists()
    assert opened.updates.exists(), "the page still shows it"


def test_a_stopped_cancellation_can_be_told_after_all(publisher, settings):
    settings.UNDO_SECONDS = 30
    subscribers(email=1)
    window = scheduled(now=timezone.now(), start=timezone.now() + timedelta(days=2))
    window_room = f"/admin/maintenance/{window.pk}/"
    update = cancel_maintenance(maintenance=window, body="Off.", actor=replace(ALICE, source="console"))
    assert "Tell them after all" not in publisher.get(window_room).text
    stopped = publisher.post(f"/admin/recall/{update.pk}/", {"back": window_room}, follow=True).text
    assert "you can tell them after all" in stopped and "Tell them after all" in stopped
    told = publisher.post(f"/admin/tell/{update.pk}/", {"back": window_room}, follow=True).text
    assert "They are told now." in told and "Tell them after all" not in told and "Stopped by" not in told
    assert AuditEntry.objects.first().action == "tell_after_all"
    row = OutboxEvent.objects.get(update_id=update.pk)
    assert (row.voided_at, row.void_reason) == (None, "")
    assert "nobody is told" in publisher.post(f"/admin/tell/{update.pk}/", {"back": window_room}, follow=True).text


def test_what_can_be_corrected_by_another_update_is_not_told_after_all(publisher, settings):
    settings.UNDO_SECONDS = 30
    publisher.post(NEW, typed("publish"))
    update = Incident.objects.get().updates.get()
    page = publisher.post(f"/admin/recall/{update.pk}/", {"back": room(update.incident)}, follow=True).text
    assert "Tell them after all" not in page
    assert "nobody is told" in publisher.post(f"/admin/tell/{update.pk}/", follow=True).text
    assert OutboxEvent.objects.get().void_reason == "recalled"


def test_fault_78_stopping_leads_back_into_the_console_only(publisher):
    opened = incident()
    answer = publisher.post(f"/admin/recall/{opened.updates.get().pk}/", {"back": "//evil.example/admin/"})
    assert answer.headers["Location"] == "/admin/"


def test_fault_24_a_full_folder_is_said_and_the_text_kept(publisher, settings, tmp_path):
    (tmp_path / "file").write_text("not a folder")
    settings.PUBLISH_ROOT = tmp_path / "file" / "public"
    answer = publisher.post(NEW, typed("publish"))
    assert answer.status_code == 503
    assert "The published folder cannot be written" in answer.text
    assert "One in **ten**." in answer.text


def test_fault_76_a_form_without_its_token_is_refused(sign_in):
    client = sign_in("publisher", enforce_csrf_checks=True)
    assert client.post(NEW, typed("publish")).status_code == 403
    assert not Incident.objects.exists()


def test_an_author_keeps_a_draft_and_a_publisher_publishes_it(sign_in):
    author, publisher = sign_in("author"), sign_in("publisher")
    assert author.post(NEW, typed("draft")).status_code == 302
    assert not Incident.objects.exists()
    draft = Draft.objects.get()
    assert "Requests fail" in publisher.get("/admin/").text
    shown = publisher.get(f"{NEW}?draft={draft.pk}")
    assert 'value="Requests fail"' in shown.text
    form = shown.context["form"].data.dict()
    assert publisher.post(NEW, {**form, "step": "publish"}).status_code == 302
    assert Incident.objects.get().name == "Requests fail"
    assert not Draft.objects.exists()


def test_a_draft_is_discarded(sign_in):
    sign_in("author").post(NEW, typed("draft"))
    assert sign_in("publisher").post(f"/admin/drafts/{Draft.objects.get().pk}/").status_code == 302
    assert not Draft.objects.exists()


def test_a_form_that_was_published_and_changed_is_refused_with_a_fresh_key(publisher):
    publisher.post(NEW, typed("publish"))
    answer = publisher.post(NEW, typed("publish", body="Other words."))
    assert answer.status_code == 409
    assert "This form was published before" in answer.text
    assert publisher.post(NEW, {**answer.context["form"].data.dict(), "step": "publish"}).status_code == 302
    assert Incident.objects.count() == 2


def test_fault_56_a_stale_correction_is_refused_and_keeps_the_text(publisher):
    update = incident().updates.get()
    address, seen = f"/admin/update/{update.pk}/", update.updated_at.isoformat()
    assert publisher.post(address, {"body": "Theirs.", "seen": seen}).status_code == 302
    answer = publisher.post(address, {"body": "Mine.", "seen": seen})
    assert answer.status_code == 409
    assert "Mine." in answer.text
    assert "Theirs." in answer.text
    update.refresh_from_db()
    assert update.body == "Theirs."


def test_a_correction_changes_the_page_and_not_what_was_sent(publisher):
    opened = incident()
    address = f"/admin/update/{opened.updates.get().pk}/"
    publisher.post(address, {"body": "Requests are slow."})
    assert b"Requests are slow." in (store.root() / "pages/incidents" / f"{opened.pk}.html").read_bytes()
    assert OutboxEvent.objects.get().payload["body"] == "Requests fail."


def window(step: str = "review", **facts: str) -> dict[str, str]:
    """A maintenance's form as a browser sends it."""
    return {
        "name": "Database upgrade",
        "body": "Read-only.",
        "time_zone": "Europe/Amsterdam",
        "starts": "2027-01-12T02:00",
        "ends": "2027-01-12T04:00",
        "notify": "on",
        "key": "one-window",
        "step": step,
    } | facts


def test_the_review_of_a_window_names_both_zones_and_the_notice(publisher):
    answer = publisher.post("/admin/maintenance/new/", window())
    assert "Tue 12 January 2027, 01:00 to 03:00 UTC" in answer.text
    assert "(02:00 to 04:00 CET)" in answer.text
    assert "Europe/Amsterdam" in answer.text
    assert "excluded from availability" in answer.text
    publisher.post("/admin/maintenance/new/", window("publish"))
    assert Maintenance.objects.get().time_zone == "Europe/Amsterdam"


@pytest.mark.parametrize(
    ("field", "facts"),
    [
        ("ends", {"ends": "2027-01-12T01:00"}),
        ("starts", {"starts": "2027-03-28T02:30", "ends": "2027-03-28T05:00"}),
        ("starts", {"starts": "yesterday"}),
        ("time_zone", {"time_zone": "../../etc/passwd"}),
    ],
)
def test_an_impossible_window_names_its_field(publisher, field, facts):
    for pressed in ("review", "publish"):
        answer = publisher.post("/admin/maintenance/new/", window(pressed, **facts))
        assert answer.status_code == 422
        assert f'id="id_{field}_error"' in answer.text
    assert not Maintenance.objects.exists()


@pytest.mark.parametrize("step", ["start", "cancel", "say", "move"])
def test_every_step_of_a_window_is_reviewed_and_taken(publisher, step):
    planned = scheduled(component(), start=timezone.now().replace(microsecond=0) + timedelta(days=3))
    address = f"/admin/maintenance/{planned.pk}/{step}/"
    form = publisher.get(address).context["form"]
    data = {name: value for name, value in form.initial.items() if name in {"version", "time_zone", "minutes"}}
    data |= {"body": "As planned.", "notify": "on", "key": step, "confirmed": "yes"}
    later = timedelta(hours=1)
    data |= {
        name: f"{form.initial[name] + later:%Y-%m-%dT%H:%M}" for name in ("starts", "ends") if name in form.initial
    }
    assert publisher.post(address, {**data, "step": "review"}).status_code == 200
    assert publisher.post(address, {**data, "step": "publish"}).status_code == 302
    assert planned.updates.count() == 2


def test_without_notifications_the_review_says_so(publisher, monkeypatch):
    monkeypatch.setattr(ports, "installed", ports.Ports())
    assert "No notifications are installed: nobody is told." in publisher.post(NEW, typed()).text
