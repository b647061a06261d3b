"""`manage.py delivery_evidence`: what a client was told, and when, as a table or JSON."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from notifications import evidence

NOTHING, UNUSABLE = 1, 2


class Command(BaseCommand):
    help = "Print what a client, or one subscription, was told, when, and how long before a window."

    def add_arguments(self, parser: CommandParser) -> None:
        whose = parser.add_mutually_exclusive_group(required=True)
        whose.add_argument("--client", metavar="REFERENCE", help="the client, as staff name it")
        whose.add_argument("--subscription", metavar="ID", help="one subscription")
        parser.add_argument("--from", dest="since", metavar="DATE", help="published on or after this day or time (UTC)")
        parser.add_argument("--until", metavar="DATE", help="published before this day or time (UTC)")
        parser.add_argument("--format", choices=sorted(evidence.FORMATS), default="csv")

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = evidence.Wanted(
            client=options["client"] or "",
            subscription=subscription_id(options["subscription"]),
            since=moment("from", options["since"]),
            until=moment("until", options["until"]),
        )
        if not wanted.deliveries().exists():
            raise CommandError("the ledger has nothing about this client in this time", returncode=NOTHING)
        write, _content_type = evidence.FORMATS[options["format"]]
        for text in write(evidence.rows(wanted)):
            self.stdout.write(text, ending="")


def subscription_id(typed: str | None) -> UUID | None:
    try:
        return UUID(typed) if typed else None
    except ValueError:
        raise CommandError(f"subscription: {typed!r} is not the id of one", returncode=UNUSABLE) from None


def moment(field: str, typed: str | None) -> datetime | None:
    """A day's beginning, or a time; in UTC where it names no zone."""
    if not typed:
        return None
    try:
        at = datetime.fromisoformat(typed)
    except ValueError:
        raise CommandError(f"{field}: {typed!r} is not a day such as 2026-04-01", returncode=UNUSABLE) from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
