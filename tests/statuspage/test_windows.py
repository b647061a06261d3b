"""Stored windows as the service levels judge them: their revisions, and which others they are judged together with."""

from datetime import timedelta

import pytest

from statuspage import ports, windows
from statuspage.actions import maintenance
from statuspage.sla.notice import CHAIN, NEVER, excluded, short_chains
from tests.statuspage.given import ALICE, NOON, component, hours, minutes, scheduled

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("publish_root")]

START = NOON + timedelta(days=20)
SECOND, SHORT, NOW = timedelta(seconds=1), timedelta(minutes=20), timedelta()


@pytest.fixture
def alone(monkeypatch):
    """Nobody tells people: an announcement on the page is the notice."""
    monkeypatch.setattr(ports, "installed", ports.Ports())


def short(*components, after=NOW, length=SHORT, **facts):
    return scheduled(*components, start=START + after, length=length, **facts)


def names(api, start, length=SHORT, besides=None) -> set[str]:
    return {name for name, _window in windows.beside([api.pk], start, start + length, besides)}


def test_each_component_has_a_window_with_every_revision(alone):
    api, web = component("API"), component("Web")
    moved = scheduled(api, web, start=START)
    later = {"scheduled_for": START + hours(10), "scheduled_until": START + hours(11)}
    maintenance.move_maintenance(maintenance=moved, body="Later.", actor=ALICE, now=NOON + hours(1), **later)
    found = windows.windows_of(moved)
    assert {each.service for each in found} == {api.pk, web.pk}
    told = [(each.start, each.end, each.noticed_at) for each in found[0].revisions]
    assert told == [
        (START, START + hours(2), NOON),
        (START + hours(10), START + hours(11), NOON + hours(1)),
    ]


def test_a_notice_on_its_way_is_taken_to_arrive_and_by_other_times_to_be_void(settings):
    """It is held back for UNDO_SECONDS; for the window's new times it will be told no more."""
    settings.UNDO_SECONDS = 30
    row = scheduled(component(), start=START)
    assert windows.windows_of(row)[0].last.noticed_at == NOON + timedelta(seconds=30)
    (moved,) = windows.planned(START + hours(1), START + hours(2), [], NOON, row)
    assert [each.noticed_at for each in moved.revisions] == [NEVER, NOON]


def test_a_notice_that_nobody_was_to_have_is_none():
    window = windows.windows_of(scheduled(component(), start=START, notify=False))[0]
    assert window.last.noticed_at == NEVER


def test_what_names_no_component_is_judged_with_what_names_none(alone):
    short(name="Everything")
    short(component(), name="API alone")
    start = START + hours(1)
    assert {name for name, _window in windows.beside([], start, start + minutes(20))} == {"Everything"}


def test_short_windows_are_found_as_far_as_a_chain_can_reach(alone):
    api = component()
    for number in range(1, 6):
        short(api, after=number * (CHAIN - SECOND), name=f"After {number}")
        short(api, after=-number * (CHAIN - SECOND), name=f"Before {number}")
    short(api, after=6 * CHAIN, name="Too far")
    short(component("Web"), name="Another component")
    short(api, length=hours(1), after=hours(2), name="Long")
    found = names(api, START)
    assert found == {f"{where} {number}" for number in range(1, 6) for where in ("After", "Before")}


def test_exactly_a_day_apart_is_no_chain(alone):
    api = component()
    short(api, after=CHAIN, name="A day later")
    assert names(api, START) == set()
    assert names(api, START + SECOND) == {"A day later"}


def test_a_window_at_the_same_time_is_judged_too_whatever_its_length(alone):
    """What it had announced a day ahead is excluded for whoever works then on the same component."""
    api = component()
    scheduled(api, start=START, length=hours(3), name="Long and announced")
    start = START + hours(1)
    others = windows.beside([api.pk], start, start + hours(1))
    mine = windows.planned(start, start + hours(1), [api.pk], start - hours(2))
    assert [name for name, _window in others] == ["Long and announced"]
    assert excluded([*mine, *(window for _name, window in others)])[api.pk][0].end == START + hours(3)


def test_what_was_called_off_and_the_window_itself_are_left_out(alone):
    api = component()
    mine, off = short(api, name="Mine"), short(api, after=hours(1), name="Off")
    maintenance.cancel_maintenance(maintenance=off, body="Not now.", actor=ALICE, now=NOON)
    assert names(api, START, besides=mine) == set()


def test_what_is_left_out_belongs_to_no_chain(alone):
    """Against all short windows at once, as the rule itself sees them."""
    api = component()
    rows = [short(api, after=hours(count), name=str(count), notify=False) for count in (-60, -30, -5, 10, 33, 58)]
    start = START
    mine = windows.planned(start, start + minutes(20), [api.pk], windows.NEVER)
    everything = [(each.name, window) for each in rows for window in windows.windows_of(each)]
    late = [(name, with_no_notice(window)) for name, window in everything]
    (chain,) = [each for each in short_chains([*mine, *(window for _name, window in late)]) if mine[0] in each]
    assert {name for name, window in late if window in chain} == names(api, start) == {"-5", "10", "33"}


def with_no_notice(window):
    late = tuple(type(each)(each.start, each.end, windows.NEVER) for each in window.revisions)
    return type(window)(window.service, late)
