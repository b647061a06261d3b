"""Staff as the console's own tests have them."""

from tests.statuspage.console.conftest import publisher, sign_in

__all__ = ["publisher", "sign_in"]
