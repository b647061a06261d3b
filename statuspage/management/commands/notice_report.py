"""`manage.py notice_report`: which maintenance had 24 hours' notice, and which minutes count as downtime."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from statuspage import notice_statement

WANTING, UNUSABLE = 1, 2


class Command(BaseCommand):
    help = "Print how notice was kept, by month and maintenance; 1 where one that needed 24 hours' notice lacked it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--month", metavar="2026-11", default="", help="this month only, in PAGE_TIME_ZONE")
        parser.add_argument("--format", choices=sorted(notice_statement.FORMATS), default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = notice_statement.statement(options["month"])
        except ValueError as error:
            raise CommandError(f"month: {error}", returncode=UNUSABLE) from None
        write, _content_type = notice_statement.FORMATS[options["format"]]
        for text in write(found):
            self.stdout.write(text, ending="")
        lacking = sum(each.wanting for each in found.months)
        if lacking:
            of_all = sum(each.windows for each in found.months)
            raise CommandError(f"{lacking} of {of_all} maintenances lacked 24 hours' notice", returncode=WANTING)
