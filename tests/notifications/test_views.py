"""The doors for readers: what they answer, what they never tell, and what a scanner cannot set off."""

import statistics
import time
from datetime import timedelta

import pytest
from django.test import Client
from lxml import html

from notifications import addresses, subscriptions, tokens
from notifications.choices import Choices
from notifications.models import LinkToken, OutboxEvent, Subscription
from notifications.subscriptions import Reason
from tests.statuspage import given

pytestmark = pytest.mark.django_db

SAME = {"Sec-Fetch-Site": "same-origin"}
READER = "reader@example.com"


@pytest.fixture
def browser():
    """A browser that Django would hold to its CSRF rules, and that refuses to go on where a cookie is set."""
    return Client(enforce_csrf_checks=True)


@pytest.fixture(autouse=True)
def site(settings, tmp_path):
    """No limit but the addresses' own, and a folder that WhiteNoise finds."""
    settings.STATIC_ROOT = tmp_path
    settings.SUBSCRIBE_PER_NETWORK_HOUR = settings.SUBSCRIBE_PER_HOUR = 100_000


def post_form(browser, headers=SAME, **fields):
    fields = {"email": READER} | fields
    return browser.post("/subscribe", fields, headers=headers)


def newest_token():
    event = OutboxEvent.objects.latest("pk")
    return tokens.link_token(LinkToken.objects.get(pk=event.payload["link_token_id"]))


@pytest.fixture
def asked():
    """The token of a link that confirms."""
    subscriptions.request_subscription(address=addresses.email(READER), choices=Choices(), network="n")
    return newest_token()


@pytest.fixture
def subscription(asked, settings):
    settings.SUBSCRIBE_PER_ADDRESS_QUARTER_HOUR = settings.SUBSCRIBE_PER_ADDRESS_DAY = 1_000
    return subscriptions.confirm(asked)


@pytest.fixture
def manage(subscription):
    """The token of a link to manage it."""
    subscriptions.ask_manage_link(subscription, network="n")
    return newest_token()


def page(response):
    """A page's tree, once its HTML and headers are what every page's must be."""
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert not response.cookies
    tree = html.document_fromstring(response.content.decode())
    ids = tree.xpath("//@id")
    assert len(ids) == len(set(ids)), "ids are unique"
    for control in tree.xpath("//input[not(@type='hidden')] | //select"):
        named = tree.xpath("//label[@for=$id]", id=control.get("id", "")) or control.xpath("ancestor::label")
        assert named, f"{control.get('name')} has a label"
    for link in tree.xpath("//a[starts-with(@href, '#')]/@href"):
        assert tree.xpath("//*[@id=$id]", id=link[1:]), f"{link} leads nowhere"
    for described in tree.xpath("//@aria-describedby"):
        assert all(tree.xpath("//*[@id=$id]", id=each) for each in described.split()), described
    return tree


def text(response):
    return " ".join(page(response).find(".//main").text_content().split())


# --- Subscribing ---------------------------------------------------------------------------------


def test_the_form_sends_a_link_and_answers_with_a_page_that_names_nobody(browser):
    response = post_form(browser)
    assert (response.status_code, response.headers["Location"]) == (303, "/subscribe/sent")
    assert not response.content
    assert not response.cookies
    assert Subscription.objects.get().address == READER
    assert "is on its way" in text(browser.get("/subscribe/sent"))


def test_mail_and_text_may_be_asked_for_at_once(browser):
    assert post_form(browser, phone_country="NL", phone_number="06 12345678").status_code == 303
    assert set(Subscription.objects.values_list("channel", "address")) == {("email", READER), ("sms", "+31612345678")}


