"""Errors of the actions, of ninja and of the database as answers to a program."""

import logging
from collections.abc import Callable
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, RequestDataTooBig, ValidationError
from django.core.signals import got_request_exception
from django.http import Http404, HttpRequest, JsonResponse
from ninja.errors import HttpError
from ninja.errors import ValidationError as Malformed

from statuspage.actions.base import CONFLICT, UNKNOWN, FormUsed, IncidentClosed, MaintenanceClosed, StaleEdit
from statuspage.patience import AWAY, RETRY_AFTER_SECONDS
from statuspage.publishing.store import FolderUnusable

from .answers import Refused, by_field

logger = logging.getLogger(__name__)

LATER = {"Retry-After": str(RETRY_AFTER_SECONDS)}


def answer(request: HttpRequest, error: Exception) -> JsonResponse:
    """The JSON that tells a client what was wrong with its request, or with us."""
    for kind, translate in TRANSLATIONS:
        if isinstance(error, kind):
            return said(translate(error))
    logger.exception("%s %s", request.method, request.path)
    got_request_exception.send(sender=answer, request=request)
    return said(Refused(500, "Something went wrong here; it was not the request's fault."))


def said(refused: Refused) -> JsonResponse:
    body = {"message": refused.message, "errors": refused.errors}
    return JsonResponse(body, status=refused.status, headers=refused.headers)


def malformed(error: Any) -> Refused:
    """Wrong types and missing fields, as pydantic found them: ("body", "data", "incident", "name")."""
    errors = by_field((field_of(each["loc"]), each["msg"]) for each in error.errors)
    return Refused(422, "; ".join(f"{field}: {' '.join(words)}" for field, words in errors.items()), errors)


def field_of(place: tuple[Any, ...]) -> str:
    """Without where it stood and without the name that our function has for the body."""
    inner = place[2:] if place[0] == "body" and len(place) > 2 else place[1:]
    return ".".join(str(each) for each in inner) or str(place[0])


OF_CODE = {UNKNOWN: 404, CONFLICT: 409, "unique": 409, "unique_together": 409}
"""What no description of a request can say: it names what is not there, or contradicts itself or what is stored."""


def invalid(error: Any) -> Refused:
    """What the actions' own rules refuse: 422, unless all of it is of one of those codes."""
    given = error.error_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.error_list}
    errors = by_field(
        ("base" if field == NON_FIELD_ERRORS else field, word)
        for field, found in given.items()
        for each in found
        for word in each.messages
    )
    statuses = {OF_CODE.get(each.code, 422) for found in given.values() for each in found}
    status = statuses.pop() if len(statuses) == 1 else 422
    return Refused(status, " ".join(word for words in errors.values() for word in words), errors)


def with_status(status: int, message: str = "", **more: Any) -> Callable[[Exception], Refused]:
    return lambda error: Refused(status, message or str(error) or (type(error).__doc__ or "").strip(), **more)


TRANSLATIONS: tuple[tuple[Any, Callable[[Any], Refused]], ...] = (
    (Refused, lambda error: error),
    (Malformed, malformed),
    (ValidationError, invalid),
    (PermissionDenied, with_status(403)),
    (Http404, with_status(404, "There is nothing of this id here.")),
    ((StaleEdit, FormUsed, IncidentClosed, MaintenanceClosed), with_status(409)),
    (RequestDataTooBig, with_status(413, "The request is too large.")),
    (HttpError, lambda error: Refused(error.status_code, str(error))),
    (FolderUnusable, with_status(503, headers=LATER)),
    (AWAY, with_status(503, "The database does not answer.", headers=LATER)),
)
"""The first that fits says which status and which words."""
