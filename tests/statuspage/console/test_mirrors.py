"""Letting a component follow a provider's page: its address is looked at first, and it offers its components."""

import pytest

from statuspage.mirroring.rounds import ask_due
from statuspage.models import AuditEntry, ComponentMirror
from tests.servers.provider import Provider, part_id
from tests.statuspage.given import NOON, component, minutes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("publish_root")]


@pytest.fixture
def provider(tmp_path, monkeypatch, settings):
    server = Provider(tmp_path / "provider").start()
    server.say("major", SMS="major_outage", Voice="operational")
    monkeypatch.setenv("SSL_CERT_FILE", str(server.ca_file))
    settings.MIRROR_ALLOWED_HOSTS = [server.host]
    yield server
    server.stop()


@pytest.fixture
def owner(sign_in):
    return sign_in("owner")


def test_a_page_is_looked_at_chosen_from_followed_and_left(owner, publisher, provider):
    carrier = component("Carrier", is_third_party=True)
    address = f"/admin/components/{carrier.pk}/mirror/"
    assert owner.get(address).status_code == 200
    assert provider.asked == [], "nothing is asked before somebody says where"
    offered = owner.post(address, {"page_url": f"{provider.url}/api/v2/", "step": "look"})
    labels = dict(offered.context["form"].fields["part"].choices)
    assert labels[part_id("SMS")] == "SMS (Major outage)"
    assert labels["*"] == "the whole page (Partial outage)"
    assert not ComponentMirror.objects.exists()
    chosen = {"page_url": provider.url, "part": part_id("SMS"), "step": "follow"}
    assert [owner.post(address, chosen).status_code for _ in range(2)] == [302, 302]
    assert AuditEntry.objects.filter(action="mirror_component").count() == 1, "a second press does nothing"
    mirror = ComponentMirror.objects.get()
    assert (mirror.page_name, mirror.remote_name, mirror.page_url) == ("Cloud", "SMS", provider.url)
    provider.script("status", status=503)
    ask_due(NOON)
    for text in (owner.get(address).text, publisher.get("/admin/components/").text):
        assert "No usable answer since" in text
    assert "it answered 503" in owner.get(address).text
    assert "It never answered yet." in owner.get(address).text
    provider.rules.clear()
    ask_due(NOON + minutes(1))
    assert "it said: Major outage." in owner.get(address).text
    assert owner.post(address, {"step": "stop"}).status_code == 302
    assert not ComponentMirror.objects.exists()


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"page_url": "http://status.example.com"}, "not an https address"),
        ({"page_url": "https://10.0.0.1"}, "cannot be followed"),
        ({"page_url": ""}, "required"),
        ({"part": "nobodys"}, "not one of the available choices"),
    ],
)
def test_what_cannot_be_followed_says_why_and_keeps_what_was_typed(owner, provider, facts, words):
    carrier = component("Carrier", is_third_party=True)
    form = {"page_url": provider.url, "part": "*", "step": "follow"} | facts
    answer = owner.post(f"/admin/components/{carrier.pk}/mirror/", form)
    assert answer.status_code == 422
    assert words in answer.text
    assert form["page_url"] in answer.text
    assert not ComponentMirror.objects.exists()


def test_a_component_of_ones_own_follows_nobody(owner, provider):
    own = component("API")
    answer = owner.post(
        f"/admin/components/{own.pk}/mirror/", {"page_url": provider.url, "part": "*", "step": "follow"}
    )
    assert answer.status_code == 422
    assert answer.text.count("Only a third party") == 2
    assert not ComponentMirror.objects.exists()
