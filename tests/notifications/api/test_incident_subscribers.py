"""`/v1/pages/<id>/incidents/<id>/subscribers`: told of one incident, and of nothing else."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from notifications import choices, retention, shown, subscriptions, tokens
from notifications.models import Following, LinkToken, OutboxEvent, Subscription
from notifications.subscriptions import asking
from statuspage.actions import incidents
from statuspage.models import Incident
from tests.notifications.given import subscribers
from tests.notifications.ledger import sweep
from tests.statuspage import given

pytestmark = pytest.mark.django_db(transaction=True)

READER = {"subscriber": {"email": "reader@example.com"}}


@pytest.fixture
def incident(relay, settings, tmp_path):
    settings.STATIC_ROOT = tmp_path
    return given.incident({given.component("API"): "major_outage"}, now=None)


def tell(incident, status: str) -> None:
    incidents.publish_update(incident=incident, status=status, body="News.", actor=given.ALICE)


def room(incident) -> str:
    return f"incidents/{incident.pk}/subscribers"


def recipients(relay) -> list[str]:
    sweep()
    return [each.recipients[0] for each in relay.messages()]


def test_a_follower_is_told_of_one_incident_alone_once_they_confirmed_it_and_until_it_is_over(api, relay, incident):
    program = api("subscribers")
    other = given.incident({given.component("Website"): "partial_outage"}, now=None, name="Website is slow")
    made = program.post(room(incident), READER)
    assert made.status_code == 201 and made.json()["components"] is None
    tell(incident, "identified")
    assert recipients(relay) == ["reader@example.com"], "the link alone"
    link = LinkToken.objects.get()
    page = Client().get(f"/subscriptions/{tokens.link_token(link)}").text
    assert "API is down, and nothing else" in page
    subscriptions.confirm(tokens.link_token(link))
    assert [each["id"] for each in program.get(room(incident)).json()] == [made.json()["id"]]
    assert program.get("subscribers").json() == [] == program.get(room(other)).json()
    assert set(program.get("subscribers/count", data={"state": "all"}).json().values()) == {0}
    for status in ("monitoring", "resolved"):
        tell(other, status)
        tell(incident, status)
        sweep()
    given.incident(now=None, name="Everything is down")
    assert recipients(relay) == ["reader@example.com"] * 3
    told = OutboxEvent.objects.filter(deliveries__isnull=False, subject_kind="incident")
    assert set(told.values_list("subject_id", flat=True)) == {incident.pk}
    link = asking.send_link_to_manage(row := Subscription.objects.get(), row, timezone.now())
    page = Client().get(f"/subscriptions/{tokens.link_token(link)}").text
    assert "checked" not in page.partition('name="about"')[2].partition("</fieldset>")[0], "neither kind is wanted"
    assert shown.told(choices.of(row))["about"] == "–"
    retention.forget(timezone.now(), 60)
    assert Following.objects.count() == 1, "a postmortem may come"
    Incident.objects.filter(pk=incident.pk).update(resolved_at=timezone.now() - timedelta(days=8))
    retention.forget(timezone.now(), 60)
    assert not Following.objects.exists()
    assert Subscription.objects.get().unsubscribe_reason == "over"
    assert program.post(room(incident), READER).status_code == 409


def test_whoever_is_subscribed_may_follow_beside_it_and_unfollow_again(api, incident):
    owner, (reader,) = api(), subscribers(email=1, all_components=False)
    reader.components.add(given.component("Website"))
    vouched = {"subscriber": {"email": reader.address, "skip_confirmation_notification": True}}
    assert api("subscribers").post(room(incident), vouched).status_code == 403
    assert owner.post(room(incident), vouched).status_code == 201
    assert owner.post(room(incident), vouched).status_code == 409
    one = f"{room(incident)}/{reader.pk}"
    assert owner.get(one).json()["email"] == reader.address
    assert owner.post(f"{one}/resend_confirmation").status_code == 409
    assert owner.delete(one).status_code == 200 and owner.get(one).status_code == 404
    reader.refresh_from_db()
    assert reader.is_confirmed and reader.wants_incidents
    stranger = owner.post(room(incident), READER).json()
    assert owner.post(f"{room(incident)}/{stranger['id']}/resend_confirmation").status_code == 429
    assert owner.delete(f"{room(incident)}/{stranger['id']}").status_code == 200
    assert not Following.objects.exists() and not LinkToken.objects.exists()


def test_only_the_scope_of_subscribers_opens_it_and_only_for_what_is_there(api, incident):
    assert api("read", "incidents").get(room(incident)).status_code == 403
    program = api("subscribers")
    for name in ("aaaaaaaaaaaa", "%00", "x-y"):
        assert program.get(f"incidents/{name}/subscribers").status_code == 404
    assert program.get(f"{room(incident)}/nobody").status_code == 404
    assert program.post(room(incident), {"subscriber": {"email": "no address"}}).status_code == 422
