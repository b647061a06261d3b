"""Subscribers: find one by the exact address, see what they were told, and do what they ask for.

Only for who may see addresses. An address is searched by its HMAC and sent as a form, so
that it stands in no address of a page and in no log.
"""

from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from notifications import addresses, choices, labels, shown
from notifications.addresses import Address, InputRefused
from notifications.delivery.canary import KIND as CANARY
from notifications.models import Delivery, Subscription, Suppression
from notifications.states import Channel
from statuspage.roles import Ability

from . import doors
from .people import in_short
from .subscriber_steps import possible

PAGE, DELIVERIES = 50, 50


class SearchForm(forms.Form):
    """One address, as its owner writes it."""

    address = forms.CharField(
        label=_("Address"),
        max_length=320,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("The whole mail address or telephone number."),
    )

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, label_suffix="", **options)

    def clean_address(self) -> Address:
        try:
            return read(self.cleaned_data["address"])
        except InputRefused as refused:
            raise forms.ValidationError(str(refused.message)) from None


def read(typed: str) -> Address:
    """The address that was meant; a number of a country that is no longer texted is found, too."""
    if "://" in typed:
        return endpoint(typed)
    if "@" in typed:
        return addresses.email(typed)
    country = settings.SMS_COUNTRIES[0] if settings.SMS_COUNTRIES else ""
    return Address(Channel.SMS, addresses.e164(addresses.parsed(typed, country)))


def endpoint(typed: str) -> Address:
    try:
        return Address(Channel.WEBHOOK, addresses.web_address(typed.strip()))
    except ValueError:
        raise InputRefused("address", addresses.NOT_ENDPOINT) from None


def having(address: Address) -> list[Subscription]:
    """Whoever has it. An endpoint may have several owners, and its key names one: it is found as it stands."""
    rows = Subscription.objects.filter(channel=address.channel).select_related("subscriber")
    if address.channel == Channel.WEBHOOK:
        return list(rows.filter(address=address.value)[:PAGE])
    return list(rows.filter(address_key=address.key))


@require_http_methods(["GET", "HEAD", "POST"])
def listed(request: HttpRequest) -> HttpResponse:
    """The newest, or one client's; and the search."""
    doors.actor(request).require(Ability.SUBSCRIBERS)
    form = SearchForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return in_a_list(request, form, 422 if form.errors else 200)
    address = form.cleaned_data["address"]
    found = having(address)
    if len(found) == 1:
        return redirect("admin:notifications_subscriber_change", found[0].pk)
    if found:
        return in_a_list(request, form, rows=[in_short(each) for each in found])
    return in_a_list(request, form, stops=suppressions(address.key), is_unknown=True)


def in_a_list(request: HttpRequest, form: SearchForm, status: int = 200, **extra: Any) -> HttpResponse:
    client = request.GET.get("client", "")[:255]
    rows = Subscription.objects.select_related("subscriber").exclude(address_key=CANARY).order_by("-created_at", "pk")
    if client:
        rows = rows.filter(subscriber__client_reference=client)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {
        "title": _now("Subscribers"),
        "form": form,
        "client": client,
        "page": page,
        "rows": [in_short(each) for each in page.object_list],
        **extra,
    }
    return doors.page(request, "subscribers.html", context, status=status)


def suppressions(key: str) -> list[Suppression]:
    return list(Suppression.objects.filter(address_key=key).order_by("since"))


# --- One subscriber ----------------------------------------------------------------------------------


@require_safe
def one(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Everything about one subscription, and what can be done."""
    doors.actor(request).require(Ability.SUBSCRIBERS)
    subscription = get_object_or_404(Subscription.objects.select_related("subscriber"), pk=pk)
    return doors.page(request, "subscriber.html", room_context(subscription))


def room_context(subscription: Subscription) -> dict[str, Any]:
    told = subscription.deliveries.exclude(event__kind=CANARY)
    newest = told.select_related("event").order_by("-created_at", "-event")[:DELIVERIES]
    return {
        **in_short(subscription),
        "title": subscription.address or _now("Address removed"),
        "person": subscription.subscriber,
        "choices": shown.told(choices.of(subscription)),
        "stops": suppressions(subscription.address_key),
        "steps": possible(subscription),
        "deliveries": [in_words(each) for each in newest],
        "count": told.count(),
    }


def in_words(delivery: Delivery) -> dict[str, Any]:
    return {
        **doors.named(delivery.event),
        "delivery": delivery,
        "meaning": labels.meaning(delivery.state, delivery.channel, is_taken=bool(delivery.accepted_at)),
    }
