"""What Django answers for operators and for addresses that nobody published."""

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse

from statuspage import ports
from statuspage.celery import app
from statuspage.publishing import documents, publish, store

from .serve import NOT_FOUND_PATH


def healthz(request: HttpRequest) -> HttpResponse:
    """Alive: this process answers."""
    return HttpResponse("ok\n", content_type=documents.TEXT)


def readyz(request: HttpRequest) -> JsonResponse:
    """Ready: database, doorbell, publication and sending, each "ok" or what is wrong; 503 unless
    the database answers, the page is current and nothing is held. A silent doorbell only
    delays, so it is a warning."""
    checks = {"database": database_state(), "doorbell": doorbell_state()}
    is_there = checks["database"] == "ok"
    checks["publication"] = publication_state() if is_there else "unknown"
    checks["sending"] = ports.held() or "ok" if is_there else "unknown"
    ready = checks["database"] == checks["publication"] == checks["sending"] == "ok"
    return JsonResponse(checks, status=200 if ready else 503)


def database_state() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "does not answer"
    return "ok"


def doorbell_state() -> str:
    try:
        with app.connection_for_write() as bell:
            bell.ensure_connection(max_retries=1, timeout=1)
    except Exception:  # kombu raises each transport's own errors
        return "silent"
    return "ok"


def publication_state() -> str:
    return "ok" if publish.is_current() else "behind the database"


def metrics(request: HttpRequest) -> HttpResponse:
    """For Prometheus, whose package is loaded by the first who asks: the page is not to start later for it."""
    from . import metrics as prometheus

    return prometheus.metrics(request)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The published 404 document, also for addresses below Django's own."""
    hot, manifest = store.current(store.root()), store.read_manifest(store.root())
    held = manifest.documents.get(NOT_FOUND_PATH) if manifest else None
    try:
        body = (hot / held.file).read_bytes() if hot and held else None
    except FileNotFoundError:
        body = None  # another hot set is being switched in just now
    if manifest is None or body is None:
        return HttpResponse("Not found\n", status=404, content_type=documents.TEXT)
    response = HttpResponse(body, status=404, content_type=documents.HTML)
    response.headers["Content-Security-Policy"] = manifest.csp
    return response
