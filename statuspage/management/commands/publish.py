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
        only = parser.add_mutually_exclusive_group()
        only.add_argument("--follow", action="store_true", help="stay, and follow the database")
        only.add_argument(
            "--permit",
            action="store_true",
            help="publish nothing: only let the published policy permit this release's style and script",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            said = self.once(**options)
        except TROUBLE as error:
            if options["follow"]:
                self.complain(error)
            elif isinstance(error, DatabaseTrouble):
                raise  # manage.py has the words for a database that does not answer
            else:
                raise CommandError(words_of(error), returncode=2) from error
        else:
            self.stdout.write(said)
        while options["follow"]:
            time.sleep(POLL_SECONDS)
            self.follow()

    def once(self, *, permit: bool, follow: bool, **options: Any) -> str:
        """What is asked for, done; in words."""
        if permit:
            return "permitted" if publish.permit() else "nothing is published yet"
        was_behind = publish.publish()
        if not follow:
            publish.finish()
        return "published" if was_behind else "up to date"

    def follow(self) -> None:
        """One look at the database; while it is away the copy stays, and says how old it is."""
        close_old_connections()
        try:
            emergencies.merge()
            publish.publish(refresh=publish.refresh_due(selectors.database_now()))
            store.beat(store.root())
            publish.catch_up()
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
