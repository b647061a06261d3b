"""Outages corrected by staff."""

import pytest
from django.core.exceptions import ValidationError

from statuspage.actions import incidents
from statuspage.actions.base import StaleEdit
from statuspage.actions.outages import correct_outage
from statuspage.models import Outage

from .given import ALICE, NOON, component, hours, incident, minutes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("publish_root")]


@pytest.fixture
def outage():
    """One hour of major outage, over."""
    opened = incident({component(): "major_outage"})
    incidents.publish_update(incident=opened, status="resolved", body="Done.", actor=ALICE, now=NOON + hours(1))
    return Outage.objects.get()


def correct(outage: Outage, **facts) -> Outage:
    facts = {
        "started_at": NOON - minutes(10),
        "ended_at": NOON + hours(1),
        "cause": "own",
        "reason": "The monitor saw it earlier.",
        "actor": ALICE,
        "now": NOON + hours(2),
    } | facts
    return correct_outage(outage=outage, **facts)


def test_a_correction_is_a_new_version_that_keeps_the_old(outage):
    corrected = correct(outage, cause="third_party")
    outage.refresh_from_db()
    assert (corrected.replaces, corrected.is_current, outage.is_current) == (outage, True, False)
    assert (corrected.started_at, corrected.cause) == (NOON - minutes(10), "third_party")


def test_a_corrected_outage_is_not_corrected_again(outage):
    correct(outage)
    with pytest.raises(StaleEdit):
        correct(outage)
    assert Outage.objects.count() == 2


@pytest.mark.parametrize(
    ("field", "facts"),
    [
        ("reason", {"reason": " "}),
        ("ended_at", {"ended_at": NOON - hours(1)}),
        ("ended_at", {"ended_at": NOON + hours(3)}),
        ("ended_at", {"ended_at": None}),
        ("started_at", {"started_at": NOON + hours(3)}),
        ("cause", {"cause": "gremlins"}),
    ],
)
def test_a_bad_correction_names_its_field(outage, field, facts):
    with pytest.raises(ValidationError) as refused:
        correct(outage, **facts)
    assert field in refused.value.message_dict
    assert Outage.objects.count() == 1
