"""Component changes -> outages, against a walk second by second."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statuspage.importing.timeline import Change, Interval, Standing, Subject, give_way, intervals, settle
from statuspage.vocabulary import ComponentStatus

UP = ComponentStatus.OPERATIONAL
SLOW = ComponentStatus.DEGRADED_PERFORMANCE
DOWN = ComponentStatus.MAJOR_OUTAGE
START = datetime(2026, 3, 1, tzinfo=UTC)
SECONDS = 15
A, B = Subject("incident", "a"), Subject("maintenance", "b")


def second(number: int) -> datetime:
    return START + timedelta(seconds=number)


def change(number: int, status: ComponentStatus, subject: Subject | None = A, component: str = "api") -> Change:
    return Change(component, second(number), status, subject)


changes = st.lists(
    st.builds(
        change,
        st.integers(0, SECONDS),
        st.sampled_from([UP, SLOW, DOWN]),
        st.sampled_from([A, B, None]),
        st.sampled_from(["api", "web"]),
    ),
    max_size=12,
)


def walked(told: list[Change]) -> dict[tuple[str, int], tuple[ComponentStatus, Subject | None]]:
    """Component and second -> its status and who brought it about, by the simplest means there are."""
    seen = {}
    for component in ("api", "web"):
        status, subject = UP, None
        for number in range(SECONDS + 2):
            now = [each for each in told if each.component_id == component and each.at == second(number)]
            if now and now[-1].status != status:
                status, subject = now[-1].status, now[-1].subject
            if status != UP:
                seen[component, number] = (status, subject)
    return seen


def covered(found: list[Interval]) -> dict[tuple[str, int], tuple[ComponentStatus, Subject | None]]:
    """The same from intervals; two of one component at one time are a mistake."""
    seen: dict[tuple[str, int], tuple[ComponentStatus, Subject | None]] = {}
    for each in found:
        for number in range(SECONDS + 2):
            if each.start <= second(number) and (each.end is None or second(number) < each.end):
                assert (each.component_id, number) not in seen
                seen[each.component_id, number] = (each.status, each.subject)
    return seen


@given(changes)
def test_intervals_are_what_a_walk_second_by_second_sees(told: list[Change]) -> None:
    assert covered(intervals(told)) == walked(told)


@given(changes)
def test_intervals_have_length_and_are_as_long_as_they_can_be(told: list[Change]) -> None:
    found = intervals(told)
    assert all(each.end is None or each.end > each.start for each in found)
    assert [each.start for each in found] == sorted(each.start for each in found)
    for component in ("api", "web"):
        own = [each for each in found if each.component_id == component]
        assert all(first.end is not None and first.end <= then.start for first, then in pairwise(own))
        assert not any(first.end == then.start and first.status == then.status for first, then in pairwise(own))


@given(changes, st.randoms())
def test_the_order_in_which_different_instants_are_given_does_not_matter(told: list[Change], random) -> None:
    distinct = list({(each.at, each.component_id): each for each in told}.values())
    shuffled = random.sample(distinct, len(distinct))
    assert intervals(shuffled) == intervals(distinct)


def test_saying_a_status_again_leaves_the_outage_with_who_said_it_first() -> None:
    found = intervals([change(1, DOWN, A), change(2, DOWN, B), change(3, UP, B)])
    assert found == [Interval("api", DOWN, second(1), second(3), A)]


def test_an_outage_that_nobody_ended_stays_open() -> None:
    assert intervals([change(1, DOWN)]) == [Interval("api", DOWN, second(1), None, A)]


def test_a_worse_status_is_an_outage_of_its_own() -> None:
    found = intervals([change(1, SLOW), change(2, DOWN), change(4, UP)])
    assert found == [
        Interval("api", SLOW, second(1), second(2), A),
        Interval("api", DOWN, second(2), second(4), A),
    ]


def test_two_words_at_one_instant_make_no_outage_without_length() -> None:
    assert intervals([change(1, DOWN, A), change(1, UP, B)]) == []


# --- What no update told ----------------------------------------------------------------------

standings = st.dictionaries(
    st.sampled_from(["api", "web"]),
    st.builds(Standing, st.sampled_from([UP, SLOW, DOWN]), st.integers(0, SECONDS).map(second)),
)
endings = st.dictionaries(st.sampled_from([A, B]), st.integers(0, SECONDS).map(second))


@given(changes, standings, endings, st.integers(0, SECONDS))
def test_once_settled_every_component_stands_as_the_page_shows_it(told, shown, ended, as_of) -> None:
    silent = settle(told, shown, ended, second(as_of))
    still_open = {each.component_id: each.status for each in intervals([*told, *silent]) if each.end is None}
    assert all(still_open.get(component, UP) == standing.status for component, standing in shown.items())
    assert settle([*told, *silent], shown, ended, second(as_of)) == []


@given(changes, standings, endings, st.integers(0, SECONDS))
def test_settling_changes_nothing_before_the_last_word(told, shown, ended, as_of) -> None:
    both = covered(intervals([*told, *settle(told, shown, ended, second(as_of))]))
    for (component, number), seen in covered(intervals(told)).items():
        last = max(each.at for each in told if each.component_id == component)
        if second(number) < last:
            assert both[component, number] == seen


@pytest.mark.parametrize(
    ("edited", "resolved", "end"),
    [
        pytest.param(5, None, 5, id="when the component was edited"),
        pytest.param(9, 7, 7, id="when the incident was resolved, if that was sooner"),
        pytest.param(5, 7, 5, id="when the component was edited, if that was sooner"),
        pytest.param(1, 7, 7, id="an edit before the outage says nothing"),
        pytest.param(3, 7, 7, id="the edit that began the outage says nothing"),
        pytest.param(1, 2, 10, id="else when the source was read"),
    ],
)
def test_an_outage_nobody_ended_is_over_when_the_page_says_it_is(edited: int, resolved: int | None, end: int) -> None:
    told = [change(3, DOWN)]
    ended = {A: second(resolved)} if resolved else {}
    silent = settle(told, {"api": Standing(UP, second(edited))}, ended, second(10))
    assert intervals([*told, *silent]) == [Interval("api", DOWN, second(3), second(end), A)]


def test_an_outage_nobody_ended_lasted_beyond_the_last_word_about_it() -> None:
    told = [change(1, DOWN), change(6, DOWN, B)]
    silent = settle(told, {"api": Standing(UP, second(3))}, {A: second(4), B: second(8)}, second(10))
    assert intervals([*told, *silent]) == [Interval("api", DOWN, second(1), second(8), A)]


def test_a_component_set_by_hand_is_out_since_it_was_edited() -> None:
    silent = settle([], {"api": Standing(DOWN, second(4))}, {}, second(10))
    assert intervals(silent) == [Interval("api", DOWN, second(4), None, None)]


def test_a_component_that_is_worse_than_said_is_so_since_it_was_edited() -> None:
    told = [change(2, SLOW)]
    silent = settle(told, {"api": Standing(DOWN, second(6))}, {A: second(4)}, second(10))
    assert intervals([*told, *silent]) == [
        Interval("api", SLOW, second(2), second(6), A),
        Interval("api", DOWN, second(6), None, None),
    ]


def test_a_component_set_by_hand_is_out_no_earlier_than_the_last_word_about_it() -> None:
    told = [change(2, DOWN), change(6, UP)]
    silent = settle(told, {"api": Standing(SLOW, second(4))}, {}, second(10))
    assert intervals([*told, *silent])[1:] == [Interval("api", SLOW, second(6), None, None)]


# --- Beside the site's own record ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("end", "recorded", "left"),
    [
        pytest.param(8, [], (8,), id="nothing recorded"),
        pytest.param(8, [(9, 10)], (8,), id="recorded later"),
        pytest.param(8, [(6, None)], (6,), id="cut where the record begins"),
        pytest.param(None, [(6, 7), (5, 6)], (5,), id="cut where the first record begins"),
        pytest.param(None, [(1, 2)], (None,), id="recorded and over before"),
        pytest.param(None, [(1, 6)], (6,), id="an open one ends with the site's own word"),
        pytest.param(None, [(1, 3)], (None,), id="recorded and over at the same instant"),
        pytest.param(8, [(1, 6)], (8,), id="one that ended stays"),
        pytest.param(None, [(1, None)], None, id="nothing else is open beside the site's own"),
        pytest.param(None, [(3, None)], None, id="nor from the same instant"),
        pytest.param(8, [(1, None)], (8,), id="one that is over stays beside it"),
    ],
)
def test_an_imported_outage_gives_way_to_the_sites_own(end, recorded, left) -> None:
    interval = Interval("api", DOWN, second(3), None if end is None else second(end), A)
    own = [(second(start), None if stop is None else second(stop)) for start, stop in recorded]
    found = give_way(interval, own)
    if left is None:
        assert found is None
    else:
        (expected,) = left
        assert found == Interval("api", DOWN, second(3), None if expected is None else second(expected), A)
