"""`manage.py seed_example [--staff-only]`: an example page and the first account, where there is nothing."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from statuspage import audit
from statuspage.actions.example import OWNER, create_first_owner, seed_example
from statuspage.publishing.store import FolderUnusable

UNUSABLE = 2
"""Exit status for an installation that cannot be used."""


class Command(BaseCommand):
    help = "On an empty database, make an example page and the first staff account; else do nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--staff-only", action="store_true", help="make the first account only")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["staff_only"]:
            try:
                seed_example(actor=audit.SYSTEM)
            except FolderUnusable as error:
                raise CommandError(str(error), returncode=UNUSABLE) from None
        passphrase = create_first_owner(actor=audit.SYSTEM)
        if passphrase:
            self.stdout.write(
                f"Staff sign in at {settings.SITE_URL}/admin/ as {OWNER} "
                f"with the passphrase {passphrase} (shown only this once)."
            )
