"""`manage.py create_api_key NAME`: a key for a program, printed once and alone."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from statuspage import audit
from statuspage.actions.api_keys import create_api_key
from statuspage.models import Scope

UNUSABLE = 2


class Command(BaseCommand):
    help = "Make a key for a program and print it, alone on stdout. It is shown this once: only its SHA-256 is kept."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="what the key is called, in the console and in the audit log")
        parser.add_argument(
            "--scope",
            action="append",
            choices=Scope.values,
            help="what it may do, once for each; without any: owner, which is all of it",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        scopes = options["scope"] or [Scope.OWNER]
        try:
            _key, secret = create_api_key(name=options["name"], scopes=scopes, actor=audit.SYSTEM)
        except ValidationError as error:
            said = "; ".join(f"{field}: {' '.join(words)}" for field, words in error.message_dict.items())
            raise CommandError(said, returncode=UNUSABLE) from None
        self.stdout.write(secret)
