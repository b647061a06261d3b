"""The board: groups that fold, bars as paths, and the same in words."""

import re
from datetime import date
from fractions import Fraction
from itertools import pairwise

import pytest

from statuspage.publishing.assets import contrast, source
from statuspage.publishing.board import HEIGHT, TOP, blocks, legend, percent
from statuspage.status import RANK
from statuspage.vocabulary import ComponentStatus

from .factories import a_component, a_group, a_snapshot, ago, an_outage, id_of


def board(*components, groups=()):
    return blocks(a_snapshot(components=components, groups=groups))


def in_group(name, **facts):
    return a_component(name, group_id=id_of("Core"), **facts)


def test_groups_and_single_components_stand_in_the_order_of_their_positions():
    inside = [in_group("Inside")]
    singles = [a_component("first", position=1), a_component("third", position=3), a_component("fourth", position=4)]
    found = board(*inside, *singles, groups=(a_group("Core", inside, position=2),))
    names = [[row.component.name for row in block.rows] for block in found]
    assert names == [["first"], ["Inside"], ["third", "fourth"]]


@pytest.mark.parametrize(("status", "is_open"), [("operational", False), ("under_maintenance", True)])
def test_a_group_is_unfolded_while_something_in_it_is_not_operational(status, is_open):
    inside = [in_group("A"), in_group("B", status=status)]
    (core,) = board(*inside, groups=(a_group("Core", inside),))
    assert (core.is_open, core.status) == (is_open, status)


def test_what_is_only_shown_when_degraded_is_left_out_while_it_works():
    quiet = a_component("Quiet", only_show_if_degraded=True)
    loud = a_component("Loud", only_show_if_degraded=True, status="partial_outage")
    ((row,),) = (block.rows for block in board(quiet, loud))
    assert row.component.name == "Loud"


def test_a_group_of_nothing_shown_is_left_out():
    inside = [in_group("Quiet", only_show_if_degraded=True)]
    assert board(*inside, groups=(a_group("Core", inside),)) == []


def test_a_component_outside_showcase_has_no_bars():
    ((row,),) = (block.rows for block in board(a_component(showcase=False)))
    assert (row.bars, row.uptime) == (None, "")


def bars_of(**facts):
    ((row,),) = (block.rows for block in board(a_component(**facts)))
    return row.bars


def test_each_kind_of_trouble_is_one_path_and_the_worse_the_taller():
    outages = [
        an_outage(ago(minutes=5), None, "major_outage"),
        an_outage(ago(days=1, minutes=5), ago(days=1), "partial_outage"),
        an_outage(ago(days=89, minutes=5), ago(days=89), "partial_outage"),
    ]
    bars = bars_of(outages=outages)
    assert bars.paths == (
        ("partial_outage", "M1.5 6V32M353.5 6V32"),
        ("major_outage", "M357.5 0V32"),
    )
    assert bars.lines == (("operational", "M0 27H360"),)


def test_no_two_kinds_are_nearly_as_tall_and_the_key_shows_them_as_they_are():
    tops = [TOP[status] for status in sorted(TOP, key=RANK.__getitem__)]
    assert all(milder - worse >= HEIGHT / 7 for milder, worse in pairwise(tops))
    assert set(TOP) == set(ComponentStatus)
    assert legend() == [
        ("operational", "M0 27H3"),
        ("under_maintenance", "M1.5 16V32"),
        ("degraded_performance", "M1.5 11V32"),
        ("partial_outage", "M1.5 6V32"),
        ("major_outage", "M1.5 0V32"),
    ]


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_every_bar_stands_out_from_what_is_behind_it(theme):
    sheet = source("page.css").split("prefers-color-scheme: dark")[theme]
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", sheet))
    bars = [colour for name, colour in colours.items() if name.startswith("bar-")] + [colours["dim"]]
    assert len(bars) == len(ComponentStatus) + 1
    assert [colour for colour in bars if contrast(colour, colours["surface"]) < 3] == []


def test_days_before_a_component_was_in_service_are_not_drawn():
    bars = bars_of(start_date=date(2026, 11, 8), outages=[an_outage(ago(days=50), ago(days=49), "major_outage")])
    assert (bars.start, bars.paths) == (4 * 87, ())
    assert bars.lines == (("none", "M0 31H348"), ("operational", "M348 27H360"))
    assert bars.text == "The last 3 days: no disruption."


def test_a_component_of_tomorrow_says_so():
    assert bars_of(start_date=date(2026, 12, 1)).text == "Not in service yet."


def test_the_bars_are_told_in_words_newest_day_first():
    outages = [an_outage(ago(days=n, minutes=5), ago(days=n), "partial_outage") for n in (1, 30)]
    outages.append(an_outage(ago(minutes=5), None, "under_maintenance"))
    assert bars_of(outages=outages).text == (
        "The last 90 days: Partial outage: 9 Nov, 11 Oct. Under maintenance: 10 Nov."
    )


def test_every_day_is_told_and_days_in_a_row_as_one_span():
    days = (1, 2, 3, 5, 40, 41, *range(50, 70, 2))
    outages = [an_outage(ago(days=n, minutes=5), ago(days=n), "major_outage") for n in days]
    assert bars_of(outages=outages).text == (
        "The last 90 days: Major outage: 7 Nov to 9 Nov, 5 Nov, 30 Sep to 1 Oct, 21 Sep, 19 Sep, 17 Sep, 15 Sep, "
        "13 Sep, 11 Sep, 9 Sep, 7 Sep, 5 Sep, 3 Sep."
    )


def test_a_folded_group_shows_the_worst_of_its_members():
    inside = [
        in_group("A", outages=[an_outage(ago(days=1, minutes=5), ago(days=1), "partial_outage")]),
        in_group("B", outages=[an_outage(ago(days=1, minutes=5), ago(days=1), "major_outage")]),
    ]
    (core,) = board(*inside, groups=(a_group("Core", inside),))
    assert core.bars.paths == (("major_outage", "M353.5 0V32"),)


@pytest.mark.parametrize(
    ("uptime", "text"),
    [
        (Fraction(1), "100% uptime"),
        (1 - Fraction(1, 90 * 86400), "99.999% uptime"),
        (Fraction(99_850_9, 1_000_000), "99.850% uptime"),
        (Fraction(0), "0.000% uptime"),
        (None, ""),
    ],
)
def test_uptime_is_cut_and_never_rounded_up(uptime, text):
    assert percent(uptime) == text
