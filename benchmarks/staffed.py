"""The product's web server with one more address, which does what staff's button does: a WSGI application.

POST /benchmark/update publishes an update of the newest open incident, in this process, as
the console would. Answers when that began, on the clock that all processes share, and words
that nothing else on the page says.
"""

import json
import secrets
import time
from collections.abc import Iterable
from typing import Any

from statuspage.wsgi import application as product

BODY = (
    "We have found the cause in a network between two data centres and lead the traffic round it. Some requests still "
    "take longer than usual. This is word number "
)


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    if environ["PATH_INFO"] != "/benchmark/update":
        return product(environ, start_response)
    body = json.dumps(update(secrets.token_hex(8))).encode()
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]


def update(words: str) -> dict[str, Any]:
    """Publish it."""
    from django.db import close_old_connections

    from statuspage import audit
    from statuspage.actions import incidents
    from statuspage.models import Incident
    from statuspage.vocabulary import OPEN_INCIDENT

    close_old_connections()
    began = time.monotonic()
    found = Incident.objects.filter(status__in=OPEN_INCIDENT).order_by("-created_at").first()
    said = {"body": f"{BODY}{words}.", "status": "identified", "actor": audit.SYSTEM}
    if found:
        incidents.publish_update(incident=found, **said)
    else:
        incidents.open_incident(name="Requests fail", **said)
    return {"began": began, "words": words}
