"""`/metrics` for Prometheus: how publishing and telling are. Not for the public: it says what is broken."""

import hmac
import ipaddress
import logging
from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from statuspage import ports, selectors
from statuspage.publishing import documents, store

logger = logging.getLogger(__name__)

FORWARDED = ("Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP")
"""A proxy on this machine speaks for somebody else. One that says nothing of it cannot be told from a neighbour."""


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """All families in Prometheus' text format; what the database cannot say is left out."""
    if not may_read(request):
        refused = HttpResponse("Give METRICS_TOKEN as a bearer token.\n", content_type=documents.TEXT, status=401)
        refused.headers["WWW-Authenticate"] = 'Bearer realm="metrics"'
        return refused
    return HttpResponse(generate_latest(Site()), content_type=CONTENT_TYPE_LATEST)


def may_read(request: HttpRequest) -> bool:
    """Whoever brings the token. Without one nobody, but for a site that is this machine's alone (`make run`): there
    whoever asks from here, and for nobody else."""
    if settings.METRICS_TOKEN:
        given = request.headers.get("Authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {settings.METRICS_TOKEN}".encode())
    is_here = is_loopback(urlsplit(settings.SITE_URL).hostname or "")
    is_neighbour = is_loopback(request.META.get("REMOTE_ADDR", ""))
    return is_here and is_neighbour and not any(name in request.headers for name in FORWARDED)


def is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Site(Collector):
    """Everything there is to say, gathered when it is asked for."""

    def collect(self) -> Iterator[Metric]:
        yield from page()
        try:
            found = [*publication(), *ports.metrics()]
        except DatabaseError:
            logger.exception("metrics: the database does not answer")
            found = []
        yield GaugeMetricFamily("statuspage_database_up", "1: the database answers", value=float(bool(found)))
        yield from found


def page() -> Iterator[Metric]:
    """How old the folder is that readers are served from; known without a database."""
    age = store.heartbeat_age(store.root())
    if age != float("inf"):
        words = "Since somebody kept this machine's pages up to date"
        yield GaugeMetricFamily("statuspage_page_age_seconds", words, value=max(0.0, age))


def publication() -> Iterator[Metric]:
    row = selectors.publication()
    words = "Revisions that are stored and that readers do not have"
    yield GaugeMetricFamily("statuspage_revision", "The stored revision", value=row.revision)
    yield GaugeMetricFamily("statuspage_revision_lag", words, value=row.revision - row.published_revision)
