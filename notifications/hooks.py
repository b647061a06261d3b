"""Twilio calls in: receipts of texts, and what people text back.

Every call is signed with our account's token over the address Twilio was given, which is
SITE_URL's and not what a proxy or a Host header says (docs/security.md 29). Whatever is not
signed is refused without a look at it; whatever comes twice changes nothing twice.
"""

from collections.abc import Callable
from functools import wraps
from uuid import UUID
from xml.sax.saxutils import escape

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from twilio.request_validator import RequestValidator

from . import receipts, subscriptions

LARGEST_BODY = 65_536
"""Bytes; a callback of Twilio's has about five hundred."""

STOP_WORDS = frozenset(["STOP", "UNSUBSCRIBE", "END", "QUIT", "STOPALL", "REVOKE", "OPTOUT", "CANCEL"])
START_WORDS = frozenset(["START", "UNSTOP", "YES"])
HELP_WORDS = frozenset(["HELP", "INFO"])
"""Twilio's own lists, in any case: it acts on them itself, and tells us."""

View = Callable[..., HttpResponse]


def from_twilio(view: View) -> View:
    """Let Twilio in and nobody else. No CSRF token: the signature is the authority."""

    @wraps(view)
    def checked(request: HttpRequest, *arguments: object, **options: object) -> HttpResponse:
        if length_of(request) > LARGEST_BODY:
            return HttpResponse(status=413)
        if not is_signed(request):
            return HttpResponse(status=403)
        return view(request, *arguments, **options)

    return csrf_exempt(require_POST(checked))


def length_of(request: HttpRequest) -> int:
    """The body's length as announced; a server reads no more than that."""
    announced = str(request.META.get("CONTENT_LENGTH") or "0")
    return int(announced) if announced.isdecimal() else LARGEST_BODY + 1


def is_signed(request: HttpRequest) -> bool:
    """Whether the signature is right for the configured address and the parameters as they came."""
    token = settings.TWILIO_AUTH_TOKEN
    signature = request.headers.get("X-Twilio-Signature", "")
    if not (token and signature):
        return False
    url = f"{settings.SITE_URL}{request.get_full_path()}"
    return bool(RequestValidator(token).validate(url, request.POST, signature))


@from_twilio
def twilio_status(request: HttpRequest, delivery_id: UUID) -> HttpResponse:
    """/hooks/twilio/status/<delivery>: what became of one text."""
    receipts.receive(delivery_id, receipts.twilio_word(request.POST.dict()))
    return HttpResponse(status=204)


@from_twilio
def twilio_inbound(request: HttpRequest) -> HttpResponse:
    """/hooks/twilio/inbound: somebody answered one of our texts."""
    number, word = request.POST.get("From", ""), request.POST.get("Body", "").strip().upper()
    kind = request.POST.get("OptOutType", "").upper()
    if kind == "STOP" or word in STOP_WORDS:
        subscriptions.stop_by_sms(number)
        return twiml()  # Twilio has said goodbye, and lets nothing else through
    if kind == "START" or word in START_WORDS:
        goes_on = subscriptions.start_by_sms(number)
        return twiml("" if kind else welcome(goes_on))
    if word in HELP_WORDS and not kind:
        return twiml(help_words())
    return twiml()


def welcome(goes_on: bool) -> str:
    """The answer to START: a number that never confirmed is told how to begin."""
    if goes_on:
        return _("%(site)s: you get status texts again. Reply STOP to end.") % {"site": settings.SITE_NAME}
    return _("%(site)s: to get status texts, subscribe at %(url)s") % {
        "site": settings.SITE_NAME,
        "url": f"{settings.SITE_URL}/subscribe",
    }


def help_words() -> str:
    return _("%(site)s: status texts. Reply STOP to end. Everything is at %(url)s") % {
        "site": settings.SITE_NAME,
        "url": settings.SITE_URL,
    }


def twiml(words: str = "") -> HttpResponse:
    """An answer as Twilio wants it: a text to send back, or none."""
    message = f"<Message>{escape(words)}</Message>" if words else ""
    xml = f'<?xml version="1.0" encoding="UTF-8"?><Response>{message}</Response>'
    return HttpResponse(xml, content_type="text/xml; charset=utf-8")
