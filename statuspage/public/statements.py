"""`/statements/<token>`: a client reads its statement by a signed link, as a page or as a file."""

import base64
import hashlib
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import translation
from django.views.decorators.http import require_safe

from statuspage import selectors
from statuspage.statements import links, render
from statuspage.statements.printed import Unknown, printed

FILES = ("pdf", "csv", "json")


@require_safe
def show(request: HttpRequest, token: str) -> HttpResponse:
    """The page, or with `?format=` one of the files; `?number=` another version of the same statement."""
    link = links.opened(token)
    if link is None:
        raise Http404
    try:
        found = printed(link.contract, link.key, selectors.database_now(), number=number_asked(request, link))
    except Unknown:
        raise Http404 from None
    with translation.override(language_asked(request)):
        answer = file(request.GET["format"], found) if request.GET.get("format") in FILES else page(found)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    return answer


def number_asked(request: HttpRequest, link: links.Link) -> int | None:
    """A link to one version opens that one alone."""
    typed = request.GET.get("number", "")
    if link.number is not None or not (typed.isascii() and typed.isdigit() and len(typed) < 6):
        return link.number
    return int(typed)


def language_asked(request: HttpRequest) -> str:
    asked = request.GET.get("language", "")
    return asked if asked in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def file(kind: str, found: render.Printed) -> HttpResponse:
    write, content_type = render.FORMATS[kind]
    answer = HttpResponse(write(found), content_type=content_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="{links.file_name(found.figures, kind)}"'
    return answer


def page(found: render.Printed) -> HttpResponse:
    context: dict[str, Any] = {**render.context(found), "files": FILES}
    answer = HttpResponse(render_to_string("statements/page.html", context))
    answer.headers["Content-Security-Policy"] = policy(context["style"])
    return answer


def policy(style: str) -> str:
    """Nothing but the page's own style."""
    figure = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    rest = "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    return f"default-src 'none'; style-src 'sha256-{figure}'; {rest}"
