"""`manage.py import_site FOLDER`: a whole site out of the files of `export_site`, into a new database."""

from contextlib import suppress
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from statuspage import audit, ports
from statuspage.actions.restoring import import_site
from statuspage.importing.fields import Unusable
from statuspage.publishing import publish
from statuspage.publishing.store import FolderUnusable

from .import_statuspage import UNUSABLE, one_line


class Command(BaseCommand):
    help = "Store an export in a site that has nothing yet. Tells nobody; what is to be sent waits for `release`."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", metavar="FOLDER", type=Path, help="as `export_site` wrote it")

    def handle(self, *args: Any, **options: Any) -> None:
        report = self.stdout.write if options["verbosity"] else lambda line: None
        try:
            count = import_site(folder=options["folder"], actor=audit.SYSTEM, report=report)
        except (Unusable, FolderUnusable) as error:
            raise CommandError(one_line(error), returncode=UNUSABLE) from None
        with suppress(OSError):  # else the sweep goes on with the pages
            publish.finish()
        report(f"{count:,} rows imported; nobody was notified")
        if why := ports.held():
            report(f"messages are {why}")
        report("nobody can sign in yet: `manage.py changepassword NAME` for an owner, who then invites the others")
