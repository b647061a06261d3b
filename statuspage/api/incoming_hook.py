"""/hooks/generic/<id>: payloads of any shape, read by the webhook's own mapping."""

from typing import Any

from django.http import HttpResponse, JsonResponse

from statuspage.actions import hooks as actions
from statuspage.alerting.alertmanager import Unreadable
from statuspage.models import CallSource, IncomingHook

from . import hooks
from .answers import found

MOST_TOLD = 100
"""Groups whose outcome is answered."""


@hooks.called_by(CallSource.HOOK)
def take(request: Any, pk: str) -> HttpResponse:
    """One call of one webhook."""
    request.hook = found(IncomingHook, pk, is_active=True)
    try:
        outcomes = actions.take(hook=request.hook, payload=hooks.payload_of(request), actor=request.actor)
    except Unreadable as error:
        raise hooks.unreadable(error) from error
    told = [{"did": each.did, "incident": each.incident or None} for each in outcomes[:MOST_TOLD]]
    news = [each for each in told if each["did"] != "nothing"]
    return JsonResponse({**(news or told)[0], "groups": told})
