"""Drafts: an author's words, waiting for a publisher."""

import pytest

from statuspage.models import Draft, Incident
from tests.statuspage.given import component, incident

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("publish_root")]

NEW = "/admin/incident/new/"
WORDS = {"name": "Requests fail", "body": "One in ten.", "status": "investigating", "cause": "own", "key": "k"}


def keep(author, address: str = NEW, **facts: str) -> Draft:
    assert author.post(address, {**WORDS, "step": "draft", **facts}).status_code == 302
    return Draft.objects.latest("pk")


def test_an_author_sees_a_review_without_the_button_to_publish(sign_in):
    author = sign_in("author")
    text = author.post(NEW, {**WORDS, "step": "review"}).text
    assert 'value="draft"' in text
    assert 'value="publish"' not in text
    assert author.post(NEW, {**WORDS, "step": "publish"}).status_code == 403


def test_a_draft_may_lack_anything(sign_in):
    draft = keep(sign_in("author"), name="", body="Half a sent")
    shown = sign_in("publisher").get(f"{NEW}?draft={draft.pk}")
    assert "Half a sent" in shown.text


def test_the_note_reaches_the_publisher(sign_in):
    keep(sign_in("author"), note="Ask Bob before.")
    assert "Ask Bob before." in sign_in("publisher").get("/admin/").text


def test_fault_57_keeping_twice_keeps_one_and_the_newest_words(sign_in):
    author = sign_in("author")
    keep(author)
    assert keep(author, body="One in five.").payload["body"] == ["One in five."]
    assert Draft.objects.count() == 1


def test_a_draft_keeps_the_forms_own_fields_only(sign_in):
    assert set(keep(sign_in("author"), actor="root", revision="9").payload) == set(WORDS)


def test_fault_84_nobody_overwrites_the_draft_of_another_author(sign_in):
    keep(sign_in("author"))
    assert sign_in("service-level officer").post(NEW, {**WORDS, "step": "draft"}).status_code == 403
    assert Draft.objects.get().payload["body"] == ["One in ten."]


def test_an_author_drafts_the_next_word_on_an_incident(sign_in):
    opened = incident({component(): "major_outage"})
    room = f"/admin/incident/{opened.pk}/"
    draft = keep(sign_in("author"), room, status="identified", was_open="yes", version=str(opened.version))
    publisher = sign_in("publisher")
    assert f"{room}?draft={draft.pk}" in publisher.get("/admin/").text
    form = publisher.get(f"{room}?draft={draft.pk}").context["form"].data.dict()
    assert publisher.post(room, {**form, "step": "publish"}).status_code == 302
    assert [update.status for update in opened.updates.all()] == ["identified", "investigating"]
    assert not Draft.objects.exists()


def test_a_draft_opens_in_its_own_room_only(sign_in):
    one, other = incident(), incident(name="Another")
    draft = keep(sign_in("author"), f"/admin/incident/{one.pk}/", status="identified", was_open="yes")
    shown = sign_in("publisher").get(f"/admin/incident/{other.pk}/?draft={draft.pk}")
    assert "One in ten." not in shown.text


@pytest.mark.parametrize("named", ["0", "-1", "x", "99999999999999999999999999", "1٢"])
def test_a_draft_that_is_none_opens_an_empty_form(sign_in, named):
    assert sign_in("publisher").get(NEW, {"draft": named}).status_code == 200


def test_a_draft_is_published_once(sign_in):
    draft = keep(sign_in("author"))
    publisher = sign_in("publisher")
    form = publisher.get(f"{NEW}?draft={draft.pk}").context["form"].data.dict()
    for _ in range(2):
        assert publisher.post(NEW, {**form, "step": "publish"}).status_code == 302
    assert Incident.objects.count() == 1
