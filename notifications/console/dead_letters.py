"""Dead letters: what was refused or never answered, by event, and "try again" for one, some or all."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from notifications import labels, places, pseudonyms
from notifications.delivery import again
from notifications.delivery.canary import KIND as CANARY
from notifications.models import Audience, Breaker, Delivery, OutboxEvent
from notifications.states import Channel
from statuspage.roles import Ability

from . import doors

EVENTS, ROWS = 30, 50
"""On one page."""


@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """Every event with dead letters, the newest first; and where providers refuse us just now."""
    rows = again.dead_letters().exclude(event__kind=CANARY).exclude(event__audience=Audience.ONE)
    counted = rows.order_by("-event").values("event").annotate(count=Count("pk"))
    page = Paginator(counted, EVENTS).get_page(request.GET.get("page"))
    events = OutboxEvent.objects.in_bulk([each["event"] for each in page.object_list])
    context = {
        "title": _("Messages that did not arrive"),
        "page": page,
        "rows": [
            {**doors.named(events[each["event"]]), "count": each["count"]} | is_open(events[each["event"]])
            for each in page.object_list
        ],
        "links": again.dead_letters().filter(event__audience=Audience.ONE).exclude(event__kind=CANARY).count(),
        "breakers": breakers(),
    }
    return doors.page(request, "dead_letters.html", context)


def is_open(event: OutboxEvent) -> dict[str, bool]:
    """Whether its messages would still inform anybody."""
    return {"is_of_use": event.expires_at > timezone.now() and event.voided_at is None}


def breakers() -> list[dict[str, Any]]:
    """What is held back for a while, in words."""
    rows = Breaker.objects.order_by("opened_at")
    return [{"breaker": each, "where": where(each.scope), "why": labels.trouble(each.reason)} for each in rows]


def where(scope: str) -> str:
    """ "e-mail to example.org", "SMS to Netherlands (NL)"; a whole channel by its name."""
    channel, _colon, place = scope.partition(":")
    name = str(labels.CHANNEL.get(channel, channel))
    if not place:
        return _("all %(channel)s") % {"channel": name}
    named = f"{places.name_of(place)} ({place})" if channel == Channel.SMS else place
    return _("%(channel)s to %(place)s") % {"channel": name, "place": named}


# --- One event ------------------------------------------------------------------------------------


@require_safe
def of_event(request: HttpRequest, pk: int) -> HttpResponse:
    """Its dead letters, with the reasons counted."""
    event = get_object_or_404(OutboxEvent, pk=pk)
    letters = again.dead_letters(event.deliveries.all())
    ordered = letters.select_related("subscription__subscriber").order_by("channel", "last_code", "pk")
    page = Paginator(ordered, ROWS).get_page(request.GET.get("page"))
    context = {
        **doors.named(event),
        **is_open(event),
        "title": _("Messages that did not arrive"),
        "page": page,
        "reasons": reasons(letters),
        "letters": [letter(each) for each in page.object_list],
        "count_of_use": again.of_use(letters).count(),
    }
    return doors.page(request, "event.html", context)


def reasons(letters: Any) -> list[dict[str, Any]]:
    """How many for which reason, the most frequent first."""
    names = ("channel", "state", "blame", "last_code")
    counted = letters.order_by().values(*names).annotate(count=Count("pk")).order_by("-count")
    return [{**each, "words": reason_of(each), "by": by(each["channel"])} for each in counted[:EVENTS]]


def reason_of(row: dict[str, Any]) -> Any:
    return labels.reason(row["state"], row["blame"], row["last_code"])


def by(channel: str) -> Any:
    return labels.CHANNEL.get(channel, channel)


def letter(delivery: Delivery) -> dict[str, Any]:
    """One dead letter without an address."""
    subscription = delivery.subscription
    return {
        "delivery": delivery,
        "recipient": pseudonyms.short(subscription.address_key),
        "client": subscription.subscriber.client_reference,
        "by": by(delivery.channel),
        "words": labels.reason(delivery.state, delivery.blame, delivery.last_code),
    }


@require_POST
def try_again(request: HttpRequest, pk: int) -> HttpResponse:
    """For those that were chosen: first how many people that is, then it is done."""
    actor = doors.actor(request)
    actor.require(Ability.PUBLISH)
    event = get_object_or_404(OutboxEvent, pk=pk)
    ids = chosen(request)
    if request.POST.get("step") == "again":
        count = again.try_again_by_staff(event=event, ids=ids, actor=actor)
        say(request, count)
        return redirect("admin:notifications_delivery_event", pk)
    letters = again.dead_letters(event.deliveries.all())
    mine = letters if ids is None else letters.filter(pk__in=ids)
    people = again.of_use(mine).count()
    context = {
        **doors.named(event),
        "title": _("Try again"),
        "ids": ids or [],
        "is_all": ids is None,
        "people": people,
        "left_out": mine.count() - people,
    }
    return doors.page(request, "again.html", context)


def chosen(request: HttpRequest) -> list[UUID] | None:
    """The deliveries that were ticked, or the one whose button was pressed; None: all."""
    if request.POST.get("all"):
        return None
    return list(uuids([request.POST["one"]] if request.POST.get("one") else request.POST.getlist("id")))


def uuids(typed: Iterable[str]) -> Iterable[UUID]:
    for each in typed:
        try:
            yield UUID(each)
        except ValueError:
            continue


def say(request: HttpRequest, count: int) -> None:
    if not count:
        messages.warning(request, _("Nothing was left to try again."))
        return
    said = ngettext("%(count)s person is told again.", "%(count)s people are told again.", count)
    messages.success(request, said % {"count": count})
