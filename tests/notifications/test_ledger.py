"""The ledger's own constraints: they hold what the invariants lean on (tests/notifications/machine has those)."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from notifications.models import Delivery
from tests.notifications.given import subscribers
from tests.notifications.ledger import event, told

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick")]


@pytest.mark.parametrize(
    "facts",
    [
        {"state": "sending"},
        {"state": "accepted"},
        {"state": "nonsense", "final_at": timezone.now()},
        {"final_at": timezone.now()},
        {"lease_expires_at": timezone.now() + timedelta(minutes=1)},
    ],
    ids=["sending, not leased", "accepted, not final", "unknown", "queued, final", "queued, leased"],
)
def test_the_state_of_a_row_and_its_columns_agree(facts):
    subscribers(email=1)
    told(event())
    with pytest.raises(IntegrityError), transaction.atomic():
        Delivery.objects.update(**facts)
