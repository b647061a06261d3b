"""Unmodified readers of Statuspage's public API against a running server: what they say of the page is what it says."""

import json
import re

import pytest

from tests.servers.host import OtherSite, Page
from tests.strangers import packages
from tests.strangers.stage import BROKEN, STATUSES

pytestmark = pytest.mark.serial

PREPARED = "from tests.strangers import stage; stage.store_page()"


def test_statuspage_prometheus_exporter_measures_the_page(site, python_clients, tmp_path):
    services, written = tmp_path / "services.json", tmp_path / "page.prom"
    services.write_text(json.dumps({"ours": {"name": "Ours", "url": f"{site.url}/api/v2/summary.json"}}))
    wanted = {"SERVICES_JSON_PATH": str(services), "METRICS_TEXTFILE_PATH": str(written), "RUN_MODE": "once"}
    packages.run([str(python_clients.with_name("statuspage-prometheus-exporter"))], tmp_path, wanted)
    found = written.read_text()
    assert measured(found, "statuspage_probe_check") == {"Ours": 1.0}
    assert measured(found, "statuspage_service_status") == {"Ours": 0.0}
    components = measured(found, "statuspage_component_status", "component_name")
    said = {name: float(status == "operational") for name, status in STATUSES.items()}
    assert components == said | {"Core": 0.0}
    incident = line_of(found, "statuspage_incident_info")
    assert 'impact="major"' in incident and 'affected_components="Search, API"' in incident
    assert f'shortlink="{site.url}/incidents/' in incident
    maintenances = set(measured(found, "statuspage_maintenance_info", "maintenance_name"))
    assert maintenances == {"Running", "Planned"}


def line_of(text, name):
    return next(line for line in text.splitlines() if line.startswith(name + "{"))


def measured(text, name, label="service_name"):
    """The values of one measure by one of its labels."""
    lines = (line for line in text.splitlines() if line.startswith(name + "{"))
    return {re.search(f'{label}="([^"]*)"', line)[1]: float(line.rpartition(" ")[2]) for line in lines}


def test_statuspage_io_reads_every_list(site, node_clients, tmp_path):
    script = packages.HERE / "statuspage_io.js"
    answers = json.loads(packages.run(["node", str(script), site.url], tmp_path, {"NODE_PATH": str(node_clients)}))
    names = {call: [each["name"] for each in answers[call][key]] for call, key in LISTS.items()}
    assert names["incidents"] == [BROKEN, "Web is down"]
    assert names["unresolved"] == [BROKEN]
    assert names["upcoming"] == ["Planned"]
    assert set(STATUSES) < set(names["components"])
    assert answers["status"]["status"] == {"indicator": "minor", "description": "Minor Service Outage"}
    assert answers["summary"]["status"] == answers["status"]["status"]


LISTS = {
    "components": "components",
    "incidents": "incidents",
    "unresolved": "incidents",
    "upcoming": "scheduled_maintenances",
}
"""Its calls and the keys of their answers; asked for all maintenances or the active ones, it reads what is upcoming."""


ELEMENT = """<!doctype html><html lang="en"><head><title>A shop</title><script src="/widget.js"></script></head><body>
<statuspage-widget src="{url}"></statuspage-widget>
<statuspage-widget src="{url}" appearance="badge" title="our provider"></statuspage-widget></body></html>"""


def test_status_widget_shows_the_page_on_another_site(site, node_clients, chromium):
    other = OtherSite().start()
    try:
        script = node_clients / "@statuspage" / "status-widget" / "dist" / "index.js"
        other.pages["/widget.js"] = Page(script.read_bytes(), "text/javascript; charset=utf-8")
        other.pages["/"] = Page(ELEMENT.format(url=site.url).encode())
        page = chromium.new_page()
        page.goto(f"{other.url}/")
        page.locator("a.basic .status-indicator.minor").wait_for()
        assert page.locator("a.basic").inner_text().split() == "Minor Service Outage".split()
        badge = page.locator("a.badge")
        assert "our provider" in badge.inner_text() and badge.get_attribute("href") == site.url
        page.close()
    finally:
        other.stop()
