"""A client of the API, `api(scope, ...)`, that brings a key of these scopes."""

import pytest
from django.test import Client

from statuspage import audit, selectors
from statuspage.actions.api_keys import create_api_key
from statuspage.models import ApiKey


class Program:
    """Calls the page's addresses with its key: `program.post("incidents", {...})`."""

    def __init__(self, secret: str) -> None:
        self.secret = secret
        self.client = Client()
        self.page_id = selectors.page_id()

    def ask(self, method: str, path: str, body=None, **options):
        address = path if path.startswith("/") else f"/v1/pages/{self.page_id}/{path}"
        headers = {"Authorization": f"OAuth {self.secret}", **options.pop("headers", {})}
        options.setdefault("content_type", "application/json")
        data = {} if body is None else {"data": body}
        return getattr(self.client, method)(address, headers=headers, **data, **options)

    def get(self, path: str, **options):
        return self.client.get(
            path if path.startswith("/") else f"/v1/pages/{self.page_id}/{path}",
            headers={"Authorization": f"OAuth {self.secret}", **options.pop("headers", {})},
            **options,
        )

    def __getattr__(self, method: str):
        if method not in {"post", "put", "patch", "delete"}:
            raise AttributeError(method)
        return lambda path, body=None, **options: self.ask(method, path, body, **options)


@pytest.fixture
def api(db):
    """`api()` is an owner's program, `api("read")` one that reads."""

    def made(*scopes: str) -> Program:
        name = f"program {ApiKey.objects.count()}"
        _key, secret = create_api_key(name=name, scopes=scopes or ["owner"], actor=audit.SYSTEM)
        return Program(secret)

    return made
