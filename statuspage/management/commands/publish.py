"""`manage.py publish [--follow]`: render what the folder lacks."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error as DatabaseTrouble
from django.db import close_old_connections

from statuspage import selectors
from statuspage.actions import emergencies
from statuspage.publishing import publish, store

POLL_SECONDS = 1.0
"""A node's copy is behind by this at the most."""


TROUBLE = (DatabaseTrouble, OSError, store.FolderUnusable)
"""What ends by itself, or by staff's doing: `--follow` waits for that."""


class Command(BaseCommand):
    help = "Render what the published folder lacks; --follow keeps a node's copy up to date."

    said = ""
    """The complaint that was made last."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--follow", action="store_true", help="stay, and follow the database")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            rendered = publish.publish()
        except TROUBLE as error:
            if options["follow"]:
                self.complain(error)
            elif isinstance(error, DatabaseTrouble):
                raise  # manage.py has the words for a database that does not answer
            else:
                raise CommandError(words_of(error), returncode=2) from error
        else:
            self.stdout.write("published" if rendered else "up to date")
        while options["follow"]:
            time.sleep(POLL_SECONDS)
            self.follow()

    def follow(self) -> None:
        """One look at the database; while it is away the copy stays, and says how old it is."""
        close_old_connections()
        try:
            emergencies.merge()
            publish.publish(refresh=publish.refresh_due(selectors.database_now()))
            store.beat(store.root())
            self.said = ""
        except TROUBLE as error:
            self.complain(error)

    def complain(self, error: Exception) -> None:
        """One line, and not again while it stays the same: it is tried again every second."""
        words = f"not published: {words_of(error)}"
        if words != self.said:
            self.stderr.write(words)
            self.stderr.flush()
        self.said = words


def words_of(error: Exception) -> str:
    """One line that names the setting and says what is wrong there."""
    setting = "DATABASE_URL" if isinstance(error, DatabaseTrouble) else "PUBLISH_ROOT"
    return f"{setting}: {' '.join(str(error).split())}"
