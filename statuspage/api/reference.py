"""The OpenAPI document, made of the same types that check the requests, and the same for people.

`described()` is the document; `reading.py` turns it into what the page shows.
"""

import json
import re
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from ninja.openapi.schema import OpenAPISchema

from . import published, reading
from .door import api
from .keys import Key

JSON = "application/json; charset=utf-8"
ALSO_POSTED = re.compile(r".*/postmortem(/publish|/revert)?")
"""`paths.py` takes POST for PUT here."""
CONVERTER = re.compile(r"{[^}:]+:")
FRESH = "public, max-age=300"

NAMED = (
    "Every write may be named by the header `Idempotency-Key` (255 characters at most): sent again within a day it is "
    "done once, and answered as the first time; another request under the same name is 422."
)
"""Said once in words and not as a parameter: the same value in two requests is an error by design."""


@require_safe
def document(request: HttpRequest) -> HttpResponse:
    """`/api/openapi.json`, for anybody."""
    headers = {"Access-Control-Allow-Origin": "*", "Cache-Control": FRESH}
    return HttpResponse(rendered(), content_type=JSON, headers=headers)


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """`/api`: the same for people, without a script."""
    said = described()
    context = {
        "rooms": reading.rooms(said),
        "objects": reading.objects(said),
        "base": settings.SITE_URL,
        "rate": f"{settings.API_RATE:g}",
        "name": settings.SITE_NAME,
    }
    response = render(request, "public/api.html", context)
    response.headers["Cache-Control"] = FRESH
    return response


@lru_cache(maxsize=1)
def rendered() -> bytes:
    return json.dumps(described(), ensure_ascii=False, separators=(",", ":")).encode()


@lru_cache(maxsize=1)
def described() -> "Document":
    """The document as OpenAPI 3.1; each operation has the scope that it takes as `x-scope`."""
    said = Document(api, path_prefix="v1/")
    said["info"]["description"] += f" {NAMED}"
    said["servers"] = [{"url": settings.SITE_URL}]
    said["components"]["securitySchemes"]["KeyInAddress"] = {"type": "apiKey", "in": "query", "name": "api_key"}
    for path, method, scope in scopes():
        operation = said["paths"][path][method]
        operation["x-scope"] = scope
        operation["security"].append({"KeyInAddress": []})
        operation["responses"][429]["headers"] = {"Retry-After": {"schema": {"type": "integer", "minimum": 1}}}
    said.add_schema_definitions(published.schemas())
    said["paths"] |= published.paths()
    for path in [each for each in said["paths"] if ALSO_POSTED.fullmatch(each)]:
        by_put = said["paths"][path]["put"]
        said["paths"][path]["post"] = {**by_put, "operationId": by_put["operationId"] + "_by_post"}
    return said


class Document(OpenAPISchema):
    """ninja's, which lets one object overwrite another of the same name; here that is noted."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.clashes: set[str] = set()
        super().__init__(*args, **kwargs)

    def add_schema_definitions(self, definitions: dict[str, Any]) -> None:
        self.clashes |= {name for name, said in definitions.items() if self.schemas.get(name, said) != said}
        super().add_schema_definitions(definitions)


def scopes() -> list[tuple[str, str, str]]:
    """Path, method and scope of every operation."""
    found = []
    for router in api._get_bound_routers():
        for path, view in router.path_operations.items():
            address = "/v1" + CONVERTER.sub("{", path)
            for operation in view.operations:
                keys = [each for each in operation.auth_callbacks if isinstance(each, Key)]
                found += [(address, method.lower(), key.scope.value) for method in operation.methods for key in keys]
    return found
