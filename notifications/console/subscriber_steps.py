"""What can be done to one subscriber: each step says what it will do, then does it once."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from notifications import subscriptions
from notifications.models import Subscription, Suppression
from statuspage.roles import Ability

from . import doors
from .people import in_short


@dataclass(frozen=True)
class Step:
    """One step: its button, what it means, who does it, and what is said when it is done."""

    label: Promise
    help: Promise
    act: Callable[..., bool]
    done: Promise
    undone: Promise = _("Nothing was left to do.")
    is_grave: bool = False
    asks_client: bool = False


STEPS = {
    "client": Step(
        _("Name the client"),
        _("A firm or a contract, never a person: it stays in the ledger for as long as that is kept."),
        subscriptions.name_client,
        _("The client is named."),
        asks_client=True,
    ),
    "link": Step(
        _("Send a link to manage"),
        _("Its owner can change or end the subscription with it, once, within 15 minutes."),
        subscriptions.send_manage_link,
        _("The link is on its way."),
    ),
    "lift": Step(
        _("Lift the quarantine"),
        _("The address is used again from the next message on. If it still fails, it comes back into quarantine."),
        subscriptions.lift_quarantine,
        _("The quarantine is lifted."),
    ),
    "unsubscribe": Step(
        _("Unsubscribe"),
        _("Nothing more is sent, not even what is on its way into the queue. They may subscribe again themselves."),
        subscriptions.unsubscribe_by_staff,
        _("Unsubscribed. Nothing more is sent."),
        is_grave=True,
    ),
    "erase": Step(
        _("Erase"),
        _(
            "The subscription ends, and the address, the choices and the language are removed for good. The ledger "
            "keeps a pseudonym and the client. They may subscribe again themselves; an import will not."
        ),
        subscriptions.erase_by_staff,
        _("Erased. What remains is a pseudonym."),
        is_grave=True,
    ),
}


def possible(subscription: Subscription) -> list[tuple[str, Step]]:
    """The steps that would do something now; the client is named on the page itself."""
    theirs = Suppression.objects.filter(address_key=subscription.address_key)
    can = {
        "link": subscription.is_confirmed and bool(subscription.address),
        "lift": theirs.filter(reason=Suppression.Reason.QUARANTINE).exists(),
        "unsubscribe": subscription.unsubscribed_at is None,
        "erase": bool(subscription.address),
    }
    return [(name, STEPS[name]) for name, is_possible in can.items() if is_possible]


@require_http_methods(["GET", "HEAD", "POST"])
def take(request: HttpRequest, pk: UUID, step: str) -> HttpResponse:
    """GET says what it will do; POST does it."""
    actor = doors.actor(request)
    actor.require(Ability.SUBSCRIBERS)
    subscription = get_object_or_404(Subscription.objects.select_related("subscriber"), pk=pk)
    if step not in STEPS:
        raise Http404
    taken = STEPS[step]
    if request.method != "POST":
        return doors.page(request, "subscriber_step.html", context_of(subscription, step, taken))
    extra = {"reference": request.POST.get("client", "")} if taken.asks_client else {}
    if taken.act(subscription, actor=actor, **extra):
        messages.success(request, taken.done)
    else:
        messages.warning(request, taken.undone)
    return redirect("admin:notifications_subscriber_change", pk)


def context_of(subscription: Subscription, name: str, step: Step) -> dict[str, Any]:
    return {
        **in_short(subscription),
        "title": step.label,
        "name": name,
        "step": step,
        "person": subscription.subscriber,
    }
