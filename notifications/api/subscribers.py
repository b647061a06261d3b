"""Subscribers of the page: list, count, add, choose components, end, reactivate, write to them again.

Only for keys of the scope "subscribers": no other learns whether an address is known.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, Literal

from django.conf import settings
from ninja import Query, Router, Status

from notifications import addresses, choices, subscriptions
from notifications.addresses import Address, InputRefused
from notifications.choices import Choices
from notifications.models import Subscription
from statuspage.api.answers import Paging, PagingFromZero, Refused, answers, page_of, paged
from statuspage.api.keys import Scope, needs, require

from . import standing
from .objects import (
    MOST_AT_ONCE,
    ChosenComponents,
    Count,
    Done,
    Histogram,
    Leaving,
    NewFollower,
    NewSubscriber,
    Several,
    SeveralOfAType,
    State,
    Subscriber,
    SubscriberIn,
    Type,
    object_of,
    objects_of,
)

router = Router(tags=["subscribers"])

ROOM = "/pages/{page_id}/subscribers"
ONE = ROOM + "/{subscriber_id}"


class Listed(PagingFromZero):
    """Pages count from 0. `q` looks in addresses; `relevance` sorts by it."""

    q: str = ""
    type: Type | None = None
    state: State = "active"
    sort_field: Literal["primary", "created_at", "quarantined_at", "relevance"] = "primary"
    sort_direction: Literal["asc", "desc"] = "asc"


@router.get(ROOM, auth=needs(Scope.SUBSCRIBERS), response=answers(list[Subscriber]))
def list_subscribers(request: Any, page_id: str, listed: Query[Listed]) -> Any:
    """Subscribers of one state, those who are told unless another is asked for."""
    page_of(page_id)
    if listed.sort_field == "relevance" and not listed.q:
        raise refused("sort_field", "relevance takes a search text in q.")
    rows = standing.subscribers(listed.state, listed.type)
    rows = standing.searched(rows, listed.q) if listed.q else rows
    rows = standing.in_order(rows, listed.sort_field, listed.sort_direction == "desc", listed.q)
    return objects_of(paged(rows, listed))


@router.get(ROOM + "/count", auth=needs(Scope.SUBSCRIBERS), response=answers(Count))
def count_subscribers(request: Any, page_id: str, type: Type | None = None, state: State = "active") -> Any:
    """How many there are in one state, or in "all", by type."""
    page_of(page_id)
    by_type = standing.counts()
    wanted = [type] if type else list(by_type)
    return {each: by_type.get(each, {}).get("total" if state == "all" else state, 0) for each in wanted}


@router.get(ROOM + "/histogram_by_state", auth=needs(Scope.SUBSCRIBERS), response=answers(Histogram))
def count_subscribers_by_state(request: Any, page_id: str) -> Any:
    """How many there are, by type and state."""
    page_of(page_id)
    return standing.counts()


@router.get(ROOM + "/unsubscribed", auth=needs(Scope.SUBSCRIBERS), response=answers(list[Subscriber]))
def list_unsubscribed(request: Any, page_id: str, paging: Query[Paging]) -> Any:
    """Who left, the last first, for as long as their address is kept."""
    page_of(page_id)
    return objects_of(paged(standing.departed().order_by("-unsubscribed_at", "pk"), paging))


@router.post(ROOM, auth=needs(Scope.SUBSCRIBERS), response=answers(Subscriber, 201))
def create_subscriber(request: Any, page_id: str, data: SubscriberIn) -> Any:
    """Subscribe an address, once its owner uses the link that it is sent.

    `skip_confirmation_notification` subscribes it at once and takes an owner's key: whoever has that answers
    for the consent. An address that said STOP, was erased or is in quarantine is refused. A link that must
    wait, because this address was written to just now, is 429.
    """
    page_of(page_id)
    sent = data.subscriber
    if sent.skip_confirmation_notification:
        require(request, Scope.OWNER)
    made = told(
        lambda: subscriptions.add(
            address_of(sent),
            choices.limited_to(to_begin_with(), sent.component_ids),
            actor=request.actor,
            is_vouched_for=bool(sent.skip_confirmation_notification),
        )
    )
    return Status(201, object_of(made))


@router.post(ROOM + "/unsubscribe", auth=needs(Scope.SUBSCRIBERS), response=answers(Done, 201))
def unsubscribe_several(request: Any, page_id: str, data: Leaving) -> Any:
    """End up to 100 subscriptions: the named ones, or a type and state. They are told so, unless that is skipped."""
    page_of(page_id)
    rows = several(data, standing.subscribers(data.state, data.type))
    if len(rows) > MOST_AT_ONCE:
        raise refused("subscribers", f'"all" is {len(rows)} subscribers; {MOST_AT_ONCE} are ended at once.')
    farewell = not data.skip_unsubscription_notification
    return done(subscriptions.unsubscribe_by_staff(row, actor=request.actor, farewell=farewell) for row in rows)


@router.post(ROOM + "/reactivate", auth=needs(Scope.SUBSCRIBERS), response=answers(Done, 201))
def reactivate_subscribers(request: Any, page_id: str, data: SeveralOfAType) -> Any:
    """Use addresses in quarantine again. One that said STOP stays as it is: its owner alone can lift that."""
    page_of(page_id)
    rows = several(data, standing.subscribers("quarantined", data.type))
    return done(subscriptions.lift_quarantine(row, actor=request.actor) for row in rows)


@router.post(ROOM + "/resend_confirmation", auth=needs(Scope.SUBSCRIBERS), response=answers(Done, 201))
def resend_confirmations(request: Any, page_id: str, data: Several) -> Any:
    """Send the link again to those who have not confirmed, but to none who was sent one just now."""
    page_of(page_id)
    rows = several(data, standing.subscribers("unconfirmed"))
    return done(is_asked_again(row, request.actor) for row in rows)


@router.get(ONE, auth=needs(Scope.SUBSCRIBERS), response=answers(Subscriber))
def get_subscriber(request: Any, page_id: str, subscriber_id: str) -> Any:
    """One subscriber; 404 for one who left."""
    page_of(page_id)
    return object_of(standing.one(subscriber_id))


@router.patch(ONE, auth=needs(Scope.SUBSCRIBERS), response=answers(Subscriber))
def update_subscriber(request: Any, page_id: str, subscriber_id: str, data: ChosenComponents) -> Any:
    """Other components for one subscriber; where they have not confirmed yet, what they will be asked to confirm."""
    page_of(page_id)
    row = standing.one(subscriber_id)
    present = choices.of(row)
    if not row.is_in_force:
        present = replace(present, wants_incidents=True, wants_maintenances=True)
    chosen = choices.limited_to(present, data.chosen())
    told(lambda: subscriptions.choose(row, chosen, actor=request.actor))
    return object_of(row)


@router.delete(ONE, auth=needs(Scope.SUBSCRIBERS), response=answers(Subscriber))
def delete_subscriber(
    request: Any, page_id: str, subscriber_id: str, skip_unsubscription_notification: bool = False
) -> Any:
    """End one subscription; they are told so, unless that is skipped."""
    page_of(page_id)
    row = standing.one(subscriber_id)
    was = object_of(row)
    subscriptions.unsubscribe_by_staff(row, actor=request.actor, farewell=not skip_unsubscription_notification)
    return was


@router.post(ONE + "/resend_confirmation", auth=needs(Scope.SUBSCRIBERS), response=answers(Subscriber, 201))
def resend_confirmation(request: Any, page_id: str, subscriber_id: str) -> Any:
    """Send the link again; 409 to who confirmed, 429 where the last one was sent just now."""
    page_of(page_id)
    row = standing.one(subscriber_id)
    if not told(lambda: subscriptions.ask_again(row, actor=request.actor)):
        raise refused("subscriber", "There is nothing to confirm.")
    return Status(201, object_of(row))


# --- From what is sent ------------------------------------------------------------------------------


def to_begin_with() -> Choices:
    """Of somebody who chose nothing yet."""
    return Choices(language=settings.LANGUAGE_CODE, time_zone=settings.PAGE_TIME_ZONE)


def address_of(sent: NewSubscriber | NewFollower) -> Address:
    """The address that is meant, by what is there. Raises InputRefused."""
    if isinstance(sent, NewSubscriber) and sent.endpoint:
        if not settings.WEBHOOKS:
            raise InputRefused("endpoint", "Webhooks are not offered here (the setting WEBHOOKS).")
        return addresses.endpoint(sent.endpoint, addresses.email(sent.email or ""))
    if sent.phone_number:
        return addresses.phone(sent.phone_number, country_of(sent.phone_country))
    return addresses.email(sent.email or "")


def country_of(sent: str | None) -> str:
    """Two letters, or nothing."""
    return sent if sent and sent.isascii() and sent.isalpha() else ""


def told(act: Callable[[], Any]) -> Any:
    """What it gives, or what is wrong as an answer."""
    try:
        return act()
    except subscriptions.AddressSuppressed as wrong:
        raise refused(wrong.field, str(wrong.message), 422) from None
    except InputRefused as wrong:
        raise refused(wrong.field, str(wrong.message)) from None
    except subscriptions.LetterTooSoon:
        raise Refused(
            429,
            "This address was sent a link just now, or no more texts go to strangers today.",
            headers={"Retry-After": str(int(subscriptions.NEXT_LETTER.total_seconds()))},
        ) from None


def refused(field: str, message: str, status: int = 409) -> Refused:
    """What looks as it should and cannot be."""
    return Refused(status, f"{field}: {message}", {field: [message]})


def several(data: Several, rows: Any) -> list[Subscription]:
    """Those of `rows` that are named; others are passed over, as they may have left meanwhile."""
    if data.subscribers == "all":
        return list(rows.order_by("created_at", "pk"))
    return list(rows.filter(pk__in=[pk for each in data.subscribers if (pk := standing.key(each))]))


def is_asked_again(row: Subscription, actor: Any) -> bool:
    try:
        return subscriptions.ask_again(row, actor=actor)
    except subscriptions.LetterTooSoon:
        return False


def done(steps: Iterable[bool]) -> Status:
    return Status(201, {"count": sum(steps)})
