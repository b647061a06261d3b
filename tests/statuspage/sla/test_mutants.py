"""That the counts by brute force notice: a word of the code changed, and some random case comes out otherwise."""

from collections.abc import Iterator

import pytest

from statuspage.sla import cases as real

from . import brute, drawn
from .mutants import MUTANTS, mutated


@pytest.fixture(scope="module")
def answered() -> list[tuple[dict, dict]]:
    """The random cases of `test_brute` and what they come to."""
    drew = [*drawn.availabilities(1), *drawn.claims(2), *drawn.refunds(3), *drawn.clocks(4)]
    return [(case, {"id": case["id"]} | brute.answer(case)) for case in drew]


def differing(cases, answered: list[tuple[dict, dict]]) -> Iterator[str]:
    for case, answer in answered:
        ((found, _expected),) = cases.results({"cases": [case]})
        if found != answer:
            yield case["id"]


def test_the_code_as_it_stands_differs_nowhere(answered):
    assert list(differing(real, answered)) == []


@pytest.mark.parametrize("name", MUTANTS)
def test_a_mutant_is_noticed(tmp_path, answered, name):
    with mutated(MUTANTS[name], tmp_path) as cases:
        assert next(differing(cases, answered), None), f"nothing notices: {name}"
