"""Fixtures of the ledger's tests: short deadlines, providers that do as they are told."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from notifications import providers
from notifications.delivery import senders
from statuspage import events
from tests.notifications.scripted import Scripted
from tests.servers.smtp import SmtpSink
from tests.servers.twilio import SENDER, TwilioStandIn
from tests.servers.webhook import WebhookSink


@pytest.fixture
def quick(settings: Settings) -> Iterator[Settings]:
    """No time to undo, no canary, short deadlines. Connections end with the test.

    Waits between tries are as in production: a test that is past them says so with `make_due`.
    """
    settings.UNDO_SECONDS = 0
    settings.CANARY_SECONDS = 0
    settings.DELIVERY_MAIL_DEADLINE_SECONDS = 2.0
    settings.DELIVERY_SMS_DEADLINE_SECONDS = 2.0
    settings.SMS_PER_SECOND = 1000.0
    settings.SITE_URL = "https://status.example.com"
    settings.EMAIL_FROM = "Example Status <status@example.com>"
    yield settings
    for key in list(senders._kept):
        senders.forget(key)


@pytest.fixture
def published() -> Iterator[list[events.Event]]:
    """Every event that actions emit, in order."""
    heard: list[events.Event] = []

    def hear(sender: object, event: events.Event, **kwargs: object) -> None:
        heard.append(event)

    events.published.connect(hear)
    yield heard
    events.published.disconnect(hear)


@pytest.fixture
def relay(quick: Settings, smtp_sink: SmtpSink) -> SmtpSink:
    """Mail goes to a real SMTP server."""
    quick.EMAIL_URL = smtp_sink.url
    return smtp_sink


@pytest.fixture
def twilio(quick: Settings, twilio_server: TwilioStandIn) -> TwilioStandIn:
    """Texts go to a server that speaks Twilio's API. Nobody takes its callbacks."""
    quick.TWILIO_ACCOUNT_SID = twilio_server.account_sid
    quick.TWILIO_AUTH_TOKEN = twilio_server.auth_token
    quick.TWILIO_API_URL = twilio_server.url
    quick.TWILIO_FROM = SENDER
    twilio_server.callbacks(mode="none")
    return twilio_server


@pytest.fixture
def called_back(quick: Settings, twilio: TwilioStandIn, live_server: Any) -> TwilioStandIn:
    """Texts go to the stand-in, and its signed callbacks come to us over HTTP."""
    quick.SITE_URL = live_server.url
    quick.SECURE_SSL_REDIRECT = False
    twilio.callbacks(mode="ordered")
    return twilio


@pytest.fixture
def scripted(quick: Settings, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Scripted]:
    """A provider that answers as scripted, in place of a channel's own."""

    def put(channel: str = "email", *answers: object) -> Scripted:
        provider = Scripted(list(answers))
        real = providers.provider_for
        monkeypatch.setattr(providers, "provider_for", lambda name: provider if name == channel else real(name))
        for key in list(senders._kept):
            senders.forget(key)
        return provider

    return put


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[WebhookSink]:
    """An endpoint that speaks HTTPS; `WEBHOOK_ALLOWED_HOSTS` takes its `host`."""
    server = WebhookSink(tmp_path / "sink").start()
    yield server
    server.stop()


@pytest.fixture
def webhooks(
    relay: SmtpSink, quick: Settings, sink: WebhookSink, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Settings:
    """Webhooks are on; the sink's host is allowed and its authority trusted."""
    quick.WEBHOOKS = True
    quick.WEBHOOK_ALLOWED_HOSTS = [sink.host]
    quick.DELIVERY_WEBHOOK_DEADLINE_SECONDS = 2.0
    quick.SUBSCRIBE_PER_ADDRESS_QUARTER_HOUR = quick.SUBSCRIBE_PER_ADDRESS_DAY = 1_000
    quick.STATIC_ROOT = tmp_path
    monkeypatch.setenv("SSL_CERT_FILE", str(sink.ca_file))
    return quick
