"""`manage.py sla_check FILE`: a contract's arithmetic on cases of your own."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from statuspage.sla import cases, fields


class Command(BaseCommand):
    help = "Compute the worked cases of a JSON file; 1 where one differs from what it expects, 2 where one is unusable."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="{'cases': [...]}, see docs/service-levels.md")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = list(cases.results(fields.load(Path(options["file"]).read_bytes())))
        except (OSError, ValueError) as error:
            raise CommandError(f"{options['file']}: {error}", returncode=2) from error
        different = 0
        for result, expected in found:
            self.stdout.write(json.dumps(result))
            for key, value in (expected or {}).items():
                if key not in result or exact(result[key]) != exact(value):
                    different += 1
                    self.stderr.write(f"{where(result, key)}: expected {exact(value)}, is {exact(result.get(key))}")
        if different:
            raise CommandError(f"{different} results differ from what was expected", returncode=1)


def exact(value: Any) -> str:
    """A value as JSON: 1 is not true."""
    return json.dumps(value, sort_keys=True)


def where(result: cases.Result, key: str) -> str:
    return f"case {fields.named(result['id'])}: {fields.named(key)}"