def test_the_choices_reach_the_subscription(browser):
    api, core = given.component("API"), given.group("Core")
    post_form(browser, about="incidents", component_ids=[api.pk], group_ids=[core.pk], time_zone="Europe/Amsterdam")
    subscription = subscriptions.confirm(newest_token())
    assert [each.pk for each in subscription.components.all()] == [api.pk]
    assert [each.pk for each in subscription.groups.all()] == [core.pk]
    assert not subscription.all_components
    assert (subscription.wants_incidents, subscription.wants_maintenances) == (True, False)
    assert subscription.subscriber.time_zone == "Europe/Amsterdam"


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"email": "nonsense"}, "email", "This is not an e-mail address"),
        ({"email": "a@b.org\r\nBcc: c@d.org"}, "email", "This is not an e-mail address"),
        ({"email": "a@b.org\x00"}, "email", "Null characters are not allowed"),
        ({"email": ""}, "email", "Give an e-mail address, a mobile number or both."),
        ({"phone_number": "12"}, "phone_number", "This is not a phone number."),
        ({"phone_number": "+4915112345678"}, "phone_number", "not offered in this number"),
        ({"phone_number": "+31201234567"}, "phone_number", "This is not a mobile number"),
        ({"phone_country": "XX", "phone_number": "+31612345678"}, "phone_country", "Select a valid choice"),
        ({"component_ids": "nosuchthing1"}, "component_ids", "no longer exists"),
        ({"component_ids": "\x00"}, "component_ids", "no longer exists"),
    ],
)
def test_bad_input_comes_back_with_its_words_and_the_rest_kept(browser, fields, field, words):
    given.component("API")
    response = post_form(browser, **{"email": READER, "about": "incidents", "time_zone": "Asia/Tokyo"} | fields)
    assert response.status_code == 422
    tree = page(response)
    error = tree.get_element_by_id(f"id_{field}_error")
    assert words in error.text_content()
    assert tree.xpath("//*[@role='alert']//a/@href") == [f"#id_{field}"]
    control = tree.get_element_by_id(f"id_{field}")
    assert f"id_{field}_error" in control.get("aria-describedby")
    assert field == "component_ids" or (control.get("aria-invalid"), control.get("autofocus")) == ("true", "")
    assert tree.xpath("//select[@name='time_zone']//option[@selected]/@value") == ["Asia/Tokyo"]
    assert tree.xpath("//input[@name='about'][@checked]/@value") == ["incidents"]
    typed = fields.get("email", READER)
    assert not typed.isprintable() or tree.get_element_by_id("id_email").get("value", "") == typed
    assert not OutboxEvent.objects.exists()


def test_an_error_of_the_choices_leads_to_them(browser):
    tree = page(post_form(browser, about="nonsense"))
    assert tree.xpath("//*[@role='alert']//a/@href") == ["#id_about"]
    assert "Select a valid choice" in tree.get_element_by_id("id_about").text_content()


def test_what_was_typed_comes_back_escaped(browser):
    response = post_form(browser, email='"><script>alert(1)</script>')
    assert b"<script>alert" not in response.content
    assert page(response).get_element_by_id("id_email").get("value") == '"><script>alert(1)</script>'


def test_a_program_that_fills_in_everything_is_answered_and_ignored(browser):
    response = post_form(browser, website="https://spam.example")
    assert (response.status_code, response.headers["Location"]) == (303, "/subscribe/sent")
    assert not Subscription.objects.exists()


def test_fault_72_a_thousand_posts_send_one_message(browser):
    for number in range(1_000):
        response = browser.post(
            "/subscribe", {"email": READER}, headers=SAME | {"X-Forwarded-For": f"10.{number % 250}.7.{number // 250}"}
        )
        assert (response.status_code, response.headers["Location"], response.content) == (303, "/subscribe/sent", b"")
    assert OutboxEvent.objects.count() == 1


def test_fault_72_nobody_chooses_a_network_by_a_header(browser, settings):
    settings.SUBSCRIBE_PER_NETWORK_HOUR = 3
    for number in range(10):
        post_form(browser, SAME | {"X-Forwarded-For": f"10.0.{number}.1"}, email=f"victim{number}@example.com")
    assert OutboxEvent.objects.count() == 3


def test_fault_73_known_and_unknown_addresses_get_the_same_bytes(browser, subscription):
    known, unknown = post_form(browser), post_form(browser, email="unknown@example.com")
    assert known.status_code == unknown.status_code
    assert known.headers == unknown.headers
    assert known.content == unknown.content


