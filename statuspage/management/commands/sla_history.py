"""`manage.py sla_history`: what the enterprise contract would have made of the recorded years."""

from collections.abc import Iterator, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from statuspage import availability_history, availability_plot
from statuspage.availability_history import Cell
from statuspage.sla.contracts import ENTERPRISE

UNUSABLE = 2
FIRST, LAST = 1970, 9990
"""Years that may be asked for."""
FORMATS = {"text": availability_history.as_text, "csv": availability_history.as_csv, "svg": availability_plot.as_svg}


class Command(BaseCommand):
    help = (
        "Judge every component's past months as under the enterprise contract in PAGE_TIME_ZONE: "
        "with major outages alone as interruptions, and with partial ones too."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--from", dest="first", type=int, required=True, metavar="YEAR")
        parser.add_argument("--until", dest="last", type=int, required=True, metavar="YEAR", help="that year too")
        parser.add_argument("--format", choices=sorted(FORMATS), default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        cells = self.judged(options["first"], options["last"])
        for text in written(cells, options["format"]):
            self.stdout.write(text, ending="")

    def judged(self, first: int, last: int) -> list[Cell]:
        if not FIRST <= first <= last <= LAST:
            reason = f"from {first} until {last}: not years from {FIRST} to {LAST}, the first one first"
            raise CommandError(reason, returncode=UNUSABLE)
        zone = ZoneInfo(settings.PAGE_TIME_ZONE)
        return availability_history.history(range(first, last + 1), ENTERPRISE, zone, timezone.now())


def written(cells: Sequence[Cell], name: str) -> Iterator[str]:
    return FORMATS[name](cells)
