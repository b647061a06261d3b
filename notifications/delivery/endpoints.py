"""What an endpoint's answer means beyond its own delivery: quarantine, or the end.

Ten failures in about an hour, as at Statuspage: then nothing more is posted there until its
owner, who is written to, lifts that. Called by `record`, inside its transaction. Failures
without a word from the other side count only while somebody else's endpoint answers: they
may be our own network's.
"""

from datetime import datetime, timedelta
from uuid import UUID

from notifications import subscriptions
from notifications.channels.base import Accepted, Blame, Refused
from notifications.channels.webhook import NO_WAY
from notifications.models import Attempt, Endpoint, Subscription, Suppression
from notifications.retry import Answer, Defect, LostLease
from notifications.states import Channel
from notifications.subscriptions import Kind, Reason

from . import quarantine
from .premise import Ready

FAILURES = 10
WITHIN = timedelta(hours=1)


def follow(ready: Ready, answer: Answer, at: datetime) -> None:
    """Note how the endpoint did; end or stop its subscription where that is due."""
    if isinstance(answer, Defect | LostLease):
        return
    code = getattr(answer, "code", "")
    note(ready.subscription_id, answer, code, at)
    if isinstance(answer, Refused) and answer.blame == Blame.OPTED_OUT:
        end(ready.subscription_id, code, at)
    elif not isinstance(answer, Accepted) and has_failed_enough(ready.subscription_id, at):
        stop(ready, code, at)


def note(subscription_id: UUID, answer: Answer, code: str, at: datetime) -> None:
    facts = {} if code in NO_WAY else {"answered_at": at}
    if isinstance(answer, Accepted):
        facts["succeeded_at"] = at
    if facts:
        Endpoint.objects.filter(pk=subscription_id).update(**facts)


def end(subscription_id: UUID, code: str, at: datetime) -> None:
    """410: the endpoint itself says that it is gone."""
    active = Subscription.objects.filter(pk=subscription_id, unsubscribed_at=None)
    if active.update(unsubscribed_at=at, unsubscribe_reason=Reason.GONE):
        subscriptions.warn_owner(Kind.WEBHOOK_ENDED, subscription_id, code, at)


def stop(ready: Ready, code: str, at: datetime) -> None:
    """Quarantine, and a mail to its owner; once, however many calls fail at the same time."""
    if quarantine.suppress(ready, Suppression.Reason.QUARANTINE, code, at):
        subscriptions.warn_owner(Kind.WEBHOOK_QUARANTINED, ready.subscription_id, code, at)


def has_failed_enough(subscription_id: UUID, at: datetime) -> bool:
    """Whether it has failed ten times within the hour, and not done better meanwhile."""
    endpoint = Endpoint.objects.get(pk=subscription_id)
    since = max(moment for moment in (at - WITHIN, endpoint.succeeded_at, endpoint.resumed_at) if moment)
    calls = Attempt.objects.filter(
        delivery__subscription=subscription_id, delivery__channel=Channel.WEBHOOK, ended_at__gt=since
    )
    failures = calls.filter(outcome__in=["refused", "unavailable", "ambiguous"])
    if failures.exclude(code__in=NO_WAY).count() >= FAILURES:
        return True
    return failures.count() >= FAILURES and others_answer(subscription_id, at)


def others_answer(subscription_id: UUID, at: datetime) -> bool:
    """Whether another endpoint said anything within the hour: then our way out is open."""
    return Endpoint.objects.exclude(pk=subscription_id).filter(answered_at__gt=at - WITHIN).exists()
