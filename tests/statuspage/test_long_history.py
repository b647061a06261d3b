"""Fault 87: ten years of history, 10,000 incidents, 50,000 updates. What happens today costs what it did at first."""

import itertools
import re
import time
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from statuspage.actions import incidents
from statuspage.models import Component, Incident, IncidentComponent, IncidentUpdate, Publication
from statuspage.publishing import publish, store

from .console.conftest import person
from .given import ALICE, component, incident
from .test_serve import Reader

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("publish_root")]

UPDATES, YEARS = 5, 10
COUNTS = pytest.mark.parametrize("count", [2_000, pytest.param(10_000, marks=pytest.mark.long)])
TODAY = datetime(2026, 11, 2, 12, tzinfo=UTC)
LARGE = re.compile(r"Seq Scan on (statuspage_incident(?:update)?)\b")


def seed(count: int, *components: Component) -> None:
    """So many incidents of these components in turn, evenly over ten years; rendered already, as the folder knows."""
    step = timedelta(days=365 * YEARS) / count
    starts = [TODAY - step * (number + 1) for number in range(count)]
    revision = Publication.objects.current().revision
    rows = [
        Incident(pk=f"{number:012}", name=f"Incident {number}", status="resolved", impact="minor", created_at=at,
                 updated_at=at, started_at=at, resolved_at=at, revision=revision)
        for number, at in enumerate(starts)
    ]  # fmt: skip
    Incident.objects.bulk_create(rows, batch_size=1000)
    said = [
        IncidentUpdate(pk=f"{row.pk[2:]}{number:02}", incident=row, status="resolved", body="It was a cable.",
                       created_at=row.created_at, updated_at=row.created_at, display_at=row.created_at)
        for row, number in itertools.product(rows, range(UPDATES))
    ]  # fmt: skip
    IncidentUpdate.objects.bulk_create(said, batch_size=1000)
    if components:
        touched = zip(rows, itertools.cycle(components), strict=False)
        claims = [IncidentComponent(incident=row, component=each, status="operational") for row, each in touched]
        IncidentComponent.objects.bulk_create(claims, batch_size=1000)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE statuspage_incident, statuspage_incidentupdate, statuspage_incidentcomponent")


def plans(queries: CaptureQueriesContext) -> list[str]:
    """How PostgreSQL answers those that look at the large tables."""
    asked = [each["sql"] for each in queries.captured_queries if each["sql"].startswith("SELECT")]
    found = []
    with connection.cursor() as cursor:
        for sql in asked:
            cursor.execute(f"EXPLAIN {sql}")
            found.append("\n".join(row[0] for row in cursor.fetchall()))
    return found


def assert_by_index(queries: CaptureQueriesContext) -> None:
    if connection.vendor == "postgresql":
        assert not [plan for plan in plans(queries) if LARGE.search(plan)]


@COUNTS
def test_fault_87_a_publication_asks_as_much_with_ten_years_behind_it_and_finds_all_by_index(count):
    api, rare, *others = (component(name) for name in ("API", "Rare", "Web", "Mail"))
    touched = {api: "operational", rare: "operational"}
    first, second = incident(touched, name="The first"), incident(touched, name="The second")
    incidents.publish_update(incident=first, status="identified", body="A cable.", actor=ALICE)
    with CaptureQueriesContext(connection) as young:
        incidents.publish_update(incident=first, status="resolved", body="Over.", actor=ALICE)
    seed(count, api, *others)
    incidents.publish_update(incident=second, status="identified", body="A cable.", actor=ALICE)
    with CaptureQueriesContext(connection) as old:
        incidents.publish_update(incident=second, status="resolved", body="Over.", actor=ALICE)
    assert len(old) == len(young)
    assert_by_index(old)
    assert store.read_manifest(store.root()).revision == Publication.objects.current().revision


@COUNTS
def test_fault_87_the_consoles_lists_go_from_page_to_page_by_index(count):
    seed(count)
    client = Client()
    client.force_login(person("viewer"))
    names, address = [], "/admin/incident/"
    for _ in range(4):
        with CaptureQueriesContext(connection) as queries:
            text = client.get(address).text
        names += re.findall(r"<bdi>(Incident \d+)</bdi>", text)
        assert_by_index(queries)
        assert not [each for each in queries.captured_queries if "OFFSET" in each["sql"]]
        address = "/admin/incident/" + re.search(r'href="(\?after=[^"]+)" rel="next"', text)[1]
    assert names == [f"Incident {number}" for number in range(120)]
    back = re.search(r'href="(\?before=[^"]+)" rel="prev"', text)[1]
    text = client.get(f"/admin/incident/{back}").text
    assert re.findall(r"<bdi>(Incident \d+)</bdi>", text) == [f"Incident {number}" for number in range(60, 90)]
    deep = (TODAY - timedelta(days=3_000)).isoformat().replace("+", "%2B")
    with CaptureQueriesContext(connection) as queries:
        assert client.get(f"/admin/incident/?after={deep}_0").text.count("<bdi>Incident") == 30
    assert_by_index(queries)
    assert client.get("/admin/incident/?after=rubbish").text.count("<bdi>Incident 0</bdi>") == 1


def test_fault_87_a_month_without_a_page_is_not_found_at_once(django_assert_num_queries):
    incident()
    reader = Reader()
    assert reader.ask("/history/2026-11")[0] == 200
    began = time.perf_counter()
    with django_assert_num_queries(0):
        for year in range(1000, 2000):
            assert reader.ask(f"/history/{year}-05")[0] == 404
    assert (time.perf_counter() - began) / 1000 < 0.005
    assert reader.passed_on == []


@pytest.mark.long
def test_fault_87_ten_years_are_a_page_a_month_and_stay_as_they_are():
    """All of it rendered once; an update of today's changes today's pages."""
    publish.publish()
    seed(10_000)
    Incident.objects.update(revision=Publication.objects.current().revision + 1)
    Publication.objects.update(revision=Publication.objects.current().revision + 1)
    publish.publish()
    publish.finish()
    months = {path: file_of(path) for path in store.page_files(store.root()) if path.startswith("history/")}
    assert len(months) >= 12 * YEARS
    began = time.perf_counter()
    incident(name="Today", now=TODAY)
    print(f"{time.perf_counter() - began:.3f} s for one publication after 10,000 incidents")
    changed = {path for path, before in months.items() if file_of(path) != before}
    assert changed == {"history/2026-11.html", "history/2026-11.json"}


def file_of(path: str) -> int:
    return (store.root() / "pages" / path).stat().st_ino
