"""Subscribers of one incident or maintenance: they are told of it alone, until it has been over for a week."""

from typing import Any

from ninja import Query, Router, Status

from notifications import subscriptions
from notifications.models import Subscription
from statuspage import selectors
from statuspage.api.answers import Paging, Refused, answers, page_of, paged
from statuspage.api.keys import Scope, needs, require

from . import standing
from .objects import FollowerIn, Subscriber, objects_of
from .subscribers import address_of, refused, to_begin_with, told

router = Router(tags=["incident subscribers"])

ROOM = "/pages/{page_id}/incidents/{incident_id}/subscribers"
ONE = ROOM + "/{subscriber_id}"


@router.get(ROOM, auth=needs(Scope.SUBSCRIBERS), response=answers(list[Subscriber]))
def list_incident_subscribers(request: Any, page_id: str, incident_id: str, paging: Query[Paging]) -> Any:
    """Who follows this one, and who was asked to confirm that."""
    entry = entry_of(page_id, incident_id)
    return shown(paged(standing.followers(entry.pk).order_by("created_at", "pk"), paging))


@router.post(ROOM, auth=needs(Scope.SUBSCRIBERS), response=answers(Subscriber, 201))
def create_incident_subscriber(request: Any, page_id: str, incident_id: str, data: FollowerIn) -> Any:
    """Have an address told of this one alone, once its owner uses the link. What is over takes no more subscribers.

    `skip_confirmation_notification` takes an owner's key, as for subscribers of the page.
    """
    entry, sent = entry_of(page_id, incident_id), data.subscriber
    if sent.skip_confirmation_notification:
        require(request, Scope.OWNER)
    if not entry.is_open or entry.withdrawn_at:
        raise Refused(409, "It is over: nothing more is told of it.")
    followed = told(
        lambda: subscriptions.follow(
            entry.pk,
            entry.name,
            address_of(sent),
            to_begin_with(),
            actor=request.actor,
            is_vouched_for=bool(sent.skip_confirmation_notification),
        )
    )
    return Status(201, one_of(entry.pk, followed.subscription))


@router.get(ONE, auth=needs(Scope.SUBSCRIBERS), response=answers(Subscriber))
def get_incident_subscriber(request: Any, page_id: str, incident_id: str, subscriber_id: str) -> Any:
    """One of them."""
    entry = entry_of(page_id, incident_id)
    return one_of(entry.pk, standing.one(subscriber_id, standing.followers(entry.pk)))


@router.delete(ONE, auth=needs(Scope.SUBSCRIBERS), response=answers(Subscriber))
def delete_incident_subscriber(request: Any, page_id: str, incident_id: str, subscriber_id: str) -> Any:
    """Tell them no more of this one. What else they are subscribed to stays."""
    entry = entry_of(page_id, incident_id)
    row = standing.one(subscriber_id, standing.followers(entry.pk))
    was = one_of(entry.pk, row)
    subscriptions.unfollow(row, entry.pk, actor=request.actor)
    return was


@router.post(ONE + "/resend_confirmation", auth=needs(Scope.SUBSCRIBERS), response=answers(Subscriber, 201))
def resend_incident_confirmation(request: Any, page_id: str, incident_id: str, subscriber_id: str) -> Any:
    """Send the link again; 409 to who confirmed, 429 where the last one was sent just now."""
    entry = entry_of(page_id, incident_id)
    row = standing.one(subscriber_id, standing.followers(entry.pk))
    if not told(lambda: subscriptions.ask_follower_again(row, entry.pk, actor=request.actor)):
        raise refused("subscriber", "There is nothing to confirm.")
    return Status(201, one_of(entry.pk, row))


def entry_of(page_id: str, incident_id: str) -> Any:
    """The incident or the maintenance of that id; 404."""
    page_of(page_id)
    is_id = incident_id.isascii() and incident_id.isalnum()
    found = is_id and (selectors.told_of("incident", incident_id) or selectors.told_of("maintenance", incident_id))
    if not found:
        raise Refused(404, "There is nothing of this id here.")
    return found


def one_of(subject_id: str, row: Subscription) -> dict[str, Any]:
    return shown(standing.followers(subject_id).filter(pk=row.pk))[0]


def shown(rows: Any) -> list[dict[str, Any]]:
    """They chose no components: what else they are told of is not said here."""
    return [each | {"components": None} for each in objects_of(rows)]