def test_fault_73_known_and_unknown_addresses_take_the_same_time(browser, settings):
    settings.SUBSCRIBE_PER_ADDRESS_QUARTER_HOUR = settings.SUBSCRIBE_PER_ADDRESS_DAY = 1_000
    for number in range(200):
        subscriptions.request_subscription(
            address=addresses.email(f"k{number}@example.com"), choices=Choices(), network="n"
        )
        subscriptions.confirm(newest_token())
    spent = {"k": [], "u": []}
    for number in range(200):
        for kind, times in spent.items():
            start = time.perf_counter()
            post_form(browser, email=f"{kind}{number}@example.com")
            times.append(time.perf_counter() - start)
    known, unknown = map(statistics.median, spent.values())
    spread = statistics.quantiles(spent["u"], n=4)
    assert abs(known - unknown) < max(spread[2] - spread[0], unknown * 0.1), (known, unknown, spread)


# --- Whose form it is -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://127.0.0.1:8000"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:8000.evil.example"},
    ],
)
def test_fault_76_another_sites_form_is_refused_in_words(browser, headers):
    response = post_form(browser, headers)
    assert response.status_code == 403
    assert "another site" in text(response)
    assert not Subscription.objects.exists()


@pytest.mark.parametrize(
    "headers",
    [
        SAME,
        SAME | {"Origin": "null"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "http://127.0.0.1:8000"},
        {"Origin": "http://testserver"},
        {},
    ],
)
def test_fault_76_our_own_form_needs_no_cookie_and_no_token(browser, headers, settings):
    settings.ALLOWED_HOSTS = ["testserver"]
    assert post_form(browser, headers).status_code == 303


def test_fault_76_one_click_is_exempt_because_its_token_is_the_authority(browser, subscription):
    headers = {"Sec-Fetch-Site": "cross-site", "Origin": "https://mail.example"}
    url = f"/unsubscribe/{tokens.unsubscribe_token(subscription)}"
    response = browser.post(url, {"List-Unsubscribe": "One-Click"}, headers=headers)
    assert response.status_code == 200
    assert not response.cookies
    subscription.refresh_from_db()
    assert (subscription.is_confirmed, subscription.unsubscribe_reason) == (False, "one_click")
    assert browser.post(url, {"List-Unsubscribe": "One-Click"}, headers=headers).status_code == 200


# --- Links ---------------------------------------------------------------------------------------------


def test_confirming_takes_a_press_of_a_button(browser, asked):
    assert "Confirm your subscription" in text(browser.get(f"/subscriptions/{asked}"))
    response = browser.post(f"/subscriptions/{asked}", {"action": "confirm"})
    assert (response.status_code, response.headers["Location"]) == (303, "/subscribe/confirmed")
    assert Subscription.objects.get().is_confirmed


def test_a_confirmed_reader_sees_what_would_change(browser, subscription):
    subscriptions.request_subscription(
        address=addresses.email(READER), choices=Choices(wants_incidents=False), network="n"
    )
    shown = text(browser.get(f"/subscriptions/{newest_token()}"))
    assert "Change your subscription?" in shown
    assert "Planned maintenance only" in shown
    assert "What you get now" in shown
    assert "Incidents and planned maintenance" in shown


def test_a_choice_whose_only_component_vanished_is_refused_where_the_error_leads_to(browser, subscription, manage):
    response = browser.post(f"/subscriptions/{manage}", {"action": "save", "component_ids": "vanished0000"})
    tree = page(response)
    (link,) = tree.xpath("//*[@role='alert']//a")
    assert (response.status_code, link.get("href")) == (422, "#id_component_ids")
    assert "Components: One of the components no longer exists." in link.text_content()
    fieldset = tree.get_element_by_id("id_component_ids")
    assert "no longer exists" in fieldset.text_content() and not fieldset.xpath(".//details")
    assert browser.post(f"/subscriptions/{manage}", {"action": "save"}).status_code == 303


def test_fault_75_a_scanner_that_opens_every_link_changes_nothing(browser, subscription, manage):
    subscriptions.request_subscription(
        address=addresses.email(READER), choices=Choices(wants_incidents=False), network="n"
    )
    before = Subscription.objects.values().get(), list(LinkToken.objects.values().order_by("pk"))
    for url in (
        f"/subscriptions/{manage}",
        f"/subscriptions/{newest_token()}",
        f"/unsubscribe/{tokens.unsubscribe_token(subscription)}",
    ):
        for method in (browser.get, browser.head):
            for query in ("", "?List-Unsubscribe=One-Click", "?action=unsubscribe"):
                assert method(url + query).status_code == 200
    assert (Subscription.objects.values().get(), list(LinkToken.objects.values().order_by("pk"))) == before


