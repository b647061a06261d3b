"""`manage.py hold`: send nothing until `manage.py release --confirm`; for a copy, before its workers start."""

from typing import Any

from django.core.management.base import BaseCommand

from notifications.clock import database_now
from notifications.delivery import hold


class Command(BaseCommand):
    help = "Send nothing until `manage.py release --confirm`."

    def handle(self, *args: Any, **options: Any) -> None:
        hold.ask_for_hold(database_now())
        self.stdout.write(
            "held: nothing is sent until `manage.py release --confirm`, "
            "which leaves what waits now unsent unless --send-doubtful is given"
        )
