"""The same request again: the answer of the first, and nothing made a second time.

A client that names a write (`Idempotency-Key`) has its answer kept for a day. One that does
not may still have been cut off and try again: an incident that says the same as the key's
newest one, within a minute and while nothing more was said of it, is that one.
"""

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse

from statuspage import selectors
from statuspage.actions import api_answers
from statuspage.models import ApiAnswer, Incident, Maintenance, Publication

from .answers import Refused

SOON = timedelta(minutes=1)
"""How long after an incident the same words of the same key are taken for a retry."""

LONGEST = 255

UNNAMED = "unnamed"
"""The slot for the newest incident that a key opened without naming its request."""


def once(request: Any, write: Callable[[], HttpResponse]) -> HttpResponse:
    """What `write` answers, or what it answered when it was asked the same before. Call inside a transaction."""
    name = request.headers.get("Idempotency-Key", "")
    if len(name) > LONGEST:
        raise Refused(422, f"Idempotency-Key: at most {LONGEST} characters.")
    if not name and not opens_incident(request):
        return write()
    Publication.objects.lock()  # whoever asks the same meanwhile waits here, and then finds the answer
    slot, content = digest(name.encode()) if name else UNNAMED, content_of(request)
    kept = ApiAnswer.objects.filter(key=request.key, slot=slot).first()
    if kept and (said := named(kept, content) if name else retried(kept, content)):
        return said
    response = write()
    if response.status_code < 300:
        keep(request, slot, content, response)
    return response


def named(kept: ApiAnswer, content: str) -> HttpResponse | None:
    """The answer under this name; None where it is over a day old, 422 where it was another request's."""
    if selectors.database_now() - kept.created_at >= api_answers.KEPT_FOR:
        return None
    if kept.request != content:
        raise Refused(422, "This Idempotency-Key was used for another request.")
    return replayed(kept)


def retried(kept: ApiAnswer, content: str) -> HttpResponse | None:
    """The answer of the key's newest incident, where this can only be a retry of it."""
    is_new = selectors.database_now() - kept.created_at < SOON
    return replayed(kept) if is_new and kept.request == content and is_as_it_began(kept) else None


def is_as_it_began(kept: ApiAnswer) -> bool:
    """Whether what was made is open and nothing more was said of it."""
    made = json.loads(kept.body).get("id")
    rows: tuple[Incident | Maintenance | None, ...] = (
        Incident.objects.filter(pk=made).first(),
        Maintenance.objects.filter(pk=made).first(),
    )
    row = next((each for each in rows if each), None)
    return row is not None and row.is_open and row.withdrawn_at is None and row.updates.count() <= 1


def replayed(kept: ApiAnswer) -> HttpResponse:
    headers = {"Idempotency-Replayed": "true"}
    return HttpResponse(kept.body, status=kept.status, content_type="application/json; charset=utf-8", headers=headers)


def keep(request: Any, slot: str, content: str, response: HttpResponse) -> None:
    api_answers.keep(
        key=request.key,
        slot=slot,
        request=content,
        status=response.status_code,
        body=response.content.decode(),
        now=selectors.database_now(),
    )


def opens_incident(request: HttpRequest) -> bool:
    return request.method == "POST" and request.path_info.endswith("/incidents")


def content_of(request: HttpRequest) -> str:
    """What makes two requests the same: method, path and body."""
    return digest(f"{request.method} {request.path_info}\n".encode() + request.body)


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