def test_fault_75_pages_behind_a_token_are_kept_by_nobody_and_told_to_nobody(browser, subscription, manage):
    used = f"/subscriptions/{manage}"
    responses = [
        browser.get(used),
        browser.get(f"/unsubscribe/{tokens.unsubscribe_token(subscription)}"),
        browser.post(used, {"action": "save"}),
        browser.get(used),
        browser.get("/subscriptions/unknown"),
        browser.get("/unsubscribe/unknown"),
    ]
    assert [response.status_code for response in responses] == [200, 200, 303, 410, 410, 410]
    for response in responses:
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert response.headers["X-Robots-Tag"] == "noindex"
        assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]
        assert not response.cookies
        assert manage not in response.headers.get("Location", "")
        assert manage.encode() not in response.content
        assert b'name="referrer"' not in response.content, "it would be heard before the header"


def test_fault_75_a_replayed_link_is_gone_and_offers_a_new_one(browser, asked, settings):
    settings.SUBSCRIBE_PER_ADDRESS_QUARTER_HOUR = 10
    browser.post(f"/subscriptions/{asked}", {"action": "confirm"})
    replayed = browser.post(f"/subscriptions/{asked}", {"action": "confirm"})
    assert replayed.status_code == 410
    assert "It was used already" in text(replayed)
    response = browser.post(f"/subscriptions/{asked}", {"action": "renew"})
    assert (response.status_code, response.headers["Location"]) == (303, "/subscribe/sent")
    assert OutboxEvent.objects.latest("pk").kind == "manage_link"


def test_fault_75_a_link_whose_time_is_over_offers_a_new_one(browser, asked):
    LinkToken.objects.update(expires_at=LinkToken.objects.get().created_at - timedelta(seconds=1))
    response = browser.get(f"/subscriptions/{asked}")
    assert response.status_code == 410
    assert "Its time is over." in text(response)
    assert page(response).xpath("//button/@value") == ["renew"]


@pytest.mark.parametrize("token", ["x", "a" * 32, "%00", "%F0%9F%98%80", "a" * 5_000, "..%2f.."])
@pytest.mark.parametrize("path", ["subscriptions", "unsubscribe"])
def test_fault_75_an_unknown_link_is_gone(browser, path, token):
    for response in (browser.get(f"/{path}/{token}"), browser.post(f"/{path}/{token}", {"action": "renew"})):
        assert response.status_code in {404, 410}
        assert not OutboxEvent.objects.exists()


def test_fault_75_no_log_holds_a_token(browser, manage, caplog):
    bad = browser.post(f"/subscriptions/{manage}", {"component_ids": "nosuchthing1"})
    browser.post(f"/subscriptions/{manage}", {"action": "save"})
    gone = browser.get(f"/subscriptions/{manage}")
    assert (bad.status_code, gone.status_code) == (422, 410)
    assert manage not in caplog.text


def test_managing_changes_the_choices_once(browser, subscription, manage):
    api = given.component("API")
    tree = page(browser.get(f"/subscriptions/{manage}"))
    assert tree.xpath("//input[@name='about'][@checked]/@value") == ["everything"]
    response = browser.post(
        f"/subscriptions/{manage}",
        {"action": "save", "about": "maintenances", "component_ids": [api.pk], "time_zone": "Asia/Tokyo"},
    )
    assert (response.status_code, response.headers["Location"]) == (303, "/subscribe/changed")
    subscription.refresh_from_db()
    assert (subscription.wants_incidents, subscription.all_components) == (False, False)
    assert subscription.subscriber.time_zone == "Asia/Tokyo"
    assert browser.post(f"/subscriptions/{manage}", {"action": "save"}).status_code == 410


def test_calendar_invitations_are_asked_for_shown_and_given_up_again(browser, settings):
    settings.SUBSCRIBE_PER_ADDRESS_QUARTER_HOUR = settings.SUBSCRIBE_PER_ADDRESS_DAY = 1_000
    assert not page(browser.get("/subscribe")).xpath("//input[@name='invitations'][@checked]")
    post_form(browser, invitations="on")
    assert "Invitations by e-mail" in text(browser.get(f"/subscriptions/{newest_token()}"))
    subscription = subscriptions.confirm(newest_token())
    assert subscription.wants_invitations
    subscriptions.ask_manage_link(subscription, network="n")
    manage = f"/subscriptions/{newest_token()}"
    assert page(browser.get(manage)).xpath("//input[@name='invitations'][@checked]")
    marker = page(browser.get(manage)).xpath("//input[@name='asks_invitations']/@value")
    browser.post(manage, {"action": "save", "about": "everything", "asks_invitations": marker})
    subscription.refresh_from_db()
    assert not subscription.wants_invitations


