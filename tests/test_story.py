"""The story: readers subscribe, staff publish, the page shows it, everyone is told once.

Real parts: PostgreSQL (and SQLite), Valkey, two workers, an SMTP sink, an HTTP server that
speaks Twilio's API and sends signed callbacks, and Chromium.
"""

import json
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.site import Site

pytestmark = pytest.mark.serial

READER, NUMBER = "reader@example.org", "+31612345678"
STAFF, PASSPHRASE = "alice", "a long enough passphrase"
ATOM = "{http://www.w3.org/2005/Atom}"

PREPARE = f"""
from django.contrib.auth.models import Group, User
from statuspage import audit
from statuspage.actions import components, groups
core = groups.save_group(name="Core", actor=audit.SYSTEM)
components.create_component(name="API", group=core, actor=audit.SYSTEM)
components.create_component(name="Console", group=core, actor=audit.SYSTEM)
alice = User.objects.create_user({STAFF!r}, password={PASSPHRASE!r}, is_staff=True)
alice.groups.add(Group.objects.create(name="publisher"))
"""


@pytest.fixture(params=["postgres", "sqlite"])
def site(request, make_site: Callable[..., Site]) -> Site:
    running = make_site(request.param, workers=2, SITE_NAME="Example")
    running.manage("shell", "-c", PREPARE)
    return running


@pytest.fixture
def tab(site: Site, chromium: Any):
    """A browser tab that notices every error of a page."""
    context = chromium.new_context(base_url=site.url)
    page = context.new_page()
    problems: list[str] = []
    page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    yield page
    context.close()
    assert problems == []


# --- Readers ------------------------------------------------------------------------------------


def subscribe(site: Site, tab: Any) -> None:
    """One reader by e-mail, one by SMS; each confirms by the link they got."""
    tab.goto("/")
    tab.get_by_role("button", name="Get updates").click()
    tab.fill("#updates-email", READER)
    tab.get_by_role("button", name="Send me the link").click()
    confirm(tab, link_in(first_mail(site).text))
    tab.goto("/subscribe")
    tab.select_option("[name=phone_country]", "NL")
    tab.fill("[name=phone_number]", "06 12345678")
    tab.get_by_role("button", name="Send me the link").click()
    confirm(tab, link_in(first_text(site)))


def first_mail(site: Site):
    return site.wait_for(lambda: site.smtp.messages(to=READER), 30, "a mail asks to confirm")[0]


def first_text(site: Site) -> str:
    return str(site.wait_for(lambda: site.twilio.messages(to=NUMBER), 30, "a text asks to confirm")[0]["body"])


def link_in(text: str) -> str:
    (link,) = set(re.findall(r"http://127\.0\.0\.1:\d+(/subscriptions/\w+)", text))
    return str(link)


def confirm(tab: Any, link: str) -> None:
    tab.goto(link)
    tab.get_by_role("button", name="Confirm").click()
    assert "/subscriptions/" not in tab.url, "the token stays out of the address"


def told(site: Site) -> tuple[int, int]:
    """Messages each reader has, the confirmation included."""
    return len(site.smtp.messages(to=READER)), len(site.twilio.messages(to=NUMBER))


def wait_until_told(site: Site, count: int) -> None:
    site.wait_for(lambda: told(site) == (count, count), 40, f"each reader has {count} messages")


# --- Staff --------------------------------------------------------------------------------------


def sign_in(tab: Any) -> None:
    tab.goto("/admin/")
    tab.fill("[name=username]", STAFF)
    tab.fill("[name=password]", PASSPHRASE)
    tab.get_by_role("button", name="Log in").click()
    tab.get_by_role("link", name="Open an incident").wait_for()


def send(tab: Any, people: int) -> None:
    """Review, see who will be told, publish."""
    tab.get_by_role("button", name="Review").click()
    assert f"This will tell {people} subscribers: 1 by e-mail, 1 by SMS." in tab.inner_text("#audience")
    tab.get_by_role("button", name=f"Publish and tell {people} subscribers").click()
    tab.get_by_text("Published: readers see it now.").wait_for()


