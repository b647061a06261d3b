"""A third party's component follows another Statuspage, met as a real HTTPS server."""

import json
import re
import threading
from datetime import timedelta

import pytest
from django import conf
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection

from statuspage import audit, tasks
from statuspage.actions import incidents, mirrors
from statuspage.actions.mirrors import Followed, mirror_component, stop_mirror
from statuspage.mirroring import asking
from statuspage.mirroring.rounds import ask_due
from statuspage.models import AuditEntry, Component, ComponentMirror, Outage
from statuspage.publishing.store import FolderUnusable
from tests.servers.provider import Provider, part_id

from .given import ALICE, NOON, component, incident, minutes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("publish_root")]

FIRE = {
    "id": "firefirefire",
    "name": "Fire in a data centre",
    "impact": "critical",
    "status": "identified",
    "shortlink": "https://stspg.example/fire",
    "components": [{"id": part_id("SMS"), "name": "SMS"}],
    "incident_updates": [
        {"id": "u1", "status": "investigating", "body": "It burns.", "created_at": "2026-11-02T11:58:00Z"}
    ],
}
NEXT_WORD = {"id": "u2", "status": "identified", "body": "Put out.", "created_at": "2026-11-02T12:05:00Z"}


@pytest.fixture
def provider(tmp_path, monkeypatch, settings):
    server = Provider(tmp_path / "provider").start()
    server.say(SMS="operational", Voice="operational")
    monkeypatch.setenv("SSL_CERT_FILE", str(server.ca_file))
    settings.MIRROR_ALLOWED_HOSTS = [server.host]
    yield server
    server.stop()


@pytest.fixture
def carrier(provider) -> Component:
    """A component that follows the provider's SMS."""
    row = component("Carrier", is_third_party=True)
    follows(row, provider, "SMS")
    return row


def follows(row: Component, provider: Provider, part: str = "") -> ComponentMirror:
    followed = Followed(provider.url, "Cloud", part_id(part) if part else "", part)
    return mirror_component(component=row, followed=followed, actor=audit.SYSTEM, now=NOON)


def asked(at: float) -> None:
    """A round so many minutes after noon."""
    ask_due(NOON + minutes(at))


def status(row: Component) -> str:
    row.refresh_from_db()
    return row.status


def test_outages_open_and_close_with_the_providers_word_and_carry_its_incident(provider, carrier, heard):
    asked(0)
    assert (status(carrier), Outage.objects.count()) == ("operational", 0)
    provider.say("major", [FIRE, {**FIRE, "id": "otherotherot", "components": []}], SMS="major_outage")
    asked(1)
    outage = Outage.objects.get()
    assert (status(carrier), outage.started_at, outage.cause) == ("major_outage", NOON + minutes(1), "third_party")
    assert (outage.provider_name, outage.provider_incident, outage.provider_url) == (
        "Cloud", "firefirefire", "https://stspg.example/fire",
    )  # fmt: skip
    (seen,) = outage.provider_evidence["incidents"]
    assert (seen["name"], seen["impact"], seen["seen_at"]) == (
        "Fire in a data centre", "critical", (NOON + minutes(1)).isoformat(),
    )  # fmt: skip
    provider.say(incidents=[{**FIRE, "incident_updates": [NEXT_WORD, *FIRE["incident_updates"]]}])
    asked(2)
    provider.say("none", SMS="operational")
    asked(3)
    last_word = {**NEXT_WORD, "id": "u3", "status": "monitoring", "created_at": "2026-11-02T12:09:00Z"}
    provider.say(incidents=[{**FIRE, "incident_updates": [last_word]}])
    asked(4)
    asked(5)
    provider.say(incidents=[])
    asked(6)
    (seen,) = Outage.objects.get().provider_evidence["incidents"]
    assert [(each["id"], each["seen_at"][11:16]) for each in seen["updates"]] == [
        ("u1", "12:01"), ("u2", "12:02"), ("u3", "12:04"),
    ]  # fmt: skip
    outage.refresh_from_db()
    assert (status(carrier), outage.ended_at) == ("operational", NOON + minutes(3))
    assert [code for *_, code in provider.asked] == [200, 200, 200, 200, 200, 304, 200]
    last = AuditEntry.objects.filter(action="follow_page", after__has_key="evidence").order_by("-id").first()
    assert last and last.after["evidence"] == mirrors.digest(outage.provider_evidence)
    assert heard == [], "nobody is told by a mirror"


