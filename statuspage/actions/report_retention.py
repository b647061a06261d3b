"""How long clients' reports name people: the report stays as evidence, who sent it does not (docs/security.md 41)."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q, QuerySet

from statuspage.models import ClientReport

from .reports import KEPT

NO_PEOPLE = {"contact_name": "", "contact_email": "", "claimed_client": "", "network_key": ""}


def forget_old(now: datetime) -> int:
    """Delete what nobody's client sent, and forget people, each after its time; how many reports that touched."""
    # Asked first, as readers' reports are: SQLite would take its one lock for nothing, with every sweep.
    touched = deleted(nobodys(now)) + changed(with_people(now), NO_PEOPLE)
    return touched + changed(with_network(now), {"network_key": ""})


def nobodys(now: datetime) -> QuerySet[ClientReport]:
    """Of no contract that anybody found."""
    return ClientReport.objects.filter(contract=None, created_at__lt=now - KEPT)


def with_people(now: datetime) -> QuerySet[ClientReport]:
    """Declined ones that name somebody; and all that are as old as the ledger grows."""
    old = Q(declined_at__lt=now - KEPT) | Q(created_at__lt=now - timedelta(days=settings.RETAIN_LEDGER_DAYS))
    names = ~Q(contact_name="") | ~Q(contact_email="") | ~Q(claimed_client="")
    return ClientReport.objects.filter(old, names, created_at__lt=now - KEPT)


def with_network(now: datetime) -> QuerySet[ClientReport]:
    return ClientReport.objects.filter(created_at__lt=now - KEPT).exclude(network_key="")


def deleted(rows: QuerySet[ClientReport]) -> int:
    return rows.delete()[0] if rows.exists() else 0


def changed(rows: QuerySet[ClientReport], facts: dict[str, str]) -> int:
    return rows.update(**facts) if rows.exists() else 0
