"""The headline: one glance says whether it is me or them."""

import pytest

from statuspage.publishing.sentences import NAME_LENGTH, as_html, as_text, headline, tone

from .factories import a_component, a_group, a_maintenance, a_snapshot, ago, an_incident

STATES = {
    "M": "major_outage",
    "P": "partial_outage",
    "D": "degraded_performance",
    "W": "under_maintenance",
    "-": "operational",
}


def page(states, **facts):
    """A page whose components are in these states, named A, B, C ..."""
    components = tuple(
        a_component("ABCDEFGH"[place], status=STATES[state], position=place) for place, state in enumerate(states)
    )
    return a_snapshot(components=components, **facts)


@pytest.mark.parametrize(
    ("states", "sentence", "worst"),
    [
        ("-", "All systems work.", "operational"),
        ("---", "All systems work.", "operational"),
        ("M", "A is down.", "major_outage"),
        ("M-", "A is down. Everything else works.", "major_outage"),
        ("-PP-", "B and C are partly down. Everything else works.", "partial_outage"),
        ("DDD-", "A, B and C have degraded performance. Everything else works.", "degraded_performance"),
        ("DDDDD-", "A, B and 3 others have degraded performance. Everything else works.", "degraded_performance"),
        ("W-", "A is under maintenance. Everything else works.", "under_maintenance"),
        ("-MP", "B is down. C is partly down. Everything else works.", "major_outage"),
        ("PM", "B is down. A is partly down.", "major_outage"),
        (
            "MPD-",
            "A is down. B is partly down. 1 more component is affected. Everything else works.",
            "major_outage",
        ),
        ("MPDDW", "A is down. B is partly down. 3 more components are affected.", "major_outage"),
        ("MM", "A and B are down.", "major_outage"),
        ("MMMM", "All systems are down.", "major_outage"),
        ("PPPPP", "All systems are partly down.", "partial_outage"),
        ("DDDD", "All systems have degraded performance.", "degraded_performance"),
        ("WWWW", "All systems are under maintenance.", "under_maintenance"),
        ("", "No problems are known.", "operational"),
    ],
)
def test_the_sentence_says_what_is_down_and_what_works(states, sentence, worst):
    assert as_text(headline(page(states))) == sentence
    assert tone(page(states)) == worst


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        ("investigating", "All systems work. One incident is being investigated."),
        ("identified", "All systems work. One incident is being fixed."),
        ("monitoring", "All systems work. One incident is being watched."),
        ("resolved", "All systems work."),
        ("postmortem", "All systems work."),
    ],
)
def test_an_open_incident_that_no_component_shows_is_not_hidden(status, sentence):
    assert as_text(headline(page("--", incidents=(an_incident(status=status),)))) == sentence


def test_several_such_incidents_are_counted():
    incidents = (an_incident("one"), an_incident("two"))
    assert as_text(headline(page("-", incidents=incidents))) == "All systems work. 2 incidents are open."


def test_an_incident_whose_component_is_down_is_not_told_twice():
    down = a_component("A", status="major_outage")
    snapshot = a_snapshot(components=(down,), incidents=(an_incident(components=(down,)),))
    assert as_text(headline(snapshot)) == "A is down."


def test_a_running_maintenance_that_no_component_shows_is_told():
    running = a_maintenance(status="in_progress", scheduled_for=ago(hours=1))
    assert as_text(headline(page("-", maintenances=(running,)))) == "All systems work. 1 maintenance is in progress."
    assert as_text(headline(page("-", maintenances=(a_maintenance(),)))) == "All systems work."


@pytest.mark.parametrize(
    ("impact", "with_components", "without"),
    [
        ("none", "operational", "operational"),
        ("minor", "degraded_performance", "degraded_performance"),
        ("major", "degraded_performance", "partial_outage"),
        ("critical", "degraded_performance", "major_outage"),
    ],
)
def test_beside_working_components_an_incident_is_at_most_amber(impact, with_components, without):
    incidents = (an_incident(impact=impact),)
    assert tone(page("-", incidents=incidents)) == with_components
    assert tone(page("", incidents=incidents)) == without


def test_a_name_that_several_components_have_is_told_with_its_group():
    groups = {name: a_group(name, []) for name in ("Interface", "Payments")}
    twins = [
        a_component("Europe", id=name, group_id=group.id, status=status)
        for (name, group), status in zip(groups.items(), ("operational", "partial_outage"), strict=True)
    ]
    own = a_component("Mail", group_id=groups["Payments"].id, status="partial_outage")
    snapshot = a_snapshot(components=(*twins, own), groups=tuple(groups.values()))
    assert as_text(headline(snapshot)) == "Payments - Europe and Mail are partly down. Everything else works."


def test_fault_67_a_name_keeps_its_direction_and_its_markup_to_itself():
    hostile = a_component("\u2068<b>خدمة\u2069", status="major_outage")
    sentence = headline(a_snapshot(components=(hostile,)))
    assert as_html(sentence) == "<bdi>&lt;b&gt;خدمة</bdi> is down."
    assert as_text(sentence) == "<b>خدمة is down."


def test_fault_67_a_long_name_is_cut():
    sentence = headline(a_snapshot(components=(a_component("x" * 255, status="major_outage"),)))
    assert as_text(sentence) == "x" * (NAME_LENGTH - 1) + "… is down."
