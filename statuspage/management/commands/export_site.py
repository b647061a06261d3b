"""`manage.py export_site FOLDER`: everything this site knows, as files for `import_site` and for people."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from statuspage.exporting import files
from statuspage.importing.fields import Unusable
from statuspage.instant import one_instant
from statuspage.models import Publication

from .import_statuspage import UNUSABLE, one_line


class Command(BaseCommand):
    help = "Write everything but secrets into a new folder: JSON Lines, CSV beside it, and a manifest."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", metavar="FOLDER", type=Path, help="a folder that is empty, or not there yet")

    def handle(self, *args: Any, **options: Any) -> None:
        report = self.stdout.write if options["verbosity"] else lambda line: None
        Publication.objects.current()  # every site has it from its first publication on, and an import makes one
        try:
            with one_instant():
                count = files.write(options["folder"], report)
        except (Unusable, OSError) as error:
            raise CommandError(one_line(error), returncode=UNUSABLE) from None
        report(f"{count:,} rows in {options['folder']}; subscribers' addresses are among them: keep it safe")
