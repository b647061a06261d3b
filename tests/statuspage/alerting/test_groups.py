"""Groups of alerts over time: whatever is repeated, overtaken, lost or forgotten, what is said comes out true."""

import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statuspage.alerting.facts import Act, Alert, Course, Hands, Pace, Report, Said
from statuspage.alerting.groups import decide, heard, level, wanted
from statuspage.alerting.kept import as_data, from_data
from statuspage.vocabulary import ComponentStatus, Impact, IncidentStatus
from tests.statuspage.given import NOON

PACE = Pace(order=timedelta(seconds=10), quiet=timedelta(minutes=10))
NAMES = ["checkout", "orders", "login"]
STATUSES = [None, *list(ComponentStatus)[2:]]


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def alert(name: str = "checkout", start: float = 0, end: float | None = None, **facts) -> Alert:
    facts = {
        "components": ("api",),
        "component_status": ComponentStatus.MAJOR_OUTAGE,
        "summary": f"{name} fails",
    } | facts
    return Alert(fingerprint=name, starts_at=at(start), ends_at=None if end is None else at(end), **facts)


class Story:
    """A group's course, kept as JSON between any two messages, and all that was said."""

    def __init__(self, hands: Hands = Hands.ALERTS) -> None:
        self.course, self.hands, self.acts, self.again_at = Course(), hands, [], None

    def hear(self, seconds: float, *alerts: Alert, **facts) -> Act:
        self.course = heard(self.course, Report(alerts=alerts, **facts), at(seconds), PACE)
        return self.look(seconds)

    def look(self, seconds: float) -> Act:
        self.course, step = decide(self.course, self.hands, at(seconds), PACE)
        self.course = from_data(json.loads(json.dumps(as_data(self.course))))
        self.again_at = step.again_at
        if step.act != Act.NOTHING:
            self.acts.append(step.act)
        return step.act

    def wait(self) -> None:
        """As the sweep does: look again when it is time, until nothing waits."""
        for _ in range(10):
            if self.again_at is None:
                return
            self.look((self.again_at - NOON).total_seconds())
        raise AssertionError("it waits for ever")

    @property
    def components(self) -> dict:
        return dict(self.course.said.components)


def test_one_incident_follows_its_group_from_the_first_alert_to_the_last():
    story = Story()
    slow = alert("slow", 0, component_status=ComponentStatus.DEGRADED_PERFORMANCE, impact=Impact.NONE)
    down = alert("down", 60, impact=Impact.CRITICAL, status=IncidentStatus.INVESTIGATING)
    assert story.hear(5, slow) == Act.OPEN
    assert story.hear(65, slow, down) == Act.UPDATE
    assert (story.components, story.course.said.impact) == ({"api": "major_outage"}, "critical")
    assert story.course.said.status == "identified", "the highest of all"
    assert story.hear(3665, slow, down) == Act.NOTHING, "Alertmanager says again what goes on"
    assert story.hear(4000, slow, replace(down, ends_at=at(3990))) == Act.UPDATE
    assert (story.components, story.course.said.impact) == ({"api": "degraded_performance"}, "critical")
    assert story.hear(5000, replace(slow, ends_at=at(4990))) == Act.RESOLVE
    assert story.hear(5001, replace(slow, ends_at=at(4990))) == Act.NOTHING
    assert story.hear(9000, alert("slow", 8995)) == Act.OPEN, "long after, it is another one"


def test_a_message_that_was_overtaken_changes_nothing():
    story = Story()
    fires, over = alert(), alert(end=50)
    assert [story.hear(5, fires), story.hear(60, over), story.hear(61, fires)] == [Act.OPEN, Act.RESOLVE, Act.NOTHING]
    assert story.hear(90, fires) == Act.REOPEN, "it can fire again from the same start: its end was a guess"
    late = alert(start=100)
    assert story.hear(110, late) == Act.NOTHING
    assert story.hear(115, over) == Act.NOTHING, "the end of an earlier time is not the end of this one"
    assert story.course.firing
    joined = alert(start=0, end=200)
    story.hear(205, joined)
    assert not story.course.firing, "both times were joined into one, and that is over"


def test_what_a_whole_message_no_longer_has_is_over():
    story = Story()
    story.hear(0, alert("a"), alert("b", components=("web",)))
    assert story.hear(5, alert("a")) == Act.NOTHING, "a message may have been on its way before b fired"
    assert story.hear(60, alert("a"), is_whole=False) == Act.NOTHING
    assert story.hear(61, alert("a")) == Act.UPDATE
    assert story.components == {"api": "major_outage"}


def test_a_message_that_leaves_alerts_out_closes_nothing():
    story = Story()
    story.hear(0, alert("a"), is_whole=False, hidden=3)
    assert story.hear(60, alert("a", end=50), is_whole=False, hidden=3) == Act.NOTHING
    assert story.hear(120, alert("a", end=50)) == Act.RESOLVE


def test_a_changed_figure_in_a_line_is_no_news():
    story = Story()
    story.hear(0, alert(summary="4% of requests fail"))
    assert story.hear(60, alert(summary="5% of requests fail")) == Act.NOTHING
    story.hear(120, alert(summary="5% of requests fail"), alert("pod-2", 90, summary="5% of requests fail"))
    assert story.acts == [Act.OPEN]
    assert story.hear(180, alert(summary="6%"), alert("orders", 150, summary="No orders arrive")) == Act.UPDATE


