"""`manage.py sla_report`: the statement of one contract's availability in one period, with its evidence."""

from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from statuspage import selectors
from statuspage.models import Contract
from statuspage.statements.printed import Unknown, of_record, printed
from statuspage.statements.render import FORMATS, Printed

UNUSABLE = 2


class Command(BaseCommand):
    help = "Print a contract's statement of a month or a year: what was frozen, else what the record says now."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--contract", metavar="NAME", required=True)
        parser.add_argument("--period", metavar="2026-04|2026", required=True)
        parser.add_argument("--format", choices=sorted(FORMATS), default="json")
        parser.add_argument("--number", type=int, help="this frozen version; else the newest")
        parser.add_argument("--record", action="store_true", help="compute it from the record, whatever was frozen")
        parser.add_argument("--as-of", metavar="INSTANT", type=instant, help="of a period that is not over: until then")

    def handle(self, *args: Any, **options: Any) -> None:
        contract = Contract.objects.select_related("client").filter(name=options["contract"]).first()
        if contract is None:
            raise CommandError(f"contract: there is none called {options['contract']!r}", returncode=UNUSABLE)
        try:
            found = self.asked(contract, options)
        except Unknown as error:
            raise CommandError(str(error), returncode=UNUSABLE) from None
        write, _content_type = FORMATS[options["format"]]
        self.put(write(found))

    def asked(self, contract: Contract, options: dict[str, Any]) -> Printed:
        now, key = selectors.database_now(), options["period"]
        if options["record"] or options["as_of"]:
            return of_record(contract, key, now, as_of=options["as_of"])
        return printed(contract, key, now, number=options["number"])

    def put(self, body: bytes) -> None:
        """As bytes where the terminal or file takes them: a PDF is no text."""
        buffer = getattr(self.stdout, "buffer", None)
        if buffer is None:
            self.stdout.write(body.decode("utf-8", "replace"), ending="")
            return
        self.stdout.flush()
        buffer.write(body)
        buffer.flush()


def instant(text: str) -> datetime:
    """ISO 8601 with an offset."""
    at = datetime.fromisoformat(text)
    if at.utcoffset() is None:
        raise ValueError(f"{text} has no offset")
    return at
