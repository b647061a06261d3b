"""`manage.py publish [--follow]`: render what the folder lacks."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, close_old_connections
from django.utils import timezone

from statuspage.actions import emergencies
from statuspage.publishing import publish, store

POLL_SECONDS = 1.0
"""A node's copy is behind by this at the most."""


class Command(BaseCommand):
    help = "Render what the published folder lacks; --follow keeps a node's copy up to date."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--follow", action="store_true", help="stay, and follow the database")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            rendered = publish.publish()
        except OSError as error:
            raise CommandError(f"PUBLISH_ROOT: {error}", returncode=2) from error
        self.stdout.write("published" if rendered else "up to date")
        while options["follow"]:
            time.sleep(POLL_SECONDS)
            self.follow()

    def follow(self) -> None:
        """One look at the database; while it is away the copy stays, and says how old it is."""
        close_old_connections()
        try:
            emergencies.merge()
            publish.publish(refresh=publish.refresh_due(timezone.now()))
            store.beat(store.root())
        except (DatabaseError, OSError) as error:
            self.stderr.write(f"not published: {' '.join(str(error).split())}")
