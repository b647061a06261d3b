"""The board: groups that fold, bars as paths, and the same in words."""

from datetime import date
from fractions import Fraction

import pytest

from statuspage.publishing.board import blocks, percent

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
        ("partial_outage", "M1.5 3V32M353.5 3V32"),
        ("major_outage", "M357.5 0V32"),
    )
    assert (bars.start, bars.width) == (0, 360)


def test_days_before_a_component_was_in_service_are_not_drawn():
    bars = bars_of(start_date=date(2026, 11, 8), outages=[an_outage(ago(days=50), ago(days=49), "major_outage")])
    assert (bars.start, bars.paths) == (4 * 87, ())
    assert bars.text == "The last 3 days: no disruption."


def test_a_component_of_tomorrow_says_so():
    assert bars_of(start_date=date(2026, 12, 1)).text == "Not in service yet."


def test_the_bars_are_told_in_words_newest_day_first():
    outages = [an_outage(ago(days=n, minutes=5), ago(days=n), "partial_outage") for n in (1, 30)]
    outages.append(an_outage(ago(minutes=5), None, "under_maintenance"))
    assert bars_of(outages=outages).text == (
        "The last 90 days: Partial outage on 9 Nov, 11 Oct. Under maintenance on 10 Nov."
    )


def test_many_days_are_counted_instead_of_named():
    outages = [an_outage(ago(days=n, minutes=5), ago(days=n), "major_outage") for n in range(1, 10)]
    assert bars_of(outages=outages).text.endswith("4 Nov and 3 more days.")


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
