"""What others put beside the page: the badge, and what search engines are told."""

import pytest
from lxml import etree

from statuspage.publishing import badge, robots
from statuspage.vocabulary import ComponentStatus

from .factories import a_component, a_maintenance, a_month, a_snapshot, an_incident


@pytest.mark.parametrize("status", ComponentStatus)
def test_a_badge_is_a_picture_that_says_its_status_in_words(status):
    (document,) = badge.documents(a_snapshot(components=(a_component(status=status),)))
    picture = etree.fromstring(document.render())
    words = picture.get("aria-label")
    assert words.startswith("status: ")
    assert "".join(picture.itertext()).endswith(words.removeprefix("status: "))


def test_a_badge_changes_with_the_status_alone():
    up, down = (a_snapshot(components=(a_component(status=each),)) for each in ("operational", "major_outage"))
    keys = [next(badge.documents(each)).key for each in (up, a_snapshot(), down)]
    assert keys[0] == keys[1] != keys[2]


def test_robots_find_every_page_and_no_private_one():
    opened, planned = an_incident(), a_maintenance()
    snapshot = a_snapshot(incidents=(opened,), maintenances=(planned,), months=(a_month("2026-11"),))
    found, listed = (each.render().decode() for each in robots.documents(snapshot))
    assert "Disallow: /admin/" in found
    assert f"Sitemap: {snapshot.page.url}/sitemap.xml" in found
    tree = etree.fromstring(listed.encode())
    paths = [each.text.removeprefix(snapshot.page.url) for each in tree.iter("{*}loc")]
    assert paths == ["/", "/history", opened.path, planned.path, "/history/2026-11"]