def open_incident(tab: Any) -> str:
    tab.goto("/admin/")
    tab.get_by_role("link", name="Open an incident").click()
    tab.fill("[name=name]", "Requests fail")
    tab.fill("[name=body]", "One request in ten **fails**.")
    tab.get_by_label("API", exact=False).first.select_option("partial_outage")
    send(tab, 2)
    return str(re.search(r"/incident/(\w+)/", tab.url).group(1))


def update(tab: Any, incident: str, status: str, body: str) -> None:
    tab.goto(f"/admin/incident/{incident}/")
    tab.select_option("[name=status]", status)
    tab.fill("[name=body]", body)
    send(tab, 2)


def schedule(tab: Any) -> str:
    start = (datetime.now(UTC) + timedelta(days=3)).replace(minute=0)
    tab.goto("/admin/maintenance/new/")
    tab.fill("[name=name]", "Database upgrade")
    tab.fill("[name=body]", "The console is read-only.")
    tab.select_option("[name=time_zone]", "UTC")
    tab.fill("[name=starts]", f"{start:%Y-%m-%dT%H:%M}")
    tab.fill("[name=ends]", f"{start + timedelta(hours=2):%Y-%m-%dT%H:%M}")
    tab.get_by_label("Core - Console").check()
    send(tab, 2)
    return str(re.search(r"/maintenance/(\w+)/", tab.url).group(1))


# --- What is published -------------------------------------------------------------------------


def published_everywhere(site: Site, pk: str, words: str) -> None:
    """Page, its own page, JSON, RSS and Atom, without waiting."""
    assert words in site.get("/").text
    assert words in site.get(f"/incidents/{pk}").text
    assert words in site.get("/api/v2/summary.json").text or words in site.get("/api/v2/incidents.json").text
    assert words in newest(site, "/history.rss", "channel/item", "description")
    assert words in newest(site, "/history.atom", f"{ATOM}entry", f"{ATOM}content")


def newest(site: Site, path: str, entry: str, body: str) -> str:
    feed = ElementTree.fromstring(site.get(path).body)
    return str(feed.find(entry).findtext(body))


def status_of(site: Site) -> str:
    return str(site.get("/api/v2/status.json").json()["status"]["description"])


def test_the_whole_story(site, tab):
    subscribe(site, tab)
    sign_in(tab)

    incident = open_incident(tab)
    assert status_of(site) == "Minor Service Outage"
    published_everywhere(site, incident, "One request in ten")
    wait_until_told(site, 2)

    for number, (status, body) in enumerate(
        [("identified", "A disk is full."), ("monitoring", "The disk is cleared."), ("resolved", "All requests pass.")]
    ):
        update(tab, incident, status, body)
        page_or_history = "/" if status != "resolved" else f"/incidents/{incident}"
        assert body in site.get(page_or_history).text
        assert body in newest(site, "/history.rss", "channel/item", "description")
        assert body in newest(site, "/history.atom", f"{ATOM}entry", f"{ATOM}content")
        assert body in site.get("/api/v2/incidents.json").text
        wait_until_told(site, 3 + number)
    assert status_of(site) == "All Systems Operational"

    window = schedule(tab)
    published_everywhere(site, window, "The console is read-only.")
    wait_until_told(site, 6)

    every_link_works(site)
    the_ledger_agrees(site)
    assert told(site) == (6, 6), "nobody was told anything twice"


def every_link_works(site: Site) -> None:
    """Links to pages answer 200; the one-click unsubscribe is there and changes nothing on GET."""
    texts = [mail.text for mail in site.smtp.messages(to=READER)[1:]]
    texts += [
        message["body"] for message in site.twilio.messages(to=NUMBER) if "/subscriptions/" not in message["body"]
    ]
    for text in texts:
        links = re.findall(re.escape(site.url) + r"(/[^\s>)]*)", text)
        assert any("/incidents/" in link for link in links), text
        assert {site.get(link).status for link in links} == {200}, links


def the_ledger_agrees(site: Site) -> None:
    """SMS are delivered, by Twilio's receipts; mails are accepted, which is all a relay says."""

    def counted() -> list[dict[str, dict[str, int]]]:
        report = json.loads(site.manage("delivery_report", "--format", "json").stdout)
        return [event["channels"] for event in report["events"] if event["channels"]]

    one_each = {"email": {"accepted": 1}, "sms": {"delivered": 1}}
    site.wait_for(lambda: counted().count(one_each) == 5, 30, "four updates and a window rest in the ledger")
