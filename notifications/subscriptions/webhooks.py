"""Webhooks: an endpoint is subscribed by its owner, whose mail address answers for it.

Double opt-in by mail: nothing is posted before the owner used the link, which also shows
the secret, once. The mail names no endpoint, so that the form carries nobody's words into
anybody's inbox (fault 72). Each owner has a subscription of their own to an endpoint: a
stranger who names it too can neither change nor end another's.
"""

import base64
import secrets
import threading
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from notifications import choices as chosen
from notifications import limits, sealing
from notifications.addresses import NOT_ENDPOINT, Address, InputRefused
from notifications.channels.webhook import SECRET_PREFIX
from notifications.choices import Choices
from notifications.models import Endpoint, LinkToken, Subscription
from notifications.states import Channel
from notifications.tokens import Purpose
from statuspage.outward.addresses import NotAllowed, NotFound, target_of, vetted

from .asking import CONSENT_WORDING, Kind, find_or_add, owner_of, send_link
from .links import confirm, resume, use

SECRET_BYTES = 32

LOOKING_SECONDS = 3.0
"""How long the form waits for a name server."""

_looking = threading.Semaphore(4)
"""So many requests of a web process wait for strangers' name servers at once."""


def request_webhook(endpoint: Address, choices: Choices, *, network: str, now: datetime | None = None) -> None:
    """Have a link sent to the endpoint's owner that puts `choices` into force there.

    Raises InputRefused where the choices are impossible, or the endpoint is not on the
    internet: one answer for a name that is not there and for one that leads inwards.
    """
    now = now or timezone.now()
    choices.check()
    look_at(endpoint, network, now)
    ask(endpoint, choices, network, now)


def look_at(endpoint: Address, network: str, now: datetime) -> None:
    """Whether the endpoint's name leads to public addresses now; asked again at every call (fault 77)."""
    with transaction.atomic():
        may_look_up = limits.may_look_up(network, now)
    if not (may_look_up and _looking.acquire(timeout=LOOKING_SECONDS)):
        raise InputRefused("endpoint", _("The address cannot be looked up just now. Please try again later."))
    try:
        allowed = settings.WEBHOOK_ALLOWED_HOSTS
        vetted(target_of(endpoint.value, allowed), allowed, LOOKING_SECONDS)
    except (NotAllowed, NotFound):
        raise InputRefused("endpoint", NOT_ENDPOINT) from None
    finally:
        _looking.release()


@transaction.atomic
def ask(endpoint: Address, choices: Choices, network: str, now: datetime) -> None:
    """Rows for the endpoint and its owner, and the link; the same whether or not they were there."""
    assert endpoint.owner
    if not limits.may_request_webhook(endpoint, network, now):
        return
    subscription, owner = add_endpoint(endpoint, choices, now)
    payload = {"choices": choices.payload(), "wording": CONSENT_WORDING, "network": network}
    send_link(Purpose.CONFIRM, Kind.WEBHOOK_CONFIRMATION, subscription, payload, now, to=owner)


def add_endpoint(endpoint: Address, choices: Choices, now: datetime) -> tuple[Subscription, Subscription]:
    """The rows of an endpoint and of its owner, whether or not they were there."""
    assert endpoint.owner
    owner = find_or_add(endpoint.owner, choices, now)
    subscription = find_or_add(endpoint, choices, now)
    Endpoint.objects.bulk_create([Endpoint(subscription=subscription)], ignore_conflicts=True)
    Endpoint.objects.filter(subscription=subscription).update(owner=owner)
    return subscription, owner


# --- The secret --------------------------------------------------------------------------------


@transaction.atomic
def confirm_and_show(token: str, *, now: datetime | None = None) -> tuple[Subscription, str | None]:
    """`confirm`, and a webhook's new secret to show this once; None where it has one, or needs none.

    Raises LinkUnusable.
    """
    subscription = confirm(token, now=now)
    is_new = subscription.channel == Channel.WEBHOOK and not subscription.endpoint.secret
    return subscription, make_secret(subscription) if is_new else None


@transaction.atomic
def renew_secret(token: str, *, now: datetime | None = None) -> str:
    """Another secret by a manage link; the one before is good for nothing from now on. Raises LinkUnusable."""
    return make_secret(use(token, Purpose.MANAGE, now or timezone.now()).subscription)


@transaction.atomic
def resume_by_link(token: str, *, now: datetime | None = None) -> None:
    """Lift the quarantine by a manage link. Raises LinkUnusable."""
    now = now or timezone.now()
    resume(use(token, Purpose.MANAGE, now).subscription, now)


def make_secret(subscription: Subscription) -> str:
    secret = SECRET_PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()
    sealed = sealing.seal(secret, str(subscription.pk))
    Endpoint.objects.filter(subscription=subscription).update(secret=sealed)
    return secret


def secret_of(subscription_id: Any) -> str:
    """The secret, to sign with; "" where its owner has none, since it was imported from where nobody has one.

    Raises Endpoint.DoesNotExist, KeyLost.
    """
    row = Endpoint.objects.only("secret").get(pk=subscription_id)
    return sealing.unseal(row.secret, str(subscription_id)) if row.secret else ""


# --- Quarantine and the end ----------------------------------------------------------------------


def warn_owner(kind: Kind, subscription_id: Any, code: str, now: datetime) -> LinkToken | None:
    """Tell the owner that the endpoint gets nothing more, with a link that begins again."""
    subscription = Subscription.objects.select_related("subscriber").get(pk=subscription_id)
    owner = owner_of(subscription)
    if owner is None:
        return None
    payload = {
        "choices": chosen.of(subscription).payload(),
        "wording": subscription.consent_wording_version,
        "network": subscription.consent_network_key,
    }
    return send_link(Purpose.CONFIRM, kind, subscription, payload, now, to=owner, code=code)
