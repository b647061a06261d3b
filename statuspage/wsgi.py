"""The web server's entry: published paths first, Django for the rest."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "statuspage.settings")
django_application = get_wsgi_application()

from .console.signing_in import InTurn  # noqa: E402 - settings must be there first
from .patience import limit_requests  # noqa: E402
from .public.serve import Published  # noqa: E402

limit_requests()
application = Published(InTurn(django_application))
