"""/hooks/mail: a monitor's mail says how a component is, where no person does."""

from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime

import pytest
from django.test import Client

from statuspage import audit, mail_addresses
from statuspage.actions import incidents, mail_words
from statuspage.alerting import mails
from statuspage.models import AuditEntry, Component, HookCall
from tests.statuspage.given import ALICE, component

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("publish_root")]


@pytest.fixture(autouse=True)
def domain(settings):
    settings.BOUNCE_DOMAIN = "in.example.com"


def letter(subject: str = "DOWN: API", minutes: float = 0, **headers: str) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "monitor@example.net", "somebody@example.com", subject
    mail["Date"] = format_datetime(datetime.now(UTC) + timedelta(minutes=minutes))
    for name, words in headers.items():
        mail[name.replace("_", "-")] = words
    mail.set_content("It was UP and is DOWN, or the other way round.")
    return mail.as_bytes()


def send(address: str, raw: bytes | None = None, **options) -> int:
    client = Client(enforce_csrf_checks=True)
    headers = {"X-Original-To": address}
    return client.post("/hooks/mail", raw or letter(), "message/rfc822", headers=headers, **options).status_code


def status() -> str:
    return Component.objects.get().status


def test_down_and_up_in_the_subject_are_the_components_status():
    api = component("API")
    own = mail_addresses.address_of(api)
    assert len(own.split("@")[0]) <= 64 and own.endswith("@in.example.com")
    for address, word, expected in [
        (own, "DOWN", "major_outage"),
        (own, "UP", "operational"),
        (mail_addresses.address_of(api, "degraded"), "Monitor is DOWN: api", "degraded_performance"),
        (mail_addresses.address_of(api, "partial").upper(), "[down] api", "partial_outage"),
        (own, "=?utf-8?b?QVBJIGlzIFVQIOKchQ==?=", "operational"),
    ]:
        assert send(address, letter().replace(b"Subject: DOWN: API", f"Subject: {word}".encode())) == 204
        assert status() == expected
    said = set(AuditEntry.objects.filter(action="set_component_statuses").values_list("actor_name", "source"))
    assert said == {("mail to API", "mail")}
    before = AuditEntry.objects.count()
    assert (send(own, letter("UP")), AuditEntry.objects.count()) == (204, before), "said twice is done once"


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (letter("It goes up and DOWNUNDER"), None),
        (letter("UP or DOWN"), "neither"),
        (letter("Hello"), "neither"),
        (letter(Auto_Submitted="auto-replied (vacation)"), "answer"),
        (letter(Return_Path="<>"), "answer"),
        (letter(X_Delivery_ID="0000"), "answer"),
        (letter(Precedence="auto_reply"), "answer"),
        (letter(minutes=-1500), "old"),
        (letter(Auto_Submitted="auto-generated"), None),
        (b"", "neither"),
        (b"Subject: =?nonsense?q?DOWN?=\r\nDate: Mon, 99 Foo\r\n\r\n", None),
    ],
)
def test_what_no_monitor_wrote_or_nobody_understands_changes_nothing(raw, why):
    api = component("API", status="degraded_performance")
    assert send(mail_addresses.address_of(api), raw or b"\r\n") == 204
    assert HookCall.objects.get().said == mail_words.IGNORED.get(why, "")
    assert (status() == "degraded_performance") is (why is not None)


def test_a_mail_that_was_overtaken_changes_nothing():
    api = component("API")
    address = mail_addresses.address_of(api)
    assert [send(address, letter("UP", minutes=2)), send(address, letter("DOWN", minutes=1))] == [204, 204]
    assert status() == "operational"
    send(address, letter("DOWN", minutes=600)), send(address, letter("UP", minutes=3))
    assert status() == "operational", "a clock that is wrong holds nothing up"


def test_while_people_speak_of_the_component_mail_is_silent():
    api = component("API")
    address = mail_addresses.address_of(api)
    opened = incidents.open_incident(name="API", body="Slow.", actor=ALICE, components={api.pk: "partial_outage"})
    assert (send(address), status()) == (204, "partial_outage")
    incidents.publish_update(incident=opened, status="resolved", body="Over.", actor=ALICE)
    assert (send(address), status()) == (204, "major_outage")
    assert list(HookCall.objects.values_list("did", flat=True)) == ["set", "ignored"]


def test_only_the_address_it_has_now_opens_it_and_nothing_too_long(settings):
    api, other = component("API"), component("Other")
    old = mail_addresses.address_of(api)
    mail_words.change_address(component=api, actor=audit.SYSTEM)
    token = mail_addresses.token_of(other)
    for wrong in (old, "component+x@in.example.com", f"component+{'a' if token[0] != 'a' else 'b'}{token[1:]}@x",
                  f"component+{token}-mild@in.example.com", "bounce+x@in.example.com", ""):  # fmt: skip
        assert send(wrong) == 403
    assert send(mail_addresses.address_of(api), b"x" * 524_289) == 413
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another-key-" * 5, [settings.SECRET_KEY]
    assert send(f"component+{token}@in.example.com") == 204
    settings.BOUNCE_DOMAIN = ""
    assert mail_addresses.address_of(api) == ""


def test_capitals_count_before_small_letters():
    assert [mails.read(f"Subject: {each}\n\n".encode()).is_down for each in ("follow up: DOWN", "Up", "up, down")] == [
        True,
        False,
        None,
    ]


def test_only_keys_that_may_change_a_component_are_told_its_address(api):
    row = component("API")
    path = f"components/{row.pk}"
    told = {scope: api(scope).get(path).json()["automation_email"] for scope in ("read", "incidents", "components")}
    assert told == {"read": None, "incidents": None, "components": mail_addresses.address_of(row)}
