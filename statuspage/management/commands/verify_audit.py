"""`manage.py verify_audit`: whether the audit log's chain of hashes holds; exit status 1 where it breaks."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from statuspage import audit
from statuspage.models import AuditEntry

WANTING = 1
"""Exit status for a check that found something."""


class Command(BaseCommand):
    help = "Check the audit log's hash chain; names the first entry where it breaks."

    def handle(self, *args: Any, **options: Any) -> None:
        broken = next(audit.broken_entries(), None)
        if broken:
            raise CommandError(
                f"the chain breaks at entry {broken.pk}: {broken.at.isoformat()} {broken.actor_name} "
                f"{broken.action} {broken.object_kind} {broken.object_id}",
                returncode=WANTING,
            )
        if missing := audit.missing_entries():
            raise CommandError(f"the chain was cut: {missing:,} entries at its end are missing", returncode=1)
        self.stdout.write(f"{AuditEntry.objects.count():,} entries, chain holds")