@pytest.mark.parametrize("rounds", [3, 40])
def test_flapping_is_told_once_and_its_end_when_it_was_quiet(rounds):
    story = Story()
    for each in range(rounds):
        story.hear(each * 120, alert(start=each * 120))
        story.hear(each * 120 + 60, alert(start=each * 120, end=each * 120 + 59))
    assert story.acts == [Act.OPEN, Act.RESOLVE, Act.REOPEN]
    last = rounds * 120 - 60
    assert story.again_at == at(last) + PACE.quiet
    assert story.look(last + 599) == Act.NOTHING
    assert story.look(last + 600) == Act.RESOLVE
    assert story.again_at is None


def test_a_component_that_goes_up_and_down_stays_at_its_worst_until_it_is_steady():
    story = Story()
    slow = alert("slow", component_status=ComponentStatus.DEGRADED_PERFORMANCE)
    story.hear(0, slow)
    for each in range(1, 20):
        story.hear(each * 60, slow, alert("down", each * 60))
        story.hear(each * 60 + 30, slow, alert("down", each * 60, end=each * 60 + 29))
    assert story.acts == [Act.OPEN, Act.UPDATE, Act.UPDATE, Act.UPDATE]
    assert story.components == {"api": "major_outage"}
    story.wait()
    assert story.components == {"api": "degraded_performance"}
    assert story.acts[4:] == [Act.UPDATE]


def test_staff_who_said_the_last_word_are_told_and_not_overruled():
    story = Story()
    story.hear(0, alert())
    story.hands = Hands.STAFF
    assert story.hear(60, alert()) == Act.NOTHING
    assert story.hear(120, alert(), alert("orders", 110, components=("web",))) == Act.NOTE
    story.hands = Hands.STAFF_CLOSED
    assert story.hear(180, alert(), alert("orders", 110, components=("web",))) == Act.NOTHING
    assert story.hear(240, alert(end=230), alert("orders", 110, 235, components=("web",))) == Act.NOTE
    assert story.hear(300, alert(start=290)) == Act.NOTE, "not quiet for long: what staff closed stays closed"
    assert story.hear(400, alert(start=290, end=390)) == Act.NOTE
    assert story.hear(1500, alert(start=1490)) == Act.OPEN, "after a quiet time it is another failure"


# --- Whatever happens ---------------------------------------------------------------------------

CHANGES = st.lists(
    st.tuples(st.sampled_from(NAMES), st.sampled_from(STATUSES), st.integers(15, 900)), min_size=1, max_size=12
)
"""One alert after the other fires or ends (whichever it did not), with what it says of the component, after so long."""


def messages(changes) -> list[tuple[float, tuple[Alert, ...]]]:
    """When each message about the group was sent, and all alerts that it had: what is over is told once."""
    clock, fires, sent = 0.0, {}, []
    for name, status, wait in changes:
        clock += wait
        over = []
        if name in fires:
            over = [replace(fires.pop(name), ends_at=at(clock))]
        else:
            fires[name] = alert(name, clock, component_status=status)
        sent.append((clock, (*fires.values(), *over)))
    return sent


@given(CHANGES, st.randoms(use_true_random=False))
def test_repeated_swapped_and_kept_messages_end_in_what_is_true(changes, random):
    """Each may come twice, be overtaken by the copy of the one before, or find another process that restarted."""
    story, sent = Story(), messages(changes)
    for number, (clock, alerts) in enumerate(sent):
        story.hear(clock, *alerts)
        said = (story.course.said, len(story.acts))
        if random.random() < 0.5:
            story.hear(clock + 1, *alerts)
        if number and random.random() < 0.5:
            story.hear(clock + 2, *sent[number - 1][1])
        assert (story.course.said, len(story.acts)) == said, "neither changed anything"
        never_too_good(story)
    truth = {each.fingerprint for each in sent[-1][1] if each.fires}
    assert {each.fingerprint for each in story.course.firing} == truth
    story.wait()
    as_it_is(story)


@given(CHANGES, st.sets(st.integers(0, 11)))
def test_messages_that_were_lost_are_made_good_by_the_last(changes, lost):
    """A server that was down hears of the rest: what is over is told until somebody took it."""
    story, sent, kept = Story(), messages(changes), {}
    for number, (clock, alerts) in enumerate(sent):
        kept = {each.fingerprint: each for each in (*kept.values(), *alerts)}
        if number in lost and number < len(sent) - 1:
            continue
        story.hear(clock, *kept.values())
        kept = {}
        never_too_good(story)
    story.wait()
    as_it_is(story)


@given(CHANGES)
def test_however_it_flaps_few_messages_go_out(changes):
    """In any stretch of quiet's length: what is worse, as often as it grows, and twice that it is over."""
    story = Story()
    for clock, alerts in messages(changes):
        story.hear(clock, *alerts)
    endings = story.acts.count(Act.RESOLVE)
    last = messages(changes)[-1][0]
    assert endings <= 2 + 2 * last / PACE.quiet.total_seconds()
    openings = [each for each in story.acts if each in {Act.OPEN, Act.REOPEN}]
    assert len(openings) in {endings, endings + 1}


def never_too_good(story: Story) -> None:
    """Nothing is said to be better than it is, not even while good news waits."""
    want, said = wanted(story.course), story.course.said
    if want.is_over:
        return
    assert not said.is_over
    for pk, status in want.components.items():
        assert pk in said.components and level(said.components[pk]) >= level(status)


def as_it_is(story: Story) -> None:
    want, said = wanted(story.course), story.course.said or Said(is_over=True)
    assert said.is_over == want.is_over
    assert dict(said.components) == dict(want.components)
