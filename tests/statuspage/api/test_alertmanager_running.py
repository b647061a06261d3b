"""The real Alertmanager in front of a running site: one incident, true at every step, whoever is down meanwhile."""

import json
import signal
import time

import pytest

from tests import browsers
from tests.servers import alertmanager
from tests.servers.alertmanager import Alertmanager, now

pytestmark = pytest.mark.serial

COMPONENTS = """
import json
from statuspage import audit
from statuspage.actions.components import create_component
from statuspage.models import Component
print(json.dumps([create_component(name=name, actor=audit.SYSTEM).pk for name in ("Checkout", "Login")]))
"""
A_MOMENT, A_MINUTE = 3, pytest.param(60, marks=pytest.mark.long)
"""Seconds that the site is down, for an Alertmanager that tries again each second."""


@pytest.fixture(scope="module")
def argv0() -> str:
    found = alertmanager.program()
    if found is None and browsers.from_debian(alertmanager.PACKAGE):
        found = alertmanager.program()
    if found is None:
        pytest.skip("no Alertmanager here, and Debian's package cannot be installed")
    return found


class Told:
    """The site as readers have it, and Prometheus with its alerts."""

    def __init__(self, site, manager: Alertmanager) -> None:
        self.site, self.manager, self.alerts = site, manager, {}

    def fire(self, name: str, component: str, status: str) -> None:
        notes = {"statuspageComponentName": "Checkout", "statuspageComponentStatus": status,
                 "statuspageSummary": f"{name} fails."}  # fmt: skip
        labels = {"alertname": name, "statuspage": "true", "statuspageComponentId": component}
        self.alerts[name] = {"labels": labels, "annotations": notes, "startsAt": now()}
        self.say()

    def end(self, name: str) -> None:
        self.alerts[name]["endsAt"] = now()
        self.say()

    def say(self) -> None:
        self.manager.tell(self.alerts.values())

    def is_so(self, *updates: str, component: str) -> bool:
        summary = self.site.get("/api/v2/summary.json").json()
        [incident] = self.site.get("/api/v2/incidents.json").json()["incidents"] or [{"incident_updates": []}]
        said = [each["status"] for each in reversed(incident["incident_updates"])]
        return said == list(updates) and summary["components"][0]["status"] == component

    def wait(self, *updates: str, component: str) -> None:
        def is_so() -> bool:
            return self.is_so(*updates, component=component)

        self.site.wait_for(is_so, 30, f"the page says {updates} and {component}\n{self.manager.log()[-1500:]}")


@pytest.mark.parametrize("down", [A_MOMENT, A_MINUTE])
def test_one_incident_tells_the_truth_through_silence_and_restarts(make_site, tmp_path, argv0, down):
    site = make_site("postgres", workers=0, beats=0, ALERT_ORDER_SECONDS="1")
    checkout, login = json.loads(site.manage("shell", "-v", "0", "-c", COMPONENTS).stdout)
    key = site.manage("create_api_key", "prometheus", "--scope", "alerts").stdout.strip()
    manager = Alertmanager(argv0, tmp_path / "alertmanager", url=f"{site.url}/hooks/alertmanager", key=key)
    told = Told(site, manager)
    first = "identified"
    try:
        told.fire("Slow", checkout, "degraded_performance")
        told.wait(first, component="degraded_performance")
        told.fire("Down", checkout, "major_outage")
        told.wait(first, first, component="major_outage")

        manager.restart()
        told.say()
        site.kill_web()
        told.end("Slow")
        time.sleep(down)
        site.start_web()
        told.wait(first, first, first, component="major_outage")

        manager.restart(number=signal.SIGKILL)
        told.say()
        time.sleep(4)  # longer than it takes to say all of it again
        assert told.is_so(first, first, first, component="major_outage"), "nothing is told twice"

        site.kill_web()
        told.end("Down")
        time.sleep(down)
        site.start_web()
        told.wait(first, first, first, "resolved", component="operational")
        time.sleep(2)
        assert told.is_so(first, first, first, "resolved", component="operational")
    finally:
        manager.stop()
    assert "connection refused" in manager.log(), "the site was down while it was told something"
    names = {each["name"] for each in site.get("/api/v2/incidents.json").json()["incidents"]}
    assert names == {"Problem with Checkout"}
    assert login in site.get("/api/v2/components.json").text