@pytest.mark.parametrize(
    ("answer", "facts", "words"),
    [
        ("status", {"status": 500}, "it answered 500"),
        ("status", {"status": 302}, "redirects elsewhere"),
        ("drop", {}, "the connection broke"),
        ("stall", {}, "no whole answer within"),
        ("drip", {}, "no whole answer within"),
        ("endless", {}, "larger than|no whole answer"),
        ("short", {}, "broke"),
        ("body", {"body": b"<html>"}, "not JSON"),
        ("body", {"body": b"[" * 100_000}, "summary.json"),
        ("body", {"body": b"[]"}, "is not an object"),
        ("body", {"body": json.dumps({"page": {}, "status": {"indicator": "purple"}}).encode()}, "indicator"),
        ("body", {"body": "SMS"}, "is none of"),
        ("body", {"body": "gone"}, "no longer on that page"),
    ],
)
def test_a_page_that_is_dead_or_speaks_nonsense_changes_nothing(provider, carrier, monkeypatch, answer, facts, words):
    monkeypatch.setattr(asking, "DEADLINE_SECONDS", 1.0)
    provider.say("major", SMS="major_outage")
    asked(0)
    facts = {**facts, "body": nonsense(provider, facts["body"])} if "body" in facts else facts
    provider.script(answer, **facts)
    asked(1)
    asked(2)
    mirror = ComponentMirror.objects.get()
    assert re.search(words, mirror.trouble), mirror.trouble
    assert (mirror.trouble_since, mirror.answered_at) == (NOON + minutes(1), NOON)
    assert (status(carrier), Outage.objects.get().ended_at) == ("major_outage", None)
    provider.rules.clear()
    asked(3)
    mirror.refresh_from_db()
    assert (mirror.trouble, mirror.trouble_since, mirror.answered_at) == ("", None, NOON + minutes(3))


def nonsense(provider: Provider, kind: bytes | str) -> bytes:
    """What a page says that is almost right."""
    if isinstance(kind, bytes):
        return kind
    said = json.loads(provider.summary)
    if kind == "gone":
        said["components"] = [each for each in said["components"] if each["name"] != "SMS"]
    else:
        said["components"][0]["status"] = said["components"][1]["status"] = "on fire"
    return json.dumps(said).encode()


def test_staffs_own_word_wins_while_an_incident_is_open_and_evidence_is_kept_all_the_same(provider, carrier):
    asked(0)
    opened = incident({carrier: "partial_outage"}, cause="beyond_control", now=NOON + minutes(1))
    provider.say("critical", [FIRE], SMS="major_outage")
    asked(2)
    outage = Outage.objects.get()
    assert (status(carrier), outage.cause) == ("partial_outage", "beyond_control")
    assert outage.provider_evidence["incidents"][0]["id"] == "firefirefire"
    incidents.publish_update(incident=opened, status="resolved", body="Over.", actor=ALICE, now=NOON + minutes(3))
    assert status(carrier) == "operational"
    asked(4)
    assert (status(carrier), Outage.objects.get(ended_at=None).cause) == ("major_outage", "third_party")
    asked(5)
    assert Outage.objects.get(ended_at=None).provider_incident == "firefirefire", "asked in full, though unchanged"
    assert [code for *_, code in provider.asked] == [200, 200, 304, 200]


