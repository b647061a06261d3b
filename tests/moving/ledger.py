"""Fills a site's ledger, as a program of its own: `python -m tests.moving.ledger EVENTS RECIPIENTS`."""

import sys
from datetime import UTC, datetime, timedelta

import django

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


def fill(events: int, recipients: int) -> None:
    """So many events, each told to so many by one attempt each."""
    from notifications.models import Attempt, Delivery, OutboxEvent, Subscriber, Subscription

    people = [Subscriber(created_at=NOON) for _ in range(recipients)]
    Subscriber.objects.bulk_create(people)
    rows = [
        Subscription(subscriber=each, channel="email", address=f"{number}@example.org", address_key=f"{number:064}",
                     created_at=NOON, confirmed_at=NOON)
        for number, each in enumerate(people)
    ]  # fmt: skip
    Subscription.objects.bulk_create(rows)
    for number in range(events):
        at = NOON + timedelta(days=number)
        event = OutboxEvent.objects.create(
            kind="incident_update", subject_kind="incident", subject_id=f"{number:012}", update_id=f"{number:012}",
            payload={"body": "It was a cable. " * 20}, priority=1, published_at=at, due_at=at, expires_at=at,
            created_at=at, fanned_out_at=at, settled_at=at,
        )  # fmt: skip
        told = [
            Delivery(event=event, subscription=each, channel="email", state="accepted", priority=1, not_before=at,
                     not_after=at, next_attempt_at=at, provider_reference="r" * 60, accepted_at=at, final_at=at)
            for each in rows
        ]  # fmt: skip
        Delivery.objects.bulk_create(told)
        Attempt.objects.bulk_create(
            Attempt(delivery=each, number=1, started_at=at, outcome="accepted") for each in told
        )


if __name__ == "__main__":
    django.setup()
    fill(int(sys.argv[1]), int(sys.argv[2]))
