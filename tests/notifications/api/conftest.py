"""Programs with a key, as the tests of the API have them."""

from tests.statuspage.api.conftest import api

__all__ = ["api"]
