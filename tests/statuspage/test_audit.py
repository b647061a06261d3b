"""The audit log is a chain."""

import pytest

from statuspage import audit
from statuspage.models import AuditEntry

from .given import ALICE, NOON

pytestmark = pytest.mark.django_db


def entries(count: int) -> list[AuditEntry]:
    return [
        audit.record(
            actor=ALICE,
            action="test",
            kind="incident",
            object_id=str(number),
            at=NOON,
            after={"ü": number},
        )
        for number in range(count)
    ]


def test_an_untouched_chain_holds():
    entries(3)
    assert list(audit.broken_entries()) == []


@pytest.mark.parametrize("tampering", [{"after": {"ü": 9}}, {"actor_name": "mallory"}, {"object_id": "7"}])
def test_a_changed_row_breaks_the_chain(tampering):
    second = entries(3)[1]
    AuditEntry.objects.filter(pk=second.pk).update(**tampering)
    assert next(audit.broken_entries()).pk == second.pk


def test_a_removed_row_breaks_the_chain():
    rows = entries(3)
    AuditEntry.objects.filter(pk=rows[1].pk).delete()
    assert next(audit.broken_entries()).pk == rows[2].pk


def test_a_row_slipped_in_breaks_the_chain():
    rows = entries(2)
    forged = AuditEntry.objects.get(pk=rows[1].pk)
    forged.pk, forged.action, forged.hash = None, "forged", "f" * 64
    forged.save()
    assert [each.pk for each in audit.broken_entries()] == [forged.pk]
    assert audit.missing_entries() == -1


def test_entries_cut_off_the_end_are_missed():
    rows = entries(3)
    AuditEntry.objects.filter(pk__in=[rows[1].pk, rows[2].pk]).delete()
    assert list(audit.broken_entries()) == []
    assert audit.missing_entries() == 2
