"""Bounces come in: /hooks/bounce takes a mail that came to a return address of ours.

Whoever receives mail for BOUNCE_DOMAIN hands each one on, whole (deploy/README.md). The
return address names the delivery and carries a MAC, which is all the authority there is:
anybody may post here, and nobody can speak of a delivery whose mail they never had. Answers
nothing but a status code: no mail ever leaves from here, so that no two robots write to
each other all night (RFC 3834, fault 38).
"""

import logging
import re
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from statuspage.handed_mail import is_too_long, places

from . import receipts, tokens
from .channels import dsn

logger = logging.getLogger(__name__)

RETURN_ADDRESS = re.compile(r"(?<![\w.+-])bounce\+([a-z2-7]{48})@", re.IGNORECASE)


@csrf_exempt
@require_POST
def bounce(request: HttpRequest) -> HttpResponse:
    """/hooks/bounce: 204 whatever the mail says, 403 without a token of ours, 413 where it is too long."""
    if is_too_long(request):
        return HttpResponse(status=413)
    delivery_id = delivery_of(request)
    if delivery_id is None:
        logger.info("bounce: a mail without a return address of ours")
        return HttpResponse(status=403)
    code = dsn.failure_in(request.body)
    if code is None:
        logger.info("bounce: delivery %s: no report of a failure, ignored", delivery_id)
    else:
        receipts.receive(delivery_id, receipts.bounce_word(delivery_id, code))
    return HttpResponse(status=204)


def delivery_of(request: HttpRequest) -> UUID | None:
    """The delivery that the first token of ours names."""
    found = (each[1] for words in places(request) for each in RETURN_ADDRESS.finditer(f"{words}@"))
    ids = (tokens.bounced_delivery(token) for token in found)
    return next((id for id in ids if id), None)
