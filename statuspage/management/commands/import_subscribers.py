"""`manage.py import_subscribers FILE`: people who agreed elsewhere to be told, as a list in Statuspage's CSV."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from statuspage import audit, selectors
from statuspage.actions.importing.subscribers import import_subscribers
from statuspage.importing import listed
from statuspage.importing.fields import Unusable
from statuspage.ports import IncomingSubscriber

from .import_statuspage import UNUSABLE, one_line

AT_ONCE = 500
"""People a transaction."""


class Command(BaseCommand):
    help = "Subscribe people who agreed to it elsewhere, and tell none of them: email,anna@example.com,yes,API."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path, help="CSV: email, sms or webhook; address; see docs")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with options["file"].open(encoding="utf-8-sig", newline="") as lines:
                people = list(listed.subscribers(lines, known()))
        except (OSError, ValueError) as error:
            reason = f"{options['file']}: {getattr(error, 'strerror', None) or 'not UTF-8'}"
            raise CommandError(one_line(reason), returncode=UNUSABLE) from None
        except Unusable as error:
            raise CommandError(one_line(f"{options['file']}: {error}"), returncode=UNUSABLE) from None
        counts = import_subscribers(batches=parts(people), actor=audit.SYSTEM)
        if counts is None:
            raise CommandError("nobody is told anything here: notifications are not installed", returncode=UNUSABLE)
        for word, number in sorted(counts.items()):
            self.stdout.write(f"{number:,} {word}")
        self.stdout.write("nobody was notified")


def parts(people: list[IncomingSubscriber]) -> Iterator[list[IncomingSubscriber]]:
    """AT_ONCE at a time."""
    for first in range(0, len(people), AT_ONCE):
        yield people[first : first + AT_ONCE]


def known() -> dict[str, str]:
    """Components and groups by name and by id; of two with one name the first on the page."""
    rows = [*selectors.components(), *selectors.groups()]
    return {each.name: each.pk for each in reversed(rows)} | {each.pk: each.pk for each in rows}
