"""`manage.py delivery_report`: the ledger counted, for operators and their scripts."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from notifications import reports


class Command(BaseCommand):
    help = "Count the deliveries by event, channel and state."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--incident", metavar="ID", help="only this incident or maintenance")
        parser.add_argument("--format", choices=["json"], default="json")

    def handle(self, *args: Any, **options: Any) -> None:
        report = reports.delivery_report(options["incident"])
        self.stdout.write(json.dumps(report, indent=2))
