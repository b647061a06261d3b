"""A reader's whole way in a real browser, by keyboard alone, from the page to the last mail: with a script and without.

Windows and the site are those of `tests.windows`, which end with what every visit must end with: no cookie, nobody else
asked, nothing refused by the page's policy.
"""

import re

import pytest

from notifications import tasks
from notifications.models import Subscription
from statuspage.publishing import publish
from tests.barriers import violations
from tests.statuspage import given
from tests.windows import address, opened, press, tab_to

__all__ = ["address", "opened"]

pytestmark = pytest.mark.django_db(transaction=True)

READER = "reader@example.com"
KINDS = [
    pytest.param({"viewport": {"width": 320, "height": 640}, "color_scheme": "dark"}, id="narrow and dark"),
    pytest.param({"viewport": {"width": 1280, "height": 900}, "java_script_enabled": False}, id="no script"),
]


@pytest.fixture
def mailed(relay, settings, address):
    """The newest mail's link of a kind, once the workers have had their turn."""
    settings.SITE_URL = address
    settings.SUBSCRIBE_PER_ADDRESS_QUARTER_HOUR = settings.SUBSCRIBE_PER_ADDRESS_DAY = 1_000

    def link(kind):
        tasks.sweep()
        (found,) = set(re.findall(rf"{address}/{kind}/\S+", relay.messages(READER)[-1].text))
        return found

    return link


@pytest.mark.parametrize("kind", KINDS)
def test_a_reader_subscribes_confirms_changes_and_leaves_by_keyboard_alone(opened, mailed, kind):
    api = given.component("API")
    publish.publish()
    page = opened(**kind)
    subscribe(page, mailed)
    given.incident({api: "major_outage"}, now=None)
    last_link = mailed("unsubscribe")
    change(page, mailed, last_link)
    assert wishes() == (False, True)
    page.goto(last_link)
    press(page, "[value=unsubscribe]")
    page.wait_for_url("**/subscribe/unsubscribed")
    assert Subscription.objects.get().unsubscribed_at


def subscribe(page, mailed):
    page.goto("/")
    open_form(page)
    page.keyboard.type(READER)
    press(page, "#updates form .button")
    page.wait_for_url("**/subscribe/sent")
    page.goto(mailed("subscriptions"))
    press(page, "[value=confirm]")
    page.wait_for_url("**/subscribe/confirmed")
    assert wishes() == (True, True) and Subscription.objects.get().is_confirmed


def open_form(page):
    """The form in place, its first field in focus: by the script, or by one more Tab or two."""
    press(page, "[popovertarget=updates]")
    if page.locator("#updates-email[autofocus]").count():
        page.locator("#updates-email:focus").wait_for()
    else:
        tab_to(page, "#updates-email")


def change(page, mailed, last_link):
    """Maintenances only, with the link that the page behind each mail's own link sends."""
    page.goto(last_link)
    press(page, "[value=manage]")
    page.wait_for_url("**/subscribe/sent")
    page.goto(mailed("subscriptions"))
    tab_to(page, "[name=about]")
    for _ in range(2):  # everything, incidents, maintenances
        page.keyboard.press("ArrowDown")
    press(page, "[value=save]")
    page.wait_for_url("**/subscribe/changed")


def wishes():
    """Incidents, maintenances."""
    return Subscription.objects.values_list("wants_incidents", "wants_maintenances").get()


@pytest.mark.parametrize("path", ["/", "/ar"])
def test_a_reader_subscribes_in_place_and_whoever_does_not_is_back_where_they_were(opened, mailed, axe, path):
    publish.publish()
    page = opened(timezone_id="Asia/Calcutta", viewport={"width": 320, "height": 640})
    page.goto(path)
    open_form(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert violations(page, axe) == []
    page.set_viewport_size({"width": 320, "height": 256})
    shown = page.locator("#updates").bounding_box()
    assert shown["y"] >= 0 and shown["y"] + shown["height"] <= 256
    page.keyboard.press("Escape")
    page.locator("[popovertarget=updates]:focus").press("Enter")
    page.locator("#updates-email:focus").wait_for()
    page.keyboard.type(READER)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{path.rstrip('/')}/subscribe/sent")
    page.goto(mailed("subscriptions"))
    press(page, "[value=confirm]")
    page.wait_for_url(f"**{path.rstrip('/')}/subscribe/confirmed")
    subscriber = Subscription.objects.get().subscriber
    assert (subscriber.time_zone, subscriber.language) == ("Asia/Calcutta", path.strip("/") or "en")


def test_in_place_a_number_is_taken_as_one_of_the_country_that_is_named(opened, mailed, settings):
    settings.SMS_COUNTRIES = ["NL"]
    publish.publish()
    page = opened()
    page.goto("/")
    page.click("[popovertarget=updates]")
    page.fill("#updates-phone", "06 12345678")
    page.press("#updates-phone", "Enter")
    page.wait_for_url("**/subscribe/sent")
    assert Subscription.objects.get().address == "+31612345678"
