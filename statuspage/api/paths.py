"""Addresses of the API as clients write them: `.json` or a slash at the end means the same address.

`atlassian-python-api` writes some otherwise than Statuspage's specification; what it means is clear, so it is done.
"""

import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse

ROOT = "/v1/"
MEANS_NOTHING = ("/", ".json")
ALSO_WRITTEN = (
    (re.compile(r"(/v1/pages/[^/]+)/unsubscribed"), r"\1/subscribers/unsubscribed"),
    (re.compile(r"(/v1/pages/[^/]+/subscribers)/histogram"), r"\1/histogram_by_state"),
    (re.compile(r"(/v1/pages/[^/]+/incidents/[^/]+)/incidents_update/([^/]+)"), r"\1/incident_updates/\2"),
)
POSTMORTEM = re.compile(r"/v1/pages/[^/]+/incidents/[^/]+/postmortem(/publish|/revert)?")
"""Written with PUT; POST means the same, there is one of each incident."""


class Paths:
    """Middleware, the last one: the view is looked for after it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(ROOT):
            return self.get_response(request)
        request.path_info = plain(request.path_info)
        if request.method == "POST" and POSTMORTEM.fullmatch(request.path_info):
            request.method = "PUT"
        response = self.get_response(request)
        return refused(request, response) if response.status_code == 405 else response


def plain(path: str) -> str:
    for end in MEANS_NOTHING:
        path = path.removesuffix(end) if path != ROOT else path
    for written, meant in ALSO_WRITTEN:
        if found := written.fullmatch(path):
            return found.expand(meant)
    return path


def refused(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """405 in the form of every other error; `Allow` says what is possible."""
    message = f"{request.method} is not possible here."
    possible = response.headers.get("Allow", "")
    also = ", POST" if POSTMORTEM.fullmatch(request.path_info) and "POST" not in possible else ""
    allow = {"Allow": possible + also}
    return JsonResponse({"message": message, "errors": {}}, status=405, headers=allow)
