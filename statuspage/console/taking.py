"""Files that staff take along: who may, and the answer that carries one as it is read from the database."""

from collections.abc import Iterator

from django.http import HttpRequest, StreamingHttpResponse

from statuspage.roles import Ability

from . import doors

MAY = frozenset({Ability.SUBSCRIBERS, Ability.SERVICE_LEVELS})
"""Either will do, as for all evidence."""


def may_take(request: HttpRequest) -> bool:
    return not MAY.isdisjoint(doors.actor(request).abilities)


def require(request: HttpRequest) -> None:
    """Raises PermissionDenied for who has neither ability."""
    if not may_take(request):
        doors.actor(request).require(Ability.SERVICE_LEVELS)


def file(name: str, text: Iterator[str], content_type: str) -> StreamingHttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return StreamingHttpResponse(text, content_type=content_type, headers=headers)
