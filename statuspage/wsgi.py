"""The web server's entry: published paths first, Django for the rest."""

import os
import sys

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "statuspage.settings")
django_application = get_wsgi_application()

from .console.signing_in import InTurn  # noqa: E402 - settings must be there first
from .patience import limit_requests  # noqa: E402
from .public.serve import Published  # noqa: E402

SWITCH_SECONDS = 0.0005
"""The longest that readers wait at a time for what staff publish in this process: rendering keeps the interpreter busy
for some tenths of a second. Python's own is ten times as long."""

limit_requests()
sys.setswitchinterval(SWITCH_SECONDS)
application = Published(InTurn(django_application))
