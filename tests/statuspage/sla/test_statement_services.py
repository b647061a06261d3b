"""A component that serves two contracted services: each is judged by itself, and what counts on one counts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statuspage.sla.excuses import Rule
from statuspage.sla.judgement import Planned, Verdict
from statuspage.sla.stated import Service
from statuspage.sla.statement import statement

from .test_statement import components, failures, inputs, stretch, work, works


@pytest.mark.parametrize("others", [(), (Service("Other", "Other", ("api",)),)])
def test_a_component_of_two_services_is_judged_on_each(others):
    """Two short windows chain on the first service; that one of them is free on another service excuses nothing."""
    held = stretch(services=(*stretch().services, *others))
    short = [work(40, 40.25, None), work(50, 50.5, None, ("app",))]
    found = statement(inputs(works=short, stretches=[held]))
    assert found.counted_seconds == 0.75 * 3600
    assert [each.verdict for each in found.windows] == [Verdict.NONE, Verdict.NONE]
    ours = [piece.rule for line in found.lines for piece in line.pieces if line.service.key == "Platform"]
    assert ours == [Rule.CHAINED, Rule.CHAINED]
    assert [piece.rule for line in found.lines for piece in line.pieces if line.service.key == "Other"] == [
        Rule.SHORT for _other in others
    ]


@st.composite
def short_works(draw) -> Planned:
    """Without notice, and near enough to chain."""
    start = draw(st.integers(40, 90))
    return work(start, start + draw(st.sampled_from([0.25, 0.5])), None, (draw(components),), id=f"short-{start}")


@given(
    st.lists(failures(), max_size=2),
    st.lists(short_works() | works(), max_size=5, unique_by=lambda each: each.id),
    st.sets(components, min_size=1),
)
def test_a_service_more_lowers_no_downtime_and_no_verdict_contradicts_it(outages, maintenances, of_another):
    """Beside a service of both components stands one of some of them: what was promised of the first stays."""
    first = Service("Platform", "Platform", ("primary", "secondary"))
    both = (first, Service("Other", "Other", tuple(sorted(of_another))))
    alone, beside = (
        statement(inputs(*outages, works=maintenances, stretches=[stretch(services=held)])) for held in ((first,), both)
    )
    assert beside.counted == alone.counted
    assert [each.verdict for each in beside.windows] == [each.verdict for each in alone.windows]
    ours = [line for line in beside.lines if line.service == first]
    free = {line.source for line in ours for piece in line.pieces if piece.rule == Rule.SHORT}
    assert not free & {each.id for each in beside.windows if each.is_wanting}
