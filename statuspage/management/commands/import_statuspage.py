"""`manage.py import_statuspage SOURCE`: move in from a Statuspage, or from anything that speaks its API."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import IntegrityError

from statuspage import audit
from statuspage.actions.importing import Summary, import_history
from statuspage.actions.importing.moving import move_in
from statuspage.importing import by_key, parse, source
from statuspage.importing.fields import Unusable
from statuspage.importing.records import History
from statuspage.publishing import publish
from statuspage.publishing.store import FolderUnusable

UNUSABLE = 2
"""Exit status for input or an installation that cannot be used."""
KEY_VARIABLE = "STATUSPAGE_API_KEY"


class Command(BaseCommand):
    help = (
        "Take components, incidents and maintenances from a page's address or a folder of its /api/v2 JSON; "
        "with a key also what the page does not show: all that ever was, templates and subscribers. Tells nobody."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "source",
            metavar="SOURCE",
            help="https://status.example.com, a folder, or with a key https://api.statuspage.io/v1/pages/<id>",
        )
        parser.add_argument(
            "--key-file", type=Path, metavar="F", help=f"where the key of the Manage API is; else in {KEY_VARIABLE}"
        )
        parser.add_argument(
            "--pause",
            type=float,
            default=by_key.PAUSE_SECONDS,
            metavar="SECONDS",
            help="between two requests with a key (1: Statuspage's limit)",
        )
        parser.add_argument("--quiet", action="store_true", help="print nothing but errors")

    def handle(self, *args: Any, **options: Any) -> None:
        self.is_quiet = options["quiet"] or options["verbosity"] == 0
        try:
            history, summary = self.imported(options)
        except (Unusable, FolderUnusable) as error:
            raise CommandError(one_line(error), returncode=UNUSABLE) from None
        except IntegrityError as error:
            reason = f"an id of the source names something else on this site; nothing was written: {error}"
            raise CommandError(one_line(reason), returncode=UNUSABLE) from None
        for line in conclusions(history, summary):
            self.say(line)
        with suppress(OSError):  # else the sweep goes on with the old pages
            publish.finish()

    def imported(self, options: dict[str, Any]) -> tuple[History, Summary]:
        """By key where the address is one of the Manage API, else what the page shows."""
        if by_key.is_by_key(options["source"]):
            folder, key = settings.VAR_DIR / "moving", key_of(options["key_file"])
            api = by_key.Api(options["source"], key, folder, pause=options["pause"], report=self.say)
            return move_in(api=api, actor=audit.SYSTEM, report=self.say)
        history = parse.history(source.read(options["source"]))
        self.say(f"read: {sizes(history)}")
        return history, import_history(history=history, actor=audit.SYSTEM, report=self.say)

    def say(self, line: str) -> None:
        """One line of progress."""
        if not self.is_quiet:
            self.stdout.write(line)


def key_of(path: Path | None) -> str:
    """The key out of its file or the environment; never an argument, which every process of the machine can read."""
    if path is None:
        if not os.environ.get(KEY_VARIABLE):
            raise Unusable(f"--key-file: name the key's file, or put it into {KEY_VARIABLE}")
        return by_key.usable_key(os.environ[KEY_VARIABLE])
    try:
        return by_key.usable_key(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise Unusable(f"--key-file: {path}: {getattr(error, 'strerror', None) or 'not text'}") from None


def one_line(error: object) -> str:
    """An error's text without line breaks."""
    return " ".join(str(error).split())


def sizes(history: History) -> str:
    """How much a source holds, in words."""
    updates = sum(len(each.updates) for each in history.entries())
    return (
        f"{len(history.components):,} components in {len(history.groups):,} groups, "
        f"{len(history.incidents):,} incidents, {len(history.maintenances):,} maintenances, {updates:,} updates"
    )


def conclusions(history: History, summary: Summary) -> list[str]:
    """What an operator should know afterwards."""
    lines = []
    if summary.unknown_components:
        gone = ", ".join(summary.unknown_components)
        lines.append(f"components that the source names but no longer lists, kept by name in the updates only: {gone}")
    if summary.left_alone:
        lines.append(f"left as they are, because staff of this site changed them: {summary.left_alone:,}")
    if history.page_name != settings.SITE_NAME:
        lines.append(f"the page is called {settings.SITE_NAME!r} here (SITE_NAME), {history.page_name!r} in the source")
    if history.time_zone not in {settings.PAGE_TIME_ZONE, "UTC"}:
        lines.append(
            f"the source's days are in {history.time_zone}, this page's in {settings.PAGE_TIME_ZONE} (PAGE_TIME_ZONE)"
        )
    if summary.revision is None:
        lines.append("nothing changed: all of it was here already")
    elif publish.is_current():
        lines.append(f"published as revision {summary.revision}; nobody was notified")
    else:
        lines.append(f"stored as revision {summary.revision}, but the page is not regenerated yet; nobody was notified")
    return lines
