"""Letters: one message to one address, which need not be subscribed to anything.

The address gets a row, as one that asked for a link does, and is forgotten as one that never used it
(`notifications.retention`). Nothing is subscribed by it.
"""

from datetime import datetime, timedelta

from django.conf import settings

from notifications import addresses, doorbell, limits
from notifications.addresses import Address
from notifications.choices import Choices
from notifications.limits import Limit
from notifications.models import OutboxEvent
from notifications.models.outbox import Audience
from notifications.states import Priority
from statuspage.events import Letter

from .asking import find_or_add

OF_USE = timedelta(hours=48)
"""As long as the link in a confirmation: a number that comes later answers nobody who waits."""


def send_letter(letter: Letter) -> bool:
    """Write the outbox row that has it sent; inside the transaction of whoever writes it.

    False where the address takes no mail, or gets enough already by a public form: whoever wrote it for
    somebody else must not be able to tell, nor to flood them.
    """
    try:
        address = addresses.email(letter.address)
    except addresses.InputRefused:
        return False
    if letter.network and not limits.take(list(limits_of(address, letter.network)), letter.written_at):
        return False
    # Each is a matter of its own: a later letter about the same report does not stand in for this one.
    name = f"{letter.subject_id}.{letter.written_at:%Y%m%d%H%M%S%f}"
    OutboxEvent.objects.create(
        kind=letter.kind,
        subject_kind="client_report",
        subject_id=name,
        update_id=name,
        payload={"number": letter.number, "reported_at": letter.reported_at.isoformat(), "reason": letter.reason},
        audience=Audience.ONE,
        single_subscription=find_or_add(address, written_in(letter.language), letter.written_at),
        priority=Priority.PERSON_WAITS,
        published_at=letter.written_at,
        due_at=letter.written_at,
        expires_at=ends_at(letter),
    )
    doorbell.ring_after_commit()
    return True


def limits_of(address: Address, network: str) -> list[Limit]:
    """As for links; counted apart, so that neither form closes the other."""
    key = limits.keyed_hash("network", network)
    return [
        *limits.per_address(address, "letter"),
        Limit(f"letters:{key}", settings.SUBSCRIBE_PER_NETWORK_HOUR, limits.HOUR),
        Limit("letters", settings.SUBSCRIBE_PER_HOUR, limits.HOUR),
    ]


def written_in(language: str) -> Choices:
    """Of a reader who chose nothing but a language; one who is known keeps theirs."""
    return Choices(language=language or settings.LANGUAGE_CODE, time_zone=settings.PAGE_TIME_ZONE)


def ends_at(letter: Letter) -> datetime:
    return letter.written_at + OF_USE
