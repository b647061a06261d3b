"""The form to subscribe in place: which ways it offers, by the settings alone."""

import pytest
from lxml import html

from notifications import pages
from statuspage.publishing import look

from .snapshots import snapshot

MANY = ["NL", "BE", "DE", "FR", "ES", "IT", "PT", "AT", "CH", "PL", "SE", "NO", "DK"]


@pytest.fixture
def place(settings):
    """The form as a page has it, under these settings."""

    def shown(countries, *, webhooks=False):
        settings.SMS_COUNTRIES, settings.WEBHOOKS = countries, webhooks
        page = snapshot().page
        context = {**pages.shared("/history", "History", ""), "words": pages.SAID["/subscribe/changed"]}
        return html.document_fromstring(pages.render("words.html", context, page)).get_element_by_id("updates")

    return shown


def fields(form):
    return [each.get("name") for each in form.xpath(".//input | .//select")]


def links(form):
    return form.xpath(".//a/@href")


PLAIN = ["page_language", "language", "time_zone", "about", "email"]


def test_one_country_is_named_beside_the_number(place):
    form = place(["NL"])
    assert fields(form) == [*PLAIN, "phone_country", "phone_number", "website"]
    assert "Netherlands (+31)" in form.text_content()


def test_of_some_countries_the_operators_first_is_chosen(place):
    form = place(["NL", "DE", "FR"])
    assert form.xpath(".//option/@value") == ["FR", "DE", "NL"]
    assert form.xpath(".//option[@selected]/@value") == ["NL"]


@pytest.mark.parametrize(("countries", "links_to_form"), [([], 1), (MANY, 2)])
def test_no_country_is_no_number_and_many_are_left_to_the_whole_form(place, countries, links_to_form):
    form = place(countries)
    assert fields(form) == [*PLAIN, "website"]
    assert links(form).count("/subscribe") == links_to_form


def test_webhooks_are_offered_where_there_are_any(place):
    assert "/subscribe#webhook" in links(place(["NL"], webhooks=True))
    assert "/subscribe#webhook" not in links(place(["NL"]))


def test_feeds_and_calendar_need_no_address(place):
    assert links(place(["NL"]))[-3:] == ["/history.rss", "/history.atom", "/maintenance.ics"]


def test_other_ways_are_another_look_so_that_old_pages_follow(settings):
    before = look.render_key()
    settings.SMS_COUNTRIES = ["NL", "BE"]
    then = look.render_key()
    settings.WEBHOOKS = not settings.WEBHOOKS
    assert len({before, then, look.render_key()}) == 3
