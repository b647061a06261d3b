"""Moving in by key: from a stand-in for Statuspage's Manage API, with its pages, limits and refusals."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from notifications import addresses, subscriptions
from notifications.models import Endpoint, LinkToken, OutboxEvent, Subscription, Suppression
from notifications.subscriptions import Reason
from statuspage.importing import by_key
from statuspage.models import AuditEntry, Component, ComponentGroup, Incident, IncidentUpdate, Maintenance, Template
from tests.histories import at, everyday, incident, pk, said
from tests.notifications.given import subscribed
from tests.servers.statuspage import KEY, StatuspageStandIn
from tests.statuspage.given import NOON

pytestmark = pytest.mark.django_db

OLD = "2025-05-05T05:05:05.000Z"


def person(name: str, /, **facts: Any) -> dict[str, Any]:
    """A subscriber as Statuspage has one."""
    return {"id": pk(name), "mode": "email", "email": f"{name}@example.org", "components": None,
            "quarantined_at": None, "created_at": OLD} | facts  # fmt: skip


def sms(name: str, number: str) -> dict[str, Any]:
    return person(name, mode="sms", email=None, phone_number=number, phone_country="NL")


def subscribers() -> dict[str, list[dict[str, Any]]]:
    many = [person(f"reader{number:03}") for number in range(120)]
    return {
        "active": [
            *many,
            person("some", components=[pk("api"), "nosuchcomp00"]),
            sms("texted", "06 12345678"),
            person("hook", mode="webhook", endpoint="https://hooks.example.org/in", email="owner@example.org"),
            person("slacker", mode="slack", email=None, workspace_name="W"),
            person("broken", email="no address"),
        ],
        "unconfirmed": [person("waits")],
        "quarantined": [person("bounced", quarantined_at=at("08:00"))],
        "unsubscribed": [person("gone")],
    }


@pytest.fixture
def standin(settings: Any, tmp_path: Path) -> Iterator[StatuspageStandIn]:
    """A page with a long past; what it answers is kept in this test's folder."""
    settings.VAR_DIR = tmp_path
    found = everyday()
    group, api, web = found["components.json"]["components"]
    past = [incident(f"old{number:03}", said("01:00", "resolved")) for number in range(130)]
    postmortem = {"postmortem_body": "It was DNS.", "postmortem_published_at": at("04:00")}
    told = incident("told", said("02:00", "resolved"), **postmortem)
    entries = [*found["incidents.json"]["incidents"], told, *past]
    maintenances = found["scheduled-maintenances.json"]["scheduled_maintenances"]
    template = {"id": pk("tmpl"), "name": "DNS", "title": "DNS fails", "body": "Names do not resolve.",
                "update_status": "identified", "should_send_notifications": False, "components": [api]}  # fmt: skip
    work = template | {"id": pk("tmplm"), "name": "Work", "update_status": "scheduled"}
    del api["group_id"]
    server = StatuspageStandIn(
        found["components.json"]["page"] | {"time_zone": "Amsterdam"},
        {
            "/components": [group, api, web],
            "/component-groups": [{"id": pk("core"), "name": "Core", "description": None, "components": [pk("api")],
                                   "position": "3", "created_at": OLD, "updated_at": OLD}],
            "/incidents": [*entries, *maintenances],
            "/incident_templates": [template, work],
        },
        subscribers(),
    )  # fmt: skip
    server.start()
    yield server
    server.stop()


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "key"
    path.write_text(f"{KEY}\n")
    return path


def moved(server: StatuspageStandIn, key: Path) -> None:
    call_command("import_statuspage", server.address, "--key-file", str(key), "--pause", "0")


def of(address: str) -> Subscription:
    return Subscription.objects.get(address=address)