def test_the_form_in_place_that_asks_nothing_of_invitations_leaves_them_as_they_are(browser, settings):
    settings.SUBSCRIBE_PER_ADDRESS_QUARTER_HOUR = settings.SUBSCRIBE_PER_ADDRESS_DAY = 1_000
    post_form(browser, invitations="on")
    subscription = subscriptions.confirm(newest_token())
    post_form(browser, about="maintenances")
    assert "Invitations by e-mail" in text(browser.get(f"/subscriptions/{newest_token()}"))
    assert subscriptions.confirm(newest_token()).wants_invitations
    post_form(browser, asks_invitations="True")
    assert not subscriptions.confirm(newest_token()).wants_invitations, "an empty box where there is one"
    post_form(browser, invitations="on")
    subscription = subscriptions.confirm(newest_token())
    subscriptions.unsubscribe(subscription, reason=Reason.LINK)
    post_form(browser)
    assert not subscriptions.confirm(newest_token()).wants_invitations, "who comes back begins anew"


def test_a_number_is_offered_no_invitations_and_gets_none(browser, settings):
    settings.SUBSCRIBE_PER_ADDRESS_QUARTER_HOUR = settings.SUBSCRIBE_PER_ADDRESS_DAY = 1_000
    post_form(browser, email="", phone_country="NL", phone_number="06 12345678", invitations="on")
    subscription = subscriptions.confirm(newest_token())
    assert not subscription.wants_invitations
    subscriptions.ask_manage_link(subscription, network="n")
    assert not page(browser.get(f"/subscriptions/{newest_token()}")).xpath("//input[@name='invitations']")


def test_a_manage_page_shows_what_is_in_force_and_all_that_is_stored(browser, subscription, manage):
    api = given.component("API")
    subscription.components.add(api)
    Subscription.objects.update(all_components=False, wants_maintenances=False)
    response = browser.get(f"/subscriptions/{manage}")
    tree = page(response)
    assert tree.xpath("//input[@name='component_ids'][@checked]/@value") == [api.pk]
    assert tree.xpath("//input[@name='about'][@checked]/@value") == ["incidents"]
    assert READER in text(response)
    assert subscription.consent_wording_version in text(response)


@pytest.mark.parametrize(
    ("action", "place", "address"), [("unsubscribe", "unsubscribed", READER), ("erase", "forgotten", "")]
)
def test_managing_ends_the_subscription(browser, subscription, manage, action, place, address):
    response = browser.post(f"/subscriptions/{manage}", {"action": action})
    assert (response.status_code, response.headers["Location"]) == (303, f"/subscribe/{place}")
    subscription.refresh_from_db()
    assert (subscription.is_confirmed, subscription.address) == (False, address)
    assert browser.get(f"/subscribe/{place}").status_code == 200


def test_the_unsubscribe_page_has_a_button_and_a_way_to_manage(browser, subscription):
    url = f"/unsubscribe/{tokens.unsubscribe_token(subscription)}"
    assert page(browser.get(url)).xpath("//main//button/@value") == ["unsubscribe", "manage"]
    assert READER not in text(browser.get(url)), "whoever holds a forwarded message learns no address"
    response = browser.post(url, {"action": "manage"})
    assert (response.status_code, response.headers["Location"]) == (303, "/subscribe/sent")
    assert OutboxEvent.objects.latest("pk").kind == "manage_link"
    response = browser.post(url, {"action": "unsubscribe"})
    assert (response.status_code, response.headers["Location"]) == (303, "/subscribe/unsubscribed")
    assert "These messages have stopped." in text(browser.get(url))


def test_pages_speak_the_subscribers_language_and_fall_back(browser, subscription):
    subscription.subscriber.language = "xx"
    subscription.subscriber.save()
    assert browser.get(f"/unsubscribe/{tokens.unsubscribe_token(subscription)}").status_code == 200
