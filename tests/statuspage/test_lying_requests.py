"""Requests that lie: about their host, where to go next, what is to be kept, which zone they live in."""

import pytest
from django.test import Client

from notifications.models import Audience, LinkToken, OutboxEvent, Subscriber

from .console.conftest import person
from .given import component, incident
from .test_serve import Reader

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("publish_root")]

JUNK = ("x=1", "page=2&page=3", "utm_source=" + "x" * 5000, "%00", "tz=Europe/Amsterdam", "=&&;;", "callback=alert(1)")
FORWARDED = {
    "x_forwarded_host": "evil.example",
    "x_forwarded_proto": "gopher",
    "x_forwarded_port": "1",
    "x_forwarded_prefix": "/evil",
    "x_original_url": "/admin/",
    "x_rewrite_url": "/admin/",
    "forwarded": "for=evil;host=evil.example;proto=gopher",
    "origin": "https://evil.example",
    "cookie": "sid=evil",
    "accept_language": "ar",
    "user_agent": "evil",
}
PATHS = ("/", "/history", "/api/v2/summary.json", "/history.atom", "/history.rss", "/badge.svg", "/nothing-is-here")
ZONES = ("../../etc/passwd", "x" * 10_000, "Nowhere/Never", "Europe/Amsterdam\x00", "/etc/passwd", "")


@pytest.fixture
def reader():
    incident({component(): "major_outage"}, name="Cables were cut")
    return Reader()


# --- A cache between (fault 80) --------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PATHS)
def test_fault_80_what_is_published_depends_on_its_path_and_the_encodings_alone(reader, path):
    """Whatever else a request says, a cache may keep the answer under this address for everybody."""
    plain = reader.ask(path)
    for query in JUNK:
        assert reader.ask(path, query=query) == plain
    for name, value in FORWARDED.items():
        assert reader.ask(path, **{name: value}) == plain, name
    assert reader.ask(path, host="evil.example") == plain
    assert plain[1]["Vary"] == "Accept-Encoding"
    assert "evil" not in str(plain)
    assert reader.ask(path, accept_encoding="br")[1]["ETag"] != plain[1]["ETag"]


@pytest.mark.parametrize("path", ["/admin/login/", "/subscriptions/nosuchlink", "/unsubscribe/nosuchlink"])
def test_fault_80_what_django_answers_repeats_nothing_of_them_and_is_kept_by_nobody(reader, path, settings):
    assert settings.USE_X_FORWARDED_HOST is settings.USE_X_FORWARDED_PORT is False
    claims = {f"HTTP_{name.upper()}": value for name, value in FORWARDED.items() if name != "cookie"}
    answer = Client().get(path, **claims)
    assert answer.status_code in {200, 410}
    assert "evil" not in answer.text + str(dict(answer.headers))
    assert {"no-store", "private"} & set(answer.headers["Cache-Control"].replace(",", " ").split())


# --- Another host (fault 79) -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "evil.example:80", "127.0.0.1@evil.example"]
)
def test_fault_79_a_request_for_another_host_is_refused_and_nobody_is_sent_a_link_for_it(reader, host):
    """The same form at the site's own address makes one link, and one message that carries it."""
    client = Client(HTTP_HOST=host, raise_request_exception=False)
    for answer in (client.get("/admin/login/"), subscribe(client)):
        assert answer.status_code == 400
        assert "evil" not in answer.text
    assert links_to_send() == (0, 0)
    assert subscribe(Client()).status_code == 303
    assert links_to_send() == (1, 1)


def subscribe(client, **typed):
    form = {"email": "reader@example.com"} | typed
    return client.post("/subscribe", form, headers={"Sec-Fetch-Site": "same-origin"})


def links_to_send():
    """How many links there are, and how many messages to one person."""
    return LinkToken.objects.count(), OutboxEvent.objects.filter(audience=Audience.ONE).count()


def test_fault_79_a_link_for_staff_is_made_from_the_sites_own_address(settings):
    settings.SITE_URL = "https://status.example.com"
    owner = Client()
    owner.force_login(person("owner"))
    answer = owner.post(f"/admin/staff/{person('publisher').pk}/invite/")
    assert "https://status.example.com/admin/invitation/" in answer.text


# --- Elsewhere next (fault 78) ---------------------------------------------------------------------------------------

ELSEWHERE = (
    "//evil.example",
    "https://evil.example/admin/",
    "/\\evil.example",
    "javascript:alert(1)",
    "///evil.example",
)


@pytest.mark.parametrize("target", ELSEWHERE)
def test_fault_78_signing_in_leads_into_the_console_whatever_the_address_asked_for(target):
    user = person("publisher")
    user.set_password("correct horse battery staple")
    user.save()
    typed = {"username": user.username, "password": "correct horse battery staple", "next": target}
    answer = Client().post(f"/admin/login/?next={target}", typed)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/admin/")


@pytest.mark.parametrize("target", ELSEWHERE)
def test_fault_78_taking_back_leads_into_the_console_whatever_the_form_asked_for(target):
    client = Client()
    client.force_login(person("publisher"))
    answer = client.post(f"/admin/recall/{incident().updates.get().pk}/", {"back": target})
    assert answer.headers["Location"] == "/admin/"


# --- A zone that is none (fault 55) ----------------------------------------------------------------------------------


@pytest.mark.parametrize("zone", ZONES)
def test_fault_55_a_zone_in_the_address_changes_nothing_and_one_in_a_form_is_utc(reader, zone):
    for path in ("/", "/history", "/nowhere"):
        assert reader.ask(path, query=f"tz={zone}") == reader.ask(path)
    status, stored = (422, []) if "\x00" in zone else (303, ["Etc/UTC"])
    assert subscribe(Client(), time_zone=zone).status_code == status
    assert list(Subscriber.objects.values_list("time_zone", flat=True)) == stored


@pytest.mark.parametrize("zone", ZONES)
def test_fault_55_nothing_is_planned_in_a_zone_that_is_none(zone):
    client = Client()
    client.force_login(person("publisher"))
    times = {"time_zone": zone, "starts": "2099-01-01T02:00", "ends": "2099-01-01T04:00"}
    words = {"name": "New disks", "body": "Read-only.", "key": "k", "step": "publish"}
    answer = client.post("/admin/maintenance/new/", {**words, **times})
    assert answer.status_code == 422
    assert 'id="id_time_zone_error"' in answer.text
