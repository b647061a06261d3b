"""The header: where it leads for each role, and where it says that somebody is."""

import pytest
from lxml import html

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("publish_root")]


def header(client, address: str = "/admin/") -> dict[str, list[tuple[str, str, bool]]]:
    """By the name of each bar: label, address, and whether it is where somebody is."""
    page = html.fromstring(client.get(address).content)
    return {
        bar.get("aria-label"): [
            (link.text.strip(), link.get("href"), "aria-current" in link.attrib) for link in bar.iter("a")
        ]
        for bar in page.findall(".//header//nav")
    }


def here(links) -> list[str]:
    return [label for label, _address, is_here in links if is_here]


def test_the_header_fits_one_line_and_leads_everywhere(sign_in):
    owner = sign_in("owner")
    main = header(owner)["Console"]
    assert len(main) <= 9
    for label, address, _is_here in main:
        bars = header(owner, address)
        assert here(bars["Console"]) == [label]
        rooms = bars.get(label, [])
        assert len(rooms) != 1 and len(here(rooms)) == min(len(rooms), 1)
        for room, room_address, _is_here in rooms:
            inside = header(owner, room_address)
            assert (here(inside["Console"]), here(inside[label])) == ([label], [room])


def test_a_section_with_one_open_room_is_named_after_it(sign_in):
    """Who may not see the staff sees the audit log all the same."""
    viewer = sign_in("viewer")
    assert ("Audit log", "/admin/audit/", False) in header(viewer)["Console"]
    bars = header(viewer, "/admin/audit/")
    assert here(bars["Console"]) == ["Audit log"] and set(bars) == {"Console"}
