"""Endpoints as they stand before a test begins, and what a test of webhooks asks again and again."""

import re
from pathlib import Path

from notifications import addresses, fanout, subscriptions, tokens
from notifications.choices import Choices
from notifications.models import Delivery, LinkToken, Subscription
from statuspage.actions import incidents
from tests.notifications.ledger import make_due, send
from tests.statuspage import given

SAME = {"Sec-Fetch-Site": "same-origin"}
OWNER = "owner@example.org"


def newest_link() -> str:
    row = LinkToken.objects.latest("created_at")
    return tokens.link_token(row)


def asked(url: str, owner: str = OWNER, **wanted) -> None:
    address = addresses.endpoint(url, addresses.email(owner))
    subscriptions.request_webhook(address, Choices(**wanted), network="n")


def subscribed(url: str, owner: str = OWNER, **wanted) -> tuple[Subscription, str]:
    """A confirmed webhook and its secret."""
    asked(url, owner, **wanted)
    return subscriptions.confirm_and_show(newest_link())


def published(status: str = "partial_outage", **facts):
    """An incident, fanned out."""
    incident = given.incident({given.component("API"): status}, now=None, **facts)
    fanout.relay()
    return incident


def update(incident, **facts):
    facts = {"status": "identified", "body": "Found.", "actor": given.ALICE} | facts
    incidents.publish_update(incident=incident, **facts)
    fanout.relay()


def mails(relay) -> list[str]:
    """Subjects to the owner, after the mail lane's turn."""
    fanout.relay()
    send("email")
    return [str(mail.message["Subject"]) for mail in relay.messages()]


def body_of_newest(relay) -> str:
    return relay.messages()[-1].message.get_body(("plain",)).get_content()


def incident_deliveries():
    return Delivery.objects.filter(channel="webhook", event__kind="incident_update")


def documented() -> dict:
    """The example of docs/webhooks.md, as receivers copy it."""
    text = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text()
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    found: dict = {}
    exec(code, found)
    return found


def fail(times: int) -> None:
    for _ in range(times):
        send("webhook")
        make_due()
