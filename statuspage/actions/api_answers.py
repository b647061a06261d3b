"""Answers to programs' writes, kept so that a repeat is told the same and makes nothing again."""

from datetime import datetime, timedelta

from statuspage.models import ApiAnswer, ApiKey

KEPT_FOR = timedelta(days=1)


def keep(*, key: ApiKey, slot: str, request: str, status: int, body: str, now: datetime) -> None:
    """Store an answer; call inside the transaction of the write, so that neither is there without the other."""
    facts = {"request": request, "status": status, "body": body, "created_at": now}
    ApiAnswer.objects.update_or_create(key=key, slot=slot, defaults=facts)


def forget(now: datetime) -> int:
    """Drop what is older than a day; how many there were."""
    old = ApiAnswer.objects.filter(created_at__lte=now - KEPT_FOR)
    # Asked first: SQLite would take its one lock for nothing, with every sweep.
    return old.delete()[0] if old.exists() else 0
