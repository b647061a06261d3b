"""The API for programs: every request comes through here before an operation sees it.

Key and rate first (401, 429), then the scope (403), then the body (400, 422). A write is one
transaction with everything that it does, undone as a whole where the answer is an error.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI
from ninja.operation import Operation

from . import errors, keys, repeats, routes
from .bodies import Bodies

READING = {"GET", "HEAD"}

Run = Callable[..., HttpResponseBase]


def behind_the_door(run: Run) -> Run:
    """An operation of the API, for whoever has a key; whether it has the scope is the operation's `auth`."""

    @wraps(run)
    def answer(request: HttpRequest, *args: Any, **facts: Any) -> HttpResponseBase:
        try:
            keys.enter(request)
            if "\0" in request.path_info:
                raise errors.Http404  # no id has one, and PostgreSQL would not even look for it
            return bare(whole(request, lambda: run(request, *args, **facts)))
        except Exception as error:
            return errors.answer(request, error)

    return answer


def hook(scope: keys.Scope) -> Callable[[Run], Any]:
    """The same for a plain view that machines call: a key of that scope, with the hooks' own rate."""

    def guarded(run: Run) -> Any:
        @csrf_exempt
        @wraps(run)
        def answer(request: HttpRequest, *args: Any, **facts: Any) -> HttpResponseBase:
            try:
                keys.enter(
                    request, "hooks_spent_until", too_often=503
                )  # monitoring gives a 4xx up, and calls again after this
                keys.require(request, scope)
                return bare(whole(request, lambda: run(request, *args, **facts)))
            except Exception as error:
                return errors.answer(request, error)

        return answer

    return guarded


def whole(request: HttpRequest, run: Callable[[], Any]) -> HttpResponseBase:
    """Reading as it is; a write in one transaction, undone where it ends in an error."""
    if request.method in READING:
        return run()
    with transaction.atomic():
        response: HttpResponseBase = repeats.once(request, run)
        if response.status_code >= 400:
            transaction.set_rollback(True)
    return response


def bare(response: HttpResponseBase) -> HttpResponseBase:
    """An answer without content has no type either: clients parse whatever is said to be JSON."""
    if response.status_code == 204:
        del response.headers["Content-Type"]
    return response


@csrf_exempt
def nothing_here(request: HttpRequest) -> HttpResponse:
    """Addresses that no operation has."""
    return errors.said(errors.Refused(404, "There is no such address in this API."))


class Api(NinjaAPI):
    """Operations are called what their functions are called."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        return operation.view_func.__name__


api = Api(
    title="Manage API",
    description="Statuspage's Manage API v1: bodies are JSON, or forms with the fields of Rails.",
    version="1",
    urls_namespace="v1",
    openapi_url=None,
    docs_url=None,
    parser=Bodies(),
)
api.add_exception_handler(Exception, errors.answer)
for kind in (errors.Malformed, errors.HttpError, errors.Http404):
    api.add_exception_handler(kind, errors.answer)  # ninja has handlers of its own for these
api.add_decorator(behind_the_door, mode="view")
routes.add_to(api)
