"""The pages in a real browser: what its rules about origins, policies and keyboards make of them."""

import pytest

from notifications import addresses, subscriptions, tokens
from notifications.choices import Choices
from notifications.models import LinkToken, OutboxEvent, Subscription
from tests.barriers import pages_below, violations
from tests.statuspage import given
from tests.windows import tab_to

pytestmark = pytest.mark.django_db(transaction=True)

READER = addresses.email("reader@example.com")


@pytest.fixture
def page(chromium, live_server, settings, tmp_path):
    """A page in Calcutta that complains of whatever it is refused."""
    settings.STATIC_ROOT = tmp_path
    settings.SUBSCRIBE_PER_ADDRESS_QUARTER_HOUR = settings.SUBSCRIBE_PER_ADDRESS_DAY = 1_000
    context = chromium.new_context(
        base_url=live_server.url, timezone_id="Asia/Calcutta", viewport={"width": 320, "height": 640}
    )
    page = context.new_page()
    complaints = []
    page.on("console", lambda said: complaints.append(said.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    assert context.cookies() == []
    context.close()
    assert [each for each in complaints if "server responded with a status of" not in each] == []


def newest_token():
    event = OutboxEvent.objects.latest("pk")
    return tokens.link_token(LinkToken.objects.get(pk=event.payload["link_token_id"]))


def requested(**wanted):
    subscriptions.request_subscription(address=READER, choices=Choices(**wanted), network="n")
    return f"/subscriptions/{newest_token()}"


def managed(subscription):
    subscriptions.ask_manage_link(subscription, network="n")
    return f"/subscriptions/{newest_token()}"


def test_the_form_works_by_keyboard_alone_and_knows_the_readers_zone(page):
    page.goto("/subscribe")
    tab_to(page, "#id_email")
    page.keyboard.type("reader@example.com")
    page.keyboard.press("Enter")
    page.wait_for_url("**/subscribe/sent")
    subscription = subscriptions.confirm(newest_token())
    assert subscription.subscriber.time_zone == "Asia/Calcutta"


@pytest.mark.parametrize("width", [320, 1280])
def test_in_arabic_forms_and_pages_behind_links_are_read_from_right_to_left(page, axe, width):
    page.set_viewport_size({"width": width, "height": 900})
    subscription = subscriptions.confirm(requested(language="ar").rpartition("/")[2])
    page.goto("/subscribe")
    page.evaluate("document.querySelector('[name=page_language]').value = 'ar'")
    page.fill("#id_email", "reader@nowhere")
    page.press("#id_email", "Enter")
    page.wait_for_selector("[role=alert]")
    addresses_of_pages = ["", managed(subscription), f"/unsubscribe/{tokens.unsubscribe_token(subscription)}"]
    for address in [*addresses_of_pages, requested(language="ar")]:
        if address:
            page.goto(address)
        assert page.evaluate("[document.documentElement.dir, document.documentElement.lang]") == ["rtl", "ar"]
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert (address, violations(page, axe)) == (address, [])


def test_what_is_wrong_has_the_focus(page):
    page.goto("/subscribe")
    page.fill("#id_email", "reader@nowhere")
    page.press("#id_email", "Enter")
    page.wait_for_selector("[role=alert]")
    assert page.evaluate("document.activeElement.id") == "id_email"
    assert page.input_value("#id_email") == "reader@nowhere"


def test_buttons_behind_a_token_work_though_no_referrer_hides_their_origin(page):
    page.goto(requested())
    page.click("text=Confirm >> nth=-1")
    page.wait_for_url("**/subscribe/confirmed")
    page.goto(managed(Subscription.objects.get()))
    page.check("input[value=maintenances]")
    page.click("text=Save")
    page.wait_for_url("**/subscribe/changed")
    assert not Subscription.objects.get().wants_incidents


def test_the_pages_of_a_webhook_have_no_barrier_either(page, axe, settings):
    settings.WEBHOOKS = True
    settings.WEBHOOK_ALLOWED_HOSTS = ["localhost"]
    page.goto("/subscribe")
    page.click("#webhook > summary")
    found = {"form": violations(page, axe)}
    page.fill("#id_endpoint", "https://localhost/hooks")
    page.fill("#id_endpoint_email", "nobody@nowhere")
    page.press("#id_endpoint_email", "Enter")
    page.wait_for_selector("[role=alert]")
    assert page.is_visible("#id_endpoint") and page.input_value("#id_endpoint") == "https://localhost/hooks"
    assert page.evaluate("document.activeElement.id") == "id_endpoint_email"
    found["refused"] = violations(page, axe)
    page.fill("#id_endpoint_email", "owner@example.com")
    page.press("#id_endpoint_email", "Enter")
    page.wait_for_url("**/subscribe/sent")
    page.goto(f"/subscriptions/{newest_token()}")
    found["confirm"] = violations(page, axe)
    page.click("text=Confirm >> nth=-1")
    page.wait_for_selector("#secret")
    assert page.inner_text("#secret").startswith("whsec_")
    found["secret"] = violations(page, axe)
    page.goto(managed(Subscription.objects.get(channel="webhook")))
    found["manage"] = violations(page, axe)
    assert found == dict.fromkeys(found, [])


def test_no_page_has_a_barrier_for_anybody(page, axe, shown):
    core = given.group("Core")
    given.component("API", group=core)
    page.goto("/subscribe")
    page.click("summary >> nth=0")
    found = {"form": violations(page, axe)}
    page.fill("#id_phone_number", "12")
    page.press("#id_phone_number", "Enter")
    page.wait_for_selector("[role=alert]")
    found["refused"] = violations(page, axe)
    first = requested(all_components=False, group_ids=(core.pk,))
    first_token = first.rpartition("/")[2]
    places = {"confirm": first, "sent": "/subscribe/sent", "unknown": "/subscriptions/unknown"}
    for name, place in places.items():
        page.goto(place)
        found[name] = violations(page, axe)
    subscription = subscriptions.confirm(first_token)
    unsubscribe = f"/unsubscribe/{tokens.unsubscribe_token(subscription)}"
    for name, place in {
        "used": first,
        "manage": managed(subscription),
        "change": requested(),
        "leave": unsubscribe,
    }.items():
        page.goto(place)
        found[name] = violations(page, axe)
    page.click("[value=unsubscribe]")
    page.wait_for_url("**/subscribe/unsubscribed")
    page.goto(unsubscribe)
    found["left"] = violations(page, axe)
    assert found == dict.fromkeys(found, [])
    assert pages_below("notifications") - shown == {"notifications/webhook_secret.html"}, "which is a webhook's"


def test_a_change_that_is_refused_says_why_without_a_barrier(page, axe):
    api, _ = given.component("API"), given.component("Web")
    page.goto(managed(subscriptions.confirm(requested().rpartition("/")[2])))
    page.click("#only-some > summary")
    page.check(f"[value='{api.pk}']")
    api.delete()
    page.click("[value=save]")
    page.wait_for_selector("[role=alert]")
    assert violations(page, axe) == []
