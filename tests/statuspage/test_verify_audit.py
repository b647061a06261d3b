"""The audit log's chain, checked from outside."""

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from statuspage import audit
from statuspage.actions.components import create_component
from statuspage.models import AuditEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def entries():
    """Three acts."""
    for name in ("One", "Two", "Three"):
        create_component(name=name, actor=audit.SYSTEM)
    return list(AuditEntry.objects.order_by("pk"))


def test_an_untouched_log_holds(entries, capsys):
    call_command("verify_audit")
    assert capsys.readouterr().out == "3 entries, chain holds\n"


def test_an_empty_log_holds(capsys):
    call_command("verify_audit")
    assert capsys.readouterr().out == "0 entries, chain holds\n"


@pytest.mark.parametrize(
    "change",
    [
        {"actor_name": "somebody else"},
        {"after": {"name": "Other"}},
        {"object_id": "000000000000"},
        {"previous_hash": "0" * 64},
        {"hash": "f" * 64},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_changed_row_is_named(entries, change):
    AuditEntry.objects.filter(pk=entries[1].pk).update(**change)
    with pytest.raises(
        CommandError, match=rf"the chain breaks at entry {entries[1].pk}: .* create_component"
    ) as broken:
        call_command("verify_audit")
    assert broken.value.returncode == 1


def test_a_row_that_was_taken_out_is_missed_by_the_next(entries):
    entries[1].delete()
    with pytest.raises(CommandError, match=rf"the chain breaks at entry {entries[2].pk}: "):
        call_command("verify_audit")
