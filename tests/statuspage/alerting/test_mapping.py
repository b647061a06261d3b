"""Webhooks of any shape: what a mapping reads, and what no mapping and no payload can do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statuspage.alerting.alertmanager import Unreadable
from statuspage.alerting.alertmanager import read as read_alertmanager
from statuspage.alerting.mapping import check, read
from tests.statuspage.given import NOON

GRAFANA = {
    "each": "evalMatches",
    "alert": "tags.id",
    "group": "ruleId",
    "state": {"path": "state", "values": {"alerting": "firing", "OK": "resolved"}},
    "component": {"path": "tags.service", "values": {"pay": "Checkout"}, "default": "Other"},
    "component_status": {"path": "value", "values": {"2": "major_outage", "true": "partial_outage"}},
    "impact": {"default": "minor"},
    "summary": "title",
    "starts_at": "since",
}


def test_facts_are_looked_up_in_the_alert_then_in_the_payload_and_translated():
    payload = {
        "ruleId": 7, "state": "Alerting", "title": "Payments\n fail", "since": 1793620800000,
        "evalMatches": [{"tags": {"id": "a", "service": "PAY"}, "value": 2},
                        {"tags": {"id": "b"}, "value": True, "state": "ok"}],
    }  # fmt: skip
    found = read(payload, check(GRAFANA), NOON)
    assert list(found) == ["7"]
    first, second = found["7"].alerts
    assert not found["7"].is_whole
    assert (first.fingerprint, first.components, first.component_status) == ("a", ("Checkout",), "major_outage")
    assert (first.fires, first.impact, first.summary) == (True, "minor", "Payments fail")
    assert (second.fires, second.components, second.component_status) == (False, ("Other",), "partial_outage")
    assert first.starts_at == NOON.replace(hour=12), "milliseconds of the epoch"


def test_lists_positions_and_what_a_hook_is_about_by_itself():
    rules = {"state": {"default": "firing"}, "component": "what", "summary": "a.1.b"}
    [alert] = read({"what": ["x", "y"], "a": [0, {"b": 1.5}]}, check(rules), NOON, ["usual"])[""].alerts
    assert (alert.components, alert.summary) == (("x", "y"), "1.5")
    [alert] = read({}, rules, NOON, ["usual"])[""].alerts
    assert (alert.components, alert.summary, alert.fingerprint) == (("usual",), "", "")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ([], "mapping"),
        ({}, "state"),
        ({"state": "x", "colour": "y"}, "colour"),
        ({"state": {"values": {"a": "on"}}}, "state: 'on'"),
        ({"state": {"default": 1}}, "state"),
        ({"state": {"path": ""}}, "state"),
        ({"state": "." * 20}, "state"),
        ({"state": {"values": []}}, "state"),
        ({"state": "x", "each": 1}, "each"),
    ],
)
def test_a_mapping_that_cannot_be_meant_is_refused_by_the_facts_name(wrong, words):
    with pytest.raises(Unreadable, match=f"^{words}"):
        check(wrong)


NAMES = [*GRAFANA, "tags", "evalMatches", "version", "groupKey", "alerts", "startsAt", "status"]
WORDS = st.text() | st.sampled_from(["firing", "resolved", "alerting", "4"])
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES) | st.text(), inner, max_size=4),
)


@given(JSON)
def test_no_payload_breaks_a_reader(payload):
    for reader in (lambda: read(payload, GRAFANA, NOON), lambda: read_alertmanager(payload, "page")):
        try:
            assert reader()
        except Unreadable as error:
            assert str(error)
