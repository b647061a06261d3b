"""What Django answers for operators and for addresses that nobody published."""

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse

from statuspage.celery import app
from statuspage.publishing import documents, publish

from .serve import NOT_FOUND_PATH, read_hot, store


def healthz(request: HttpRequest) -> HttpResponse:
    """Alive: this process answers."""
    return HttpResponse("ok\n", content_type=documents.TEXT)


def readyz(request: HttpRequest) -> JsonResponse:
    """Ready: database, doorbell and publication, each "ok" or what is wrong; 503 unless the
    database answers and the page is current. A silent doorbell only delays, so it is a
    warning."""
    checks = {"database": database_state(), "doorbell": doorbell_state()}
    checks["publication"] = publication_state() if checks["database"] == "ok" else "unknown"
    ready = checks["database"] == checks["publication"] == "ok"
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


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The published 404 document, also for addresses below Django's own."""
    folder = store.root()
    current = store.current(folder)
    if current is None:
        return HttpResponse("Not found\n", status=404, content_type=documents.TEXT)
    hot = read_hot(folder, str(current.relative_to(folder)))
    answer = hot.answers[NOT_FOUND_PATH]
    response = HttpResponse(answer.bodies[""], status=404, content_type=documents.HTML)
    response.headers["Content-Security-Policy"] = hot.csp
    return response
