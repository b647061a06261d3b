"""/metrics: the ledger in numbers, for whoever may read them."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from notifications import doorbell, metrics, tally
from notifications.models import Breaker, Delivery, OutboxEvent
from statuspage.models import Publication
from tests.notifications.given import subscribers
from tests.notifications.ledger import event, send, sweep, told

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick")]


@pytest.fixture(autouse=True)
def counted(monkeypatch):
    fresh = tally.Counts()
    monkeypatch.setattr(metrics, "counted", fresh)
    return fresh


@pytest.fixture
def at_home(quick):
    """A site that is this machine's alone."""
    quick.SITE_URL = "http://127.0.0.1:8000"


@pytest.fixture
def scraped(client, at_home):
    """Name and labels -> value, as a Prometheus on this machine has it."""

    def scrape() -> dict:
        answer = client.get("/metrics")
        assert answer.status_code == 200, answer.content
        families = text_string_to_metric_families(answer.content.decode())
        return {
            (each.name, *sorted(each.labels.values())): each.value for family in families for each in family.samples
        }

    return scrape


def test_deliveries_are_counted_by_channel_and_state(scraped, scripted):
    scripted("email")
    subscribers(email=3, sms=2)
    told(event())
    send()
    found = scraped()
    assert found["statuspage_deliveries", "accepted", "email"] == 3
    assert found["statuspage_deliveries", "queued", "sms"] == 2


def test_the_age_of_what_waits_is_told_by_channel(scraped):
    subscribers(email=1)
    then = timezone.now() - timedelta(minutes=20)
    told(event(at=then, expires_at=timezone.now() + timedelta(hours=1)))
    found = scraped()
    assert 1200 <= found["statuspage_oldest_unsent_seconds", "email"] < 1260
    assert found["statuspage_oldest_untried_seconds", "email"] >= 1200
    assert found["statuspage_oldest_unsent_seconds", "sms"] == 0
    Delivery.objects.update(priority=5)  # tried, and waiting for its next try
    found = scraped()
    assert found["statuspage_oldest_unsent_seconds", "email"] >= 1200
    assert found["statuspage_oldest_untried_seconds", "email"] == 0


def test_the_time_from_publication_to_hand_over_is_a_distribution(scraped):
    subscribers(email=4)
    row = told(event())
    for delivery, seconds in zip(Delivery.objects.all(), (0.5, 3, 3, 4000), strict=True):
        at = row.published_at + timedelta(seconds=seconds)
        Delivery.objects.filter(pk=delivery.pk).update(state="accepted", accepted_at=at, final_at=at)
    found = scraped()
    name = "statuspage_handover_seconds_bucket"
    counts = [found[name, *sorted(("email", bound))] for bound in ("1.0", "2.0", "5.0", "3600.0", "+Inf")]
    assert counts == [1, 1, 3, 3, 4]
    assert found["statuspage_handover_seconds_gcount", "email"] == 4
    assert found["statuspage_handover_seconds_gsum", "email"] == pytest.approx(4006.5, abs=0.1)


def test_what_is_wrong_shows(scraped):
    sweep()
    subscribers(email=1)
    event()
    Breaker.objects.create(scope="email:example.org", reason="x", opened_at=timezone.now(), retry_at=timezone.now())
    Publication.objects.update(revision=7, published_revision=5)
    doorbell.note_loss("a test", "no broker")
    found = scraped()
    assert found["statuspage_breakers_open", "email"] == 1
    assert not any("example.org" in part for key in found for part in key)
    assert found["statuspage_outbox_waiting",] == 1
    assert found["statuspage_revision_lag",] == 2
    assert found["statuspage_doorbell_lost_total",] >= 1
    assert found["statuspage_sending_held",] == 0
    doorbell.take_losses()


def test_rings_that_workers_lost_are_in_the_database(scraped):
    sweep()
    doorbell.note_loss("a test", "no broker")
    sweep()
    assert doorbell.losses() == 0
    assert scraped()["statuspage_doorbell_lost_total",] == 1


def test_the_canarys_age_is_told(scraped, quick):
    quick.CANARY_SECONDS = 60.0
    assert ("statuspage_canary_age_seconds",) not in scraped()
    sweep()
    assert 0 <= scraped()["statuspage_canary_age_seconds",] < 30


