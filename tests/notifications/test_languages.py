"""A subscriber's language: the form's, the messages', and the pages' that the messages lead to."""

from email import message_from_bytes, policy
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import translation
from lxml import html

from notifications import addresses, places, subscriptions, tokens
from notifications.choices import Choices
from notifications.feeds.dialect import update_line
from notifications.messages.composer import mail_of, text_of
from notifications.models import LinkToken, OutboxEvent, Subscription
from statuspage import own_words
from statuspage.publishing.times import Clock

from .snapshots import update
from .test_messages_mail import RECIPIENT
from .test_messages_texts import NOON, event, window

pytestmark = pytest.mark.django_db

SAME = {"Sec-Fetch-Site": "same-origin"}
READER = addresses.email("reader@example.com")


@pytest.fixture(autouse=True)
def three_languages(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path
    settings.SITE_URL = "https://status.example.com"
    settings.LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("ar", "العربية")]
    settings.SUBSCRIBE_PER_ADDRESS_QUARTER_HOUR = settings.SUBSCRIBE_PER_ADDRESS_DAY = 1_000


def page(response):
    return html.document_fromstring(response.content.decode())


def newest_token() -> str:
    row = OutboxEvent.objects.latest("pk")
    return tokens.link_token(LinkToken.objects.get(pk=row.payload["link_token_id"]))


def subscribed(language: str) -> Subscription:
    subscriptions.request_subscription(address=READER, choices=Choices(language=language), network="n")
    return subscriptions.confirm(newest_token())


# --- Asking ------------------------------------------------------------------------------------------


def test_the_form_answers_in_the_language_of_its_page():
    fields = {"email": READER.value, "page_language": "de", "language": "ar"}
    response = Client().post("/subscribe", fields, headers=SAME)
    assert (response.status_code, response.headers["Location"]) == (303, "/de/subscribe/sent")
    assert subscriptions.confirm(newest_token()).subscriber.language == "ar"


def test_what_is_wrong_is_said_in_the_language_of_the_page():
    response = Client().post("/subscribe", {"email": "nobody", "page_language": "ar"}, headers=SAME)
    tree = page(response)
    assert (response.status_code, tree.get("lang"), tree.get("dir")) == (422, "ar", "rtl")
    with translation.override("ar"):
        assert translation.gettext("Nothing was sent yet. Please mend this:") in tree.text_content()
    assert tree.xpath("//input[@name='page_language']/@value") == ["ar"]


def test_languages_are_offered_each_in_its_own():
    tree = page(Client().get("/subscribe"))
    offered = tree.xpath("//select[@name='language']/option")
    assert [(each.get("value"), each.get("lang")) for each in offered] == [("en", "en"), ("de", "de"), ("ar", "ar")]


@pytest.mark.parametrize("spoken", ["xx", "../de", ""])
def test_a_language_that_is_not_spoken_is_the_sites_own(spoken):
    response = Client().post("/subscribe", {"email": "nobody", "page_language": spoken}, headers=SAME)
    assert page(response).get("lang") == "en"


# --- Pages behind a link -----------------------------------------------------------------------------------


def test_links_lead_to_pages_in_the_subscribers_language():
    subscriptions.request_subscription(address=READER, choices=Choices(language="de"), network="n")
    address = f"/subscriptions/{newest_token()}"
    assert page(Client().get(address)).get("lang") == "de"
    subscriptions.confirm(newest_token())
    subscriptions.ask_manage_link(Subscription.objects.get(), network="n")
    address = f"/subscriptions/{newest_token()}"
    tree = page(Client().get(address))
    assert tree.get("lang") == "de"
    assert tree.xpath("//select[@name='language']/option[@selected]/@value") == ["de"]
    response = Client().post(address, {"action": "save", "about": "incidents", "language": "ar"})
    assert response.headers["Location"] in {"/de/subscribe/changed", "/ar/subscribe/changed"}
    assert Subscription.objects.get().subscriber.language == "ar"


