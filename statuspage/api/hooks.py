"""Doors for machines that call in: who may, and what is kept of each call.

    @called_by(CallSource.ALERTMANAGER)
    def alertmanager(request): ...

A caller has a key of the scope `alerts`. It is answered what became of its call; an error of ours
is 5xx, after which monitoring systems call again.
"""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from statuspage.actions import hook_calls
from statuspage.actions.alert_steps import Outcome
from statuspage.alerting.alertmanager import Unreadable
from statuspage.models import CallSource, Scope

from . import door
from .answers import Refused
from .bodies import refuse, storable

View = Callable[..., HttpResponse]

DRAFT_FIRST = "draft"
"""`?mode=draft` behind a hook's address: staff publish what it reports."""


def called_by(source: CallSource) -> Callable[[View], Any]:
    """A view that machines POST to with a key of the scope `alerts`; every call by such a key is kept."""

    def decorated(view: View) -> Any:
        entered = door.hook(Scope.ALERTS)(only_post(view))

        @csrf_exempt
        @wraps(view)
        def answer(request: Any, *args: Any, **facts: Any) -> HttpResponseBase:
            response = entered(request, *args, **facts)
            if hasattr(request, "key"):
                keep(request, source, response)
            return response

        return answer

    return decorated


def only_post(view: View) -> View:
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **facts: Any) -> HttpResponse:
        if request.method != "POST":
            raise Refused(405, "Only POST is known here.", headers={"Allow": "POST"})
        return view(request, *args, **facts)

    return answer


def keep(request: Any, source: CallSource, response: Any) -> None:
    said = json.loads(response.content)
    hook_calls.record(
        source=source,
        status=response.status_code,
        caller=request.key.name,
        hook=getattr(request, "hook", None),
        did=said.get("did", ""),
        incident=said.get("incident") or "",
        said=said.get("message", ""),
    )


def payload_of(request: HttpRequest) -> Any:
    """The body as JSON; 400 where it is none."""
    try:
        return storable(json.loads(request.body, parse_constant=refuse))
    except (ValueError, RecursionError) as error:
        raise Refused(400, "The body is no JSON.") from error


def unreadable(error: Unreadable) -> Refused:
    field, _colon, words = str(error).partition(": ")
    return Refused(422, str(error), {field: [words]} if words else None)


def became(outcome: Outcome) -> HttpResponse:
    """What became of the call."""
    return JsonResponse({"did": outcome.did, "incident": outcome.incident or None})
