"""Doors for readers: subscribe, confirm, manage, leave. They fetch, call `subscriptions`, and answer.

No cookie, no session, no CSRF token: the form is a static page, so its POST is held to the
same origin by the headers that browsers add (docs/security.md 9); behind a token the token is
the authority (fault 76). GET changes nothing, whatever scanner opens a link (fault 75).
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from statuspage.public.strangers import is_same_origin
from statuspage.publishing import languages

from . import forms, limits, pages, shown, subscriptions
from .addresses import InputRefused
from .choices import known_language
from .forms import ChoicesForm, SubscribeForm
from .models import LinkToken, Subscription
from .states import Channel
from .subscriptions import LinkUnusable, Reason
from .tokens import Purpose

WEBHOOK = Channel.WEBHOOK

View = Callable[..., HttpResponse]

RETRY_AFTER_SECONDS = 120


def answer(template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """A page; what is wrong with it is not logged, since a log would keep the token in its address."""
    response = HttpResponse(pages.render(template, context), status=status, headers=pages.headers())
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response


def go_to(path: str) -> HttpResponse:
    """303: the browser fetches a page, in the language that is spoken, whose address names nobody."""
    return HttpResponse(status=303, headers={"Location": languages.current().place(path), **pages.headers()})


def door(view: View) -> View:
    """What all doors share: GET and POST, no CSRF token, the page's language, and words where the database is down."""

    @wraps(view)
    def opened(request: HttpRequest, *arguments: Any, **options: Any) -> HttpResponse:
        with translation.override(known_language(request.POST.get("page_language", ""))):
            try:
                return view(request, *arguments, **options)
            except (OperationalError, InterfaceError):
                response = answer("words.html", {"words": pages.DOWN}, 503)
                response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
                return response

    return csrf_exempt(require_http_methods(["GET", "HEAD", "POST"])(opened))


# --- Asking -----------------------------------------------------------------------------------


@door
def subscribe(request: HttpRequest) -> HttpResponse:
    """The form's POST. Its answer to whatever can be read is always the same (faults 72 and 73)."""
    if request.method != "POST":
        return answer("subscribe.html", pages.form_context(forms.topics_now()))
    if not is_same_origin(request):
        return answer("words.html", {"words": pages.ELSEWHERE}, 403)
    form = SubscribeForm(request.POST, topics=forms.topics_now())
    if form.is_trapped:
        return go_to("/subscribe/sent")
    if not form.is_valid() or not requested(form, limits.network_key(request)):
        return answer("subscribe.html", pages.form_context(form.topics, form), 422)
    return go_to("/subscribe/sent")


def requested(form: SubscribeForm, network: str) -> bool:
    """Ask for a link to each address; False where a component went away meanwhile, or an endpoint is nowhere."""
    try:
        for address in form.addresses():
            subscriptions.request_subscription(address=address, choices=form.choices(), network=network)
        if endpoint := form.webhook():
            subscriptions.request_webhook(endpoint, form.choices(), network=network)
    except InputRefused as refused:
        form.add_error(refused.field, str(refused.message))
        return False
    return True


def said(request: HttpRequest) -> HttpResponse:
    """The words after a form, where they are not published yet."""
    return answer("words.html", {"words": pages.SAID[request.path]})


# --- Links with an end ---------------------------------------------------------------------------


@door
def link(request: HttpRequest, token: str) -> HttpResponse:
    """/subscriptions/<token>: confirm or manage, whatever the token is for."""
    try:
        row = subscriptions.usable_link(token)
        with translation.override(language_of(row)):
            return LINK_PAGES[Purpose(row.purpose)](request, token, row)
    except LinkUnusable as unusable:
        with translation.override(language_of(unusable.link)):
            return gone(request, unusable.link)


def confirm(request: HttpRequest, token: str, row: LinkToken) -> HttpResponse:
    if request.method != "POST":
        return answer("confirm.html", shown.confirmation(row))
    subscription, secret = subscriptions.confirm_and_show(token)
    if secret:
        return answer("webhook_secret.html", shown.secret(subscription, secret, is_new=True))
    return go_to("/subscribe/confirmed")


def manage(request: HttpRequest, token: str, row: LinkToken) -> HttpResponse:
    """One change: other choices, another secret, the end of the subscription, or of everything stored."""
    if request.method == "POST" and (action := request.POST.get("action")) in ENDINGS:
        end, afterwards = ENDINGS[action]
        end(token)
        return go_to(afterwards)
    if request.method == "POST" and request.POST.get("action") == "secret" and row.subscription.channel == WEBHOOK:
        secret = subscriptions.renew_secret(token)
        return answer("webhook_secret.html", shown.secret(row.subscription, secret, is_new=False))
    topics = forms.topics_now()
    if request.method != "POST":
        return answer("manage.html", shown.management(row, topics))
    form = ChoicesForm(request.POST, topics=topics)
    if not form.is_valid():
        return answer("manage.html", shown.management(row, topics, form), 422)
    try:
        subscriptions.change(token, form.choices())
    except InputRefused as refused:
        form.add_error(refused.field, str(refused.message))
        return answer("manage.html", shown.management(row, topics, form), 422)
    return go_to("/subscribe/changed")


LINK_PAGES = {Purpose.CONFIRM: confirm, Purpose.MANAGE: manage}
ENDINGS = {
    "unsubscribe": (subscriptions.unsubscribe_by_link, "/subscribe/unsubscribed"),
    "erase": (subscriptions.erase_by_link, "/subscribe/forgotten"),
    "resume": (subscriptions.resume_by_link, "/subscribe/changed"),
}


def language_of(row: LinkToken | None) -> str:
    """Whom the link was for reads this; whoever nobody knows, the site's own."""
    return known_language(row.subscription.subscriber.language if row else "")


def gone(request: HttpRequest, row: LinkToken | None) -> HttpResponse:
    """410 with a way on: a new link to the same address, or the form."""
    if row and request.method == "POST" and request.POST.get("action") == "renew":
        subscriptions.renew(row, network=limits.network_key(request))
        return go_to("/subscribe/sent")
    return answer("gone.html", {"is_known": row is not None, "was_used": bool(row and row.used_at)}, 410)


# --- The link in every message -----------------------------------------------------------------------


@door
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """/unsubscribe/<token>: a button for people, one click for their mail program (RFC 8058)."""
    subscription = subscriptions.subscription_of(token)
    if subscription is None:
        return gone(request, None)
    with translation.override(known_language(subscription.subscriber.language)):
        if request.method != "POST":
            return answer("unsubscribe.html", shown.ending(subscription))
        return leave(request, subscription)


def leave(request: HttpRequest, subscription: Subscription) -> HttpResponse:
    """A mail program is answered 200 and not sent elsewhere: RFC 8058 wants no redirect."""
    action = request.POST.get("action")
    if action == "manage":
        subscriptions.ask_manage_link(subscription, network=limits.network_key(request))
        return go_to("/subscribe/sent")
    if action == "unsubscribe":
        subscriptions.unsubscribe(subscription, reason=Reason.LINK)
        return go_to("/subscribe/unsubscribed")
    subscriptions.unsubscribe(subscription, reason=Reason.ONE_CLICK)
    return answer("words.html", {"words": pages.SAID["/subscribe/unsubscribed"]})
