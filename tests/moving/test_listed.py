"""People from a list in Statuspage's CSV."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from notifications.models import Endpoint, OutboxEvent, Subscription
from statuspage.models import AuditEntry
from tests.statuspage import given

pytestmark = pytest.mark.django_db

LIST = """\ufeffType,Address,Skip confirmation,Component
email,anna@example.org,yes,API
email,"Bob@Example.org",,"Web, the site",API
email,carla@example.org,no
sms,0612345678,NL
webhook,https://hooks.example.org/in,owner@example.org
email,ANNA@example.org,yes

email,nobody
"""


def written(folder: Path, text: str) -> str:
    path = folder / "list.csv"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_people_in_a_list_are_subscribed_and_not_told(tmp_path, capsys):
    api = given.component("API")
    given.component("Web, the site")
    path = written(tmp_path, LIST)
    call_command("import_subscribers", path)
    out = capsys.readouterr().out
    assert "4 active" in out and "1 unconfirmed" in out and "1 twice" in out and "1 refused: " in out
    rows = {row.address: row for row in Subscription.objects.exclude(consent_wording_version="")}
    assert rows.keys() == {
        "anna@example.org", "Bob@example.org", "carla@example.org", "+31612345678", "https://hooks.example.org/in",
    }  # fmt: skip
    assert list(rows["anna@example.org"].components.all()) == [api] and rows["Bob@example.org"].components.count() == 2
    assert rows["+31612345678"].is_confirmed and not rows["carla@example.org"].confirmed_at
    assert Endpoint.objects.get().owner and not OutboxEvent.objects.exists()
    call_command("import_subscribers", path)
    assert "5 here already" in capsys.readouterr().out
    assert AuditEntry.objects.get(action="import_subscribers").after["active"] == 4


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("email,a@b.example\nslack,x\n", "line 2: column 1: 'slack' is none of"),
        ("email,\n", "line 1: column 2: there is no address"),
        ("email,a@b.example,yes,Nowhere\n", "line 1: column 4: 'Nowhere' is no component"),
        ('email,a@b.example\n"email,b', "line 2: not CSV"),
    ],
    ids=["kind", "address", "component", "quote"],
)
def test_a_list_that_says_something_else_is_refused_whole(tmp_path, text, words):
    with pytest.raises(CommandError, match=words) as caught:
        call_command("import_subscribers", written(tmp_path, text))
    assert caught.value.returncode == 2 and "\n" not in str(caught.value)
    assert not Subscription.objects.exists()