def test_everything_comes_along_and_nobody_is_told(standin, key, capsys, tmp_path, settings):
    settings.WEBHOOK_ALLOWED_HOSTS = []
    standin.refuse = [None, (420, {"Retry-After": "0"}), None, (429, {"Retry-After": "0"}), (503, {})]
    subscriptions.erase(_here("reader005@example.org"))
    stopped = addresses.email("reader007@example.org").key
    Suppression.objects.create(address_key=stopped, reason="stop", since=NOON)
    subscriptions.unsubscribe(_here("reader006@example.org"), reason=Reason.LINK)
    before = (OutboxEvent.objects.count(), LinkToken.objects.count())
    moved(standin, key)

    assert Incident.objects.count() == 132 and Maintenance.objects.count() == 1
    assert Component.objects.get(pk=pk("api")).group == ComponentGroup.objects.get(name="Core", position=3)
    assert IncidentUpdate.objects.get(incident=pk("told"), status="postmortem").body == "It was DNS."
    dns, work = Template.objects.order_by("name")
    assert (dns.kind, dns.update_status, dns.notify, list(dns.components.values_list("pk", flat=True))) == (
        "incident", "identified", False, [pk("api")],
    )  # fmt: skip
    assert work.kind == "maintenance"

    assert of("reader000@example.org").is_confirmed and of("reader119@example.org").all_components
    assert of("reader000@example.org").created_at.isoformat().startswith("2025-05-05T05:05:05")
    some = of("some@example.org")
    assert not some.all_components and list(some.components.values_list("pk", flat=True)) == [pk("api")]
    assert of("+31612345678").channel == "sms"
    assert Endpoint.objects.get().owner == of("owner@example.org") and not of("owner@example.org").confirmed_at
    assert not of("waits@example.org").confirmed_at
    bounced = of("bounced@example.org")
    assert bounced.is_confirmed and Suppression.objects.get(address_key=bounced.address_key).reason == "quarantine"
    assert of("gone@example.org").unsubscribed_at and of("reader006@example.org").unsubscribe_reason == Reason.LINK
    assert not Subscription.objects.filter(address__in=["reader005@example.org", "reader007@example.org"]).exists()
    assert (OutboxEvent.objects.count(), LinkToken.objects.count()) == before
    out = capsys.readouterr()
    for line in (
        "1 suppressed here",
        "here already",
        "1 not told here: slack",
        "nobody was notified",
        "asks for patience",
        "1 refused: ",
    ):
        assert line in out.out
    assert KEY not in out.out + out.err and "@example.org" not in out.out + out.err
    assert AuditEntry.objects.filter(action="import_subscribers").count() == 1
    assert not (tmp_path / "moving").exists() or not any((tmp_path / "moving").iterdir())

    stored = _facts()
    moved(standin, key)
    assert "nothing changed" in capsys.readouterr().out and _facts() == stored

    # What became of them there meanwhile.
    standin.subscribers["active"] = [*standin.subscribers["active"][1:], person("waits")]
    standin.subscribers["unconfirmed"] = []
    standin.subscribers["unsubscribed"].append(person("reader000"))
    moved(standin, key)
    assert of("waits@example.org").is_confirmed and not of("reader000@example.org").is_confirmed


def _here(address: str) -> Subscription:
    return subscribed(addresses.email(address))


def _facts() -> Any:
    models = (Subscription, Incident, Component, Template, AuditEntry, Suppression)
    return [list(model.objects.order_by("pk").values()) for model in models]


def test_whoever_was_interrupted_goes_on_where_they_were(standin, key, monkeypatch, tmp_path):
    monkeypatch.setattr(by_key, "TRIES", 1)
    standin.refuse = [None] * 8 + [(500, {})]
    with pytest.raises(CommandError, match="answered 500") as caught:
        moved(standin, key)
    assert caught.value.returncode == 2 and "\n" not in str(caught.value)
    asked = len(standin.asked)
    held = list((tmp_path / "moving").rglob("*.json"))
    assert len(held) == 8 and {oct(each.stat().st_mode)[-3:] for each in held} == {"600"}
    assert not [each for each in held if KEY in each.read_text()]
    moved(standin, key)
    again = standin.asked[asked:]
    assert set(again).isdisjoint(standin.asked[:8]) and again[0] == standin.asked[8]
    assert Subscription.objects.filter(confirmed_at__isnull=False).count() > 120


def test_what_cannot_be_asked_is_refused_in_one_line(standin, key, tmp_path, monkeypatch):
    def refused(address: str, *options: str) -> str:
        with pytest.raises(CommandError) as caught:
            call_command("import_statuspage", address, "--pause", "0", *options)
        assert caught.value.returncode == 2 and "\n" not in str(caught.value) and "wrong" not in str(caught.value)
        return str(caught.value)

    monkeypatch.delenv("STATUSPAGE_API_KEY", raising=False)
    assert "STATUSPAGE_API_KEY" in refused(standin.address)
    monkeypatch.setenv("STATUSPAGE_API_KEY", "wrong-key")
    assert "answered 401" in refused(standin.address)
    assert "No such file" in refused(standin.address, "--key-file", str(tmp_path / "none"))
    assert "unencrypted" in refused("http://status.example.com/v1/pages/x", "--key-file", str(key))
    assert "there is no such page" in refused(f"{standin.url}/v1/pages/nosuchpage00", "--key-file", str(key))
    standin.lists["/incidents"][0]["incident_updates"][0]["created_at"] = "yesterday"
    assert "created_at: 'yesterday'" in refused(standin.address, "--key-file", str(key))
    standin.lists["/incidents"] = {"odd": 1}
    monkeypatch.setattr(by_key, "KEPT_SECONDS", 0)
    monkeypatch.setattr(StatuspageStandIn, "part", lambda self, found, query, first=1: {"odd": json.dumps(query)})
    assert "is not a list" in refused(standin.address, "--key-file", str(key))
    assert Incident.objects.count() == 0


def test_a_wait_is_as_long_as_the_server_says_in_reason():
    assert by_key.waiting("7") == 7 and by_key.waiting(None) == by_key.UNASKED_SECONDS
    assert by_key.waiting("1e9") == by_key.LONGEST_SECONDS and by_key.waiting("-1") == 0
    assert by_key.waiting("Wed, 21 Oct 2015 07:28:00 GMT") == 0
    assert by_key.waiting("soon") == by_key.waiting("nan") == by_key.UNASKED_SECONDS
