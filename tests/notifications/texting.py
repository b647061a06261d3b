"""What the tests of texts share: one published event told by SMS through a server that speaks Twilio's API."""

from datetime import timedelta

from django.utils import timezone

from deploy.processes import poll_until
from notifications import delivery
from notifications.models import Delivery, Receipt
from tests.notifications.ledger import event, send, told


def text_everybody(**facts: object) -> None:
    """Publish, fan out, and make every call that is due."""
    told(event(**facts))
    send("sms", 30)


def wait_for(state: str, **filters: object) -> Delivery:
    """The one delivery that its receipts brought there, once they have."""
    rows = Delivery.objects.filter(state=state, **filters)
    poll_until(rows.exists, 10, f"a text is {state}")
    return rows.get()


def wait_for_receipts(count: int) -> None:
    poll_until(lambda: Receipt.objects.count() >= count, 10, f"{count} receipts")


def pass_time(span: timedelta) -> None:
    """What rests came to rest so much earlier."""
    for row in Delivery.objects.exclude(final_at=None):
        Delivery.objects.filter(pk=row.pk).update(
            final_at=row.final_at - span, accepted_at=row.accepted_at and row.accepted_at - span
        )


def let_receipts_be_overdue() -> None:
    Delivery.objects.filter(state="accepted").update(next_attempt_at=timezone.now() - timedelta(seconds=1))


def heal_by_sweeping(rounds: int = 3) -> None:
    """Rounds of the sweep in which every wait is over."""
    from tests.notifications.ledger import let_leases_run_out, make_due

    for _ in range(rounds):
        make_due()
        let_leases_run_out()
        delivery.upkeep()
        send("sms")