def test_what_rests_is_counted_once(counted, django_assert_num_queries):
    subscribers(email=2)
    row = told(event())
    long_ago = timezone.now() - timedelta(hours=3)
    Delivery.objects.update(state="accepted", final_at=long_ago, accepted_at=long_ago)
    OutboxEvent.objects.filter(pk=row.pk).update(settled_at=long_ago)
    counted.count(timezone.now())
    with django_assert_num_queries(2):
        counted.count(timezone.now())
    assert len(counted._rows[row.pk]) == 1


def test_a_large_publication_is_counted_a_page_at_a_time_and_no_scrape_takes_longer(counted, monkeypatch):
    """A million that the database reads from a cold disk takes longer than a web process's statements may."""
    monkeypatch.setattr(tally, "PAGE", 10)
    monkeypatch.setattr(tally, "SCRAPE_SECONDS", 0.0)
    monkeypatch.setattr(tally, "SHARE", 0)
    subscribers(email=20, sms=15)
    told(event())
    now = timezone.now()
    for _ in range(3):
        assert counted.rows(now) == ([], 1), "no half counts"
    rows, uncounted = counted.rows(now)
    assert uncounted == 0 and {row[0]: row[3] for row in rows} == {"email": 20, "sms": 15}
    Delivery.objects.filter(channel="sms").update(state="expired", final_at=now)
    told(event())
    before, uncounted = counted.rows(now)
    assert uncounted == 1 and sorted(before) == sorted(rows), "the last count stands until the next is complete"
    for _ in range(7):
        after, uncounted = counted.rows(now)
    assert uncounted == 0 and sum(row[3] for row in after) == 70
    assert {row[1]: row[3] for row in after if row[0] == "sms"} == {"expired": 15, "queued": 15}


def test_a_page_is_all_that_one_statement_counts(counted, monkeypatch):
    monkeypatch.setattr(tally, "PAGE", 10)
    subscribers(email=25)
    row = told(event())
    one = tally.Pass(row, timezone.now())
    sizes, is_last = [], False
    while not is_last:
        is_last = one.go_on()
        sizes.append(sum(one.deliveries.values()))
    assert sizes == [10, 20, 25]


def test_a_count_that_took_long_is_not_taken_again_soon(counted, django_assert_num_queries):
    counted._good_until = float("inf")
    with django_assert_num_queries(0):
        counted.rows(timezone.now())


def test_what_is_older_than_a_day_is_not_gathered_at_all():
    """PostgreSQL fills an iterator's cursor at once: with the whole ledger, where nothing says otherwise."""
    old, new = event(), event()
    OutboxEvent.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=2))
    with CaptureQueriesContext(connection) as queries:
        assert [each.pk for each in tally.newest(timezone.now() - tally.SPAN)] == [new.pk]
    assert f'"id" > {old.pk}' in queries.captured_queries[-1]["sql"]


def test_counting_uses_the_ledgers_index():
    """So that it costs the events of one day, however long the ledger is."""
    subscribers(email=50)
    row = told(event())
    for _ in range(20):
        told(event())
    with CaptureQueriesContext(connection) as queries:
        tally.counts_of(row)
    sql = queries.captured_queries[-1]["sql"]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ANALYZE notifications_delivery")
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(f"EXPLAIN {sql}")
        else:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
        plan = str(cursor.fetchall())
    index = {"postgresql": "delivery_once", "sqlite": "USING INDEX"}[connection.vendor]
    assert index in plan and "event_id" in plan


# --- Who may read ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "X-Forwarded-Proto", "Via"])
def test_the_public_may_not_read_them_through_a_proxy_on_this_machine(client, at_home, name):
    assert client.get("/metrics", headers={name: "203.0.113.7"}).status_code == 401


@pytest.mark.parametrize(
    ("url", "status"),
    [("http://localhost:8000", 200), ("http://[::1]:8000", 200), ("https://status.example.com", 401)],
)
def test_a_public_site_wants_the_token_of_everybody(client, quick, url, status):
    """A proxy on this machine that says nothing of whom it speaks for looks like a neighbour."""
    quick.SITE_URL = url
    assert client.get("/metrics").status_code == status


def test_nobody_else_may_read_them_without_the_token(client, quick):
    assert client.get("/metrics", REMOTE_ADDR="203.0.113.7").status_code == 401
    quick.METRICS_TOKEN = "a-token-of-some-length"
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer another"}).status_code == 401
    right = {"Authorization": "Bearer a-token-of-some-length"}
    assert client.get("/metrics", headers=right, REMOTE_ADDR="203.0.113.7").status_code == 200
