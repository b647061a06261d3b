"""Subscribers in bulk: made inside the database, because a million rows through the ORM would take the run's time."""

from django.db import connection

from notifications.models import Subscription

PEOPLE = """
    INSERT INTO notifications_subscriber (id, language, time_zone, client_reference, created_at)
    WITH RECURSIVE numbers(n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM numbers WHERE n < {last})
    SELECT {id}, 'en', 'Etc/UTC', '', {then} FROM numbers
"""
SUBSCRIPTIONS = """
    INSERT INTO notifications_subscription (id, subscriber_id, channel, address, address_key, address_version,
        all_components, wants_incidents, wants_maintenances, created_at, confirmed_at, unsubscribe_reason,
        consent_wording_version, consent_network_key)
    WITH RECURSIVE numbers(n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM numbers WHERE n < {last})
    SELECT {random_id}, {id}, '{channel}', {address}, {key}, 1, {everything}, {yes}, {yes}, {then}, {then}, '', '', ''
      FROM numbers
"""
POSTGRESQL = {
    "id": "lpad(to_hex(n), 32, '0')::uuid",
    "random_id": "gen_random_uuid()",
    "key": "lpad(n::text, 64, '0')",
    "then": "now() - interval '1 hour'",
    "yes": "true",
    "no": "false",
}
SQLITE = {
    "id": "printf('%032x', n)",
    "random_id": "lower(hex(randomblob(16)))",
    "key": "printf('%064d', n)",
    "then": "datetime('now', '-1 hour')",
    "yes": "1",
    "no": "0",
}
ADDRESSES = {"email": "'reader-' || n || '@example.org'", "sms": "'+316' || (10000000 + n)"}


def subscribe(first: int, last: int, channel: str = "email", *, choosing: bool = False) -> None:
    """Subscribers numbered `first` to `last`, both included, who confirmed an hour ago.

    `choosing`: every second of them wants components of their choice only (see `choose`).
    """
    words = POSTGRESQL if connection.vendor == "postgresql" else SQLITE
    everything = f"CASE WHEN n % 2 = 0 THEN {words['yes']} ELSE {words['no']} END" if choosing else words["yes"]
    facts = {"first": first, "last": last, "channel": channel, "address": ADDRESSES[channel], "everything": everything}
    with connection.cursor() as cursor:
        for statement in (PEOPLE, SUBSCRIPTIONS):
            cursor.execute(statement.format(**facts, **words))
    analyse()


def choose(components: list[str], each: int) -> None:
    """Whoever does not want everything gets so many components, spread evenly."""
    through = Subscription.components.through
    ids = Subscription.objects.filter(all_components=False).values_list("pk", flat=True)
    rows = (
        through(subscription_id=pk, component_id=components[(number + step) % len(components)])
        for number, pk in enumerate(ids.iterator())
        for step in range(each)
    )
    through.objects.bulk_create(rows, batch_size=5_000)
    analyse()


def analyse() -> None:
    """Tell PostgreSQL how much there is, as its autovacuum would in time."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
