"""One maintenance, judged: whether its notice was kept, and which minutes of its work count."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statuspage.sla.intervals import Interval, seconds
from statuspage.sla.judgement import Announcement, Basis, Planned, judged

START = datetime(2026, 11, 10, 22, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
SECOND = timedelta(seconds=1)


def at(hours: float) -> datetime:
    """So many hours after the window's start."""
    return START + hours * HOUR


def told(noticed: float | None = -25, start: float = 0, end: float = 2) -> Announcement:
    return Announcement(at(start), at(end), None if noticed is None else at(noticed))


def to_come(due: float, start: float = 0, end: float = 2) -> Announcement:
    """Its notice is on its way, or comes at that moment."""
    return Announcement(at(start), at(end), None, due_at=at(due))


def planned(*announcements: Announcement, began: float | None = 0, ended: float | None = 2, **facts) -> Planned:
    """Two hours of work on the database, announced 25 hours ahead, unless told otherwise."""
    return Planned(
        facts.pop("id", "one"),
        facts.pop("services", ("database",)),
        announcements or (told(),),
        None if began is None else at(began),
        None if ended is None else at(ended),
        **facts,
    )


def only(case: Planned):
    return judged([case])["one"]


def counted(case: Planned) -> float:
    """Minutes."""
    return float(seconds(only(case).counted) / 60)


CASES = {
    "noticed in time": (planned(), "noticed", 0),
    "noticed exactly 24 hours ahead": (planned(told(-24)), "noticed", 0),
    "noticed a second too late": (planned(told((-24 * HOUR + SECOND) / HOUR)), "late", 120),
    "noticed after the start": (planned(told(1)), "late", 120),
    "never complete": (planned(told(None)), "no_notice", 120),
    "still to come, in time": (planned(to_come(-25), began=None, ended=None), "pending", 0),
    "still to come, and too late": (planned(to_come(-3), began=None, ended=None), "pending", 120),
    "new times still to be told": (planned(told(-50, -1, 1), to_come(-26), began=None, ended=None), "pending", 0),
    "still to come, and covered before": (planned(told(-50, 0, 4), to_come(-3), began=None, ended=None), "noticed", 0),
    "still to come, and approved": (planned(to_come(-3), began=None, is_emergency=True), "emergency_approved", 0),
    "half an hour needs none, told or still to be": (planned(to_come(-3, end=0.5), ended=0.5), "not_needed", 0),
    "half an hour needs none": (planned(told(None, end=0.5), ended=0.5), "not_needed", 0),
    "a second more does": (
        planned(told(None, end=(30 * MINUTE + SECOND) / HOUR), ended=0.5),
        "no_notice",
        30,
    ),
    "a late start counts for nothing": (planned(told(-1), began=1.5), "late", 30),
    "an early end neither": (planned(told(-1), ended=0.25), "late", 15),
    "an overrun counts": (planned(ended=2.5), "noticed", 30),
    "an early start counts": (planned(began=-0.25), "noticed", 15),
    "both, without notice": (planned(told(None), began=-0.25, ended=2.5), "no_notice", 165),
    "a short one's overrun counts": (planned(told(None, end=0.5), ended=0.75), "not_needed", 15),
    "cancelled before it began": (planned(began=None, ended=-1, is_cancelled=True), "cancelled", 0),
    "cancelled when work had begun": (planned(ended=1, is_cancelled=True), "cancelled", 60),
    "emergency": (planned(told(-1), is_emergency=True), "emergency_approved", 0),
    "an emergency's overrun counts": (planned(told(-1), is_emergency=True, ended=3), "emergency_approved", 60),
    "an emergency that was noticed all the same": (planned(is_emergency=True), "noticed", 0),
    "an emergency that was extended meanwhile": (
        planned(told(-1), told(1, 0, 5), ended=5, is_emergency=True, approved_for=Interval(at(0), at(2))),
        "partly_noticed",
        180,
    ),
    "an emergency, and what was added noticed": (
        planned(told(-1), told(-23, 0, 5), ended=5, is_emergency=True, approved_for=Interval(at(0), at(1))),
        "emergency_approved",
        0,
    ),
    "moved in time": (planned(told(-50, -10, -8), told(-30)), "noticed", 0),
    "moved too late": (planned(told(-50, -10, -8), told(-3)), "late", 120),
    "moved too late, by half": (planned(told(-50, -1, 1), told(-3)), "partly_noticed", 60),
    "shortened too late: it was all announced before": (planned(told(-50, 0, 4), told(-3)), "noticed", 0),
    "extended while it went on": (planned(told(-50), told(1, 0, 3), ended=3), "partly_noticed", 60),
    "moved away and back": (planned(told(-50), told(-40, 5, 7), told(-2)), "noticed", 0),
    "not over yet: as announced": (planned(told(-1), began=None, ended=None), "late", 120),
    "it ended, nobody said that it began": (planned(told(-1), began=None, ended=0.5), "late", 30),
    "it was over before its time": (planned(told(-1), began=None, ended=-0.5), "late", 0),
}


@pytest.mark.parametrize("name", CASES)
def test_a_maintenance_is_judged(name):
    case, verdict, minutes = CASES[name]
    assert (only(case).verdict, counted(case)) == (verdict, minutes)


def test_what_counts_and_what_is_excluded_make_up_the_work():
    for case, _verdict, minutes in CASES.values():
        found = only(case)
        assert seconds(found.excluded) + minutes * 60 == seconds(found.work)