def test_leaving_is_confirmed_in_the_subscribers_language():
    url = f"/unsubscribe/{tokens.unsubscribe_token(subscribed('ar'))}"
    tree = page(Client().get(url))
    assert (tree.get("lang"), tree.get("dir")) == ("ar", "rtl")
    assert Client().post(url, {"action": "unsubscribe"}).headers["Location"] == "/ar/subscribe/unsubscribed"


def test_a_link_that_is_over_says_so_in_the_subscribers_language():
    subscribed("de")
    response = Client().get(f"/subscriptions/{newest_token()}")
    assert (response.status_code, page(response).get("lang")) == (410, "de")


# --- Messages ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("language", "direction"), [("en", "ltr"), ("de", "ltr"), ("ar", "rtl")])
def test_a_mail_speaks_and_links_in_its_readers_language(language, direction):
    message = message_from_bytes(mail_of(event(), language, "Etc/UTC").fill(RECIPIENT), policy=policy.default)
    prefix = "" if language == "en" else f"/{language}"
    part = message.get_body(("html",))
    assert part
    tree = html.document_fromstring(part.get_content())
    assert (tree.get("lang"), tree.get("dir"), message["Content-Language"]) == (language, direction, language)
    link = f"https://status.example.com{prefix}/incidents/abcdefghijkl"
    assert link in tree.xpath("//a/@href")
    assert message["List-Help"] == f"<https://status.example.com{prefix}/subscribe>"
    with translation.override(language):
        assert translation.gettext("Investigating") in message["Subject"]
    plain = message.get_body(("plain",))
    assert plain and link in plain.get_content()


def test_a_mails_style_follows_its_direction():
    def style(language: str) -> str:
        message = message_from_bytes(mail_of(event(), language, "Etc/UTC").fill(RECIPIENT), policy=policy.default)
        part = message.get_body(("html",))
        assert part
        return part.get_content().split("</style>")[0]

    assert "text-align: right" in style("ar") and "border-right: 3px" in style("ar")
    assert "text-align: left" in style("en") and "border-left: 3px" in style("en")


def test_times_and_zones_keep_their_order_where_words_run_from_right_to_left():
    message = message_from_bytes(mail_of(event(), "ar", "Europe/Amsterdam").fill(RECIPIENT), policy=policy.default)
    part = message.get_body(("plain",))
    assert part and "\u206813:00 CET\u2069" in part.get_content()
    with translation.override("ar"):
        assert all(label.endswith("(\u2068+31\u2069)") for _code, label in places.countries())
        assert "\u206812:00 UTC\u2069" in Clock(ZoneInfo("UTC")).moment(NOON)
    assert "\u2068" not in text_of(event(), "ar", "Europe/Amsterdam"), "a text has no room for what is not seen"


def test_a_text_links_to_its_readers_language():
    assert text_of(event(), "de", "Etc/UTC").endswith(" https://status.example.com/de/incidents/abcdefghijkl")
    assert text_of(event(), "xx", "Etc/UTC").endswith(" https://status.example.com/incidents/abcdefghijkl")


@pytest.mark.parametrize("language", ["en", "de", "ar"])
@pytest.mark.parametrize("stored", ["en", "de"])
def test_what_the_page_said_by_itself_is_told_in_the_readers_language(stored, language):
    """Also where the site's own language was another when it was stored."""
    with translation.override(stored):
        said = str(own_words.STARTED)
    started = window("maintenance_started", status="in_progress", body=said)
    message = message_from_bytes(mail_of(started, language, "Etc/UTC").fill(RECIPIENT), policy=policy.default)
    part = message.get_body(("plain",))
    assert part
    with translation.override(language):
        assert str(own_words.STARTED) in part.get_content()
        line = update_line(update(said, "in_progress"))
        assert f"<strong>In progress</strong> - {own_words.STARTED}</p>" in line


def test_what_staff_typed_is_told_as_they_typed_it():
    typed = "The planned work has begun. It takes an hour."
    started = window("maintenance_started", status="in_progress", body=typed)
    message = message_from_bytes(mail_of(started, "de", "Etc/UTC").fill(RECIPIENT), policy=policy.default)
    part = message.get_body(("plain",))
    assert part and typed in part.get_content()