def test_a_whole_page_is_followed_by_its_own_indicator_and_asked_once_for_all(provider, carrier):
    whole = component("Cloud", is_third_party=True)
    follows(whole, provider)
    found = {}
    for minute, indicator in enumerate(("none", "minor", "major", "critical", "maintenance")):
        provider.say(indicator, [FIRE])
        asked(minute)
        found[indicator] = status(whole)
    assert list(found.values()) == [
        "operational", "degraded_performance", "partial_outage", "major_outage", "under_maintenance",
    ]  # fmt: skip
    assert len(provider.asked) == 5
    assert set(Outage.objects.values_list("cause", flat=True)) == {"third_party"}
    assert set(Outage.objects.values_list("provider_incident", flat=True)) == {"firefirefire"}


def test_addresses_inside_are_not_asked(provider, carrier, settings):
    settings.MIRROR_ALLOWED_HOSTS = []
    asked(0)
    assert ComponentMirror.objects.get().trouble
    assert provider.asked == []
    for address in (
        "http://status.example.com",
        "https://127.0.0.1",
        "https://169.254.169.254",
        "https://user@x.example",
    ):
        with pytest.raises(asking.NoAnswer):
            asking.ask(address)


@pytest.mark.parametrize("ending", ["", "/", "/api/v2", "/api/v2/", "/api/v2/summary.json"])
def test_an_address_is_taken_as_it_was_pasted(ending):
    assert asking.base_of(f" https://status.example.com/cloud{ending} ") == "https://status.example.com/cloud"


def test_who_may_and_what_can_follow(provider, carrier):
    own = component("API")
    for row, actor, refusal in ((own, audit.SYSTEM, ValidationError), (carrier, ALICE, PermissionDenied)):
        with pytest.raises(refusal):
            mirror_component(component=row, followed=Followed(provider.url, "Cloud"), actor=actor)
    provider.say("major", SMS="major_outage")
    asked(0)
    stop_mirror(component=carrier, actor=audit.SYSTEM)
    asked(1)
    assert (status(carrier), len(provider.asked)) == ("major_outage", 1)
    assert [each.action for each in AuditEntry.objects.order_by("id")][-1] == "stop_mirror"


def test_an_answer_that_comes_after_the_next_question_changes_nothing(provider, carrier):
    (stale,) = mirrors.claim_due(NOON, timedelta(seconds=60))
    asked(2)
    mirrors.take_word(stale, mirrors.Word("major_outage"), now=NOON + minutes(3))
    assert (status(carrier), ComponentMirror.objects.get().said) == ("operational", "operational")


@pytest.mark.django_db(transaction=True)
def test_of_several_workers_one_asks(provider):
    follows(component("Carrier", is_third_party=True), provider, "SMS")
    start, done = threading.Barrier(4), []

    def work() -> None:
        start.wait()
        try:
            done.append(ask_due(NOON))
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    assert (sorted(done), len(provider.asked)) == ([0, 0, 0, 1], 1)
    asked(0.9)
    assert len(provider.asked) == 1, "not before its turn"
    asked(1)
    assert len(provider.asked) == 2


def test_what_could_not_be_published_is_made_up_for_though_the_page_says_nothing_new(
    provider, carrier, settings, tmp_path
):
    provider.say("major", SMS="major_outage")
    root, settings.PUBLISH_ROOT = settings.PUBLISH_ROOT, tmp_path / "file" / "below"
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(FolderUnusable):
        asked(0)
    assert (status(carrier), ComponentMirror.objects.get().said) == ("operational", "major_outage")
    settings.PUBLISH_ROOT = root
    asked(1)
    assert ([code for *_, code in provider.asked], status(carrier)) == ([200, 304], "major_outage")


def test_the_sweep_asks(provider, carrier):
    provider.say("major", SMS="major_outage")
    tasks.ask_providers()
    assert status(carrier) == "major_outage"
    assert "statuspage.tasks.ask_providers" in {each["task"] for each in conf.settings.CELERY_BEAT_SCHEDULE.values()}