@pytest.mark.parametrize(
    ("case", "lead", "lacking"),
    [
        (planned(), 25, 0),
        (planned(told(-3)), 3, 21),
        (planned(told(1)), -1, 25),
        (planned(told(None)), None, 0),
        (planned(told(-50, 0, 4), told(-3)), 50, 0),
        (planned(told(-50, 0, 1), told(-3)), 3, 21),
        (planned(told(-3, end=0.5)), 3, 0),
    ],
)
def test_it_is_said_by_how_much(case, lead, lacking):
    found = only(case)
    assert found.lead == (None if lead is None else lead * HOUR)
    assert found.lacking == lacking * HOUR


def test_it_is_said_what_the_moment_of_notice_was_taken_from():
    paper = Announcement(at(0), at(2), at(-30), Basis.PUBLICATION)
    assert (only(planned(paper)).basis, only(planned()).basis, only(planned(told(None))).basis) == (
        "publication",
        "ledger",
        None,
    )


def test_needing_having_and_lacking_notice_are_three_things():
    facts = {name: only(case) for name, (case, *_) in CASES.items()}
    asked = ["noticed in time", "noticed a second too late", "half an hour needs none", "cancelled before it began"]
    said = [(facts[each].needs_notice, facts[each].had_notice, facts[each].is_wanting) for each in asked]
    assert said == [(True, True, False), (True, False, True), (False, False, False), (False, True, False)]
    short_and_told = only(planned(told(-25, end=0.5), ended=0.5))
    assert (short_and_told.needs_notice, short_and_told.had_notice) == (False, True)


def test_what_is_not_over_is_provisional():
    assert only(planned(ended=None)).is_provisional and not only(planned()).is_provisional


def short(number: int, start: float, *services: str, noticed: float | None = None) -> Planned:
    """Twenty minutes of work."""
    end = start + 1 / 3
    return planned(told(noticed, start, end), began=start, ended=end, id=f"{number}", services=services)


def test_short_windows_without_notice_add_up_on_one_service():
    pair = [short(1, 0, "a", "b"), short(2, 23, "b"), short(3, 60, "b")]
    found = judged(pair)
    assert [found[each].verdict for each in "123"] == ["no_notice", "no_notice", "not_needed"]
    assert {name: seconds(span) for name, span in found["1"].by_service.items()} == {"a": 0, "b": 1200}
    assert [found[each].needs_notice for each in "123"] == [True, True, False]


def test_windows_that_name_no_component_are_chained_to_each_other():
    found = judged([short(1, 0), short(2, 1), short(3, 1, "a")])
    assert [found[each].verdict for each in "123"] == ["no_notice", "no_notice", "not_needed"]


def test_a_minute_that_another_window_excludes_does_not_count():
    unnoticed = planned(told(-1), id="late")
    around = planned(told(-48, -1, 1), began=-1, ended=1, id="around")
    assert seconds(judged([unnoticed, around])["late"].counted) == 3600


# --- Against a count of minutes -------------------------------------------------------------------

SHORT_WORK = st.builds(
    lambda start, length, ahead, early, over, service, state: (start, length, ahead, early, over, service, state),
    st.integers(0, 4000),
    st.integers(1, 70),
    st.none() | st.integers(-30, 3000),
    st.integers(-20, 20),
    st.integers(-20, 20),
    st.sampled_from("ab"),
    st.sampled_from(["", "", "cancelled", "emergency"]),
)


def brute(cases) -> list[int]:
    """Minutes of work that count, by asking every minute of every maintenance."""

    def had(case):
        return case[2] is not None and case[2] >= 24 * 60

    lacking = [each for each in cases if not each[6] and each[1] <= 30 and not had(each)]

    def chain(case):
        linked, grew = [case], True
        while grew:
            near = [
                each
                for each in lacking
                if not any(each is held for held in linked)
                and any(each[5] == held[5] and abs(each[0] - held[0]) < 24 * 60 for held in linked)
            ]
            linked, grew = linked + near, bool(near)
        return sum(each[1] for each in linked)

    def is_free(minute, service):
        return any(
            each[5] == service
            and each[0] <= minute < each[0] + each[1]
            and each[6] != "cancelled"
            and (had(each) or each[6] == "emergency" or (each[1] <= 30 and chain(each) <= 30))
            for each in cases
        )

    return [
        sum(not is_free(minute, case[5]) for minute in range(case[0] + case[3], case[0] + case[1] + case[4]))
        for case in cases
    ]


@given(st.lists(SHORT_WORK, min_size=1, max_size=5))
def test_the_minutes_are_those_of_a_count(cases):
    def moment(minute):
        return START + minute * MINUTE

    found = judged(
        Planned(
            f"{number}",
            (service,),
            (Announcement(moment(start), moment(start + length), None if ahead is None else moment(start - ahead)),),
            moment(start + early),
            moment(start + length + over),
            is_cancelled=state == "cancelled",
            is_emergency=state == "emergency",
        )
        for number, (start, length, ahead, early, over, service, state) in enumerate(cases)
    )
    counts = [seconds(found[f"{number}"].counted) / 60 for number in range(len(cases))]
    assert counts == brute(cases)


def test_a_chain_of_short_windows_whose_notice_is_to_come_is_pending_and_spoils_no_other():
    """Daily, twenty minutes each; beside the second, half an hour later, work that nobody was told of."""
    daily = [
        planned(to_come(day * 23 - 25, day * 23, day * 23 + 1 / 3), began=None, ended=None, id=f"{day}")
        for day in range(3)
    ]
    found = judged([*daily, short(9, 23.5, "database")])
    assert [str(each.verdict) for each in found.values()] == ["pending"] * 3 + ["not_needed"]
    assert not any(each.counted for each in found.values()) and all(found["0"].needs_notice for _ in daily)
    alone = judged([daily[0]])["0"]
    assert (alone.verdict, alone.needs_notice) == ("not_needed", False)
