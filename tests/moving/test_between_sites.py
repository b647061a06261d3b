"""Moving from one of our own sites to another by key: a running server on one side, a new database on the other."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from deploy.processes import ROOT
from notifications import addresses, subscriptions
from notifications.choices import Choices
from notifications.models import Suppression
from notifications.subscriptions import Reason
from statuspage import audit
from statuspage.actions import incidents
from statuspage.actions.api_keys import create_api_key
from statuspage.actions.templates import save_template
from statuspage.models import Component, Publication, Scope
from tests import prepared
from tests.notifications.given import subscribed
from tests.statuspage import given


def lines(folder: Path, table: str, *names: str) -> list[list[Any]]:
    """These fields of all rows of an export's table."""
    text = (folder / "data" / f"{table}.jsonl").read_text()
    return sorted([json.loads(line)[name] for name in names] for line in text.splitlines())


KEPT = {
    "statuspage.componentgroup": ("id", "name", "created_at"),
    "statuspage.component": ("id", "name", "group", "status", "created_at", "showcase"),
    "statuspage.incident": ("id", "name", "status", "impact", "started_at", "resolved_at", "is_backfilled"),
    "statuspage.incidentupdate": ("id", "incident", "status", "body", "display_at", "affected_components"),
    "statuspage.maintenance": ("id", "name", "status", "scheduled_for", "scheduled_until", "auto_start", "tells_end"),
    "statuspage.maintenanceupdate": ("id", "maintenance", "status", "body", "display_at"),
    "statuspage.template": ("id", "name", "title", "body", "kind", "update_status", "notify"),
    "notifications.subscription": ("channel", "address", "address_key", "all_components"),
}


@pytest.mark.alike
@pytest.mark.django_db(transaction=True)
def test_a_site_moves_to_another_of_ours_by_key(live_server: Any, settings: Any, tmp_path: Path) -> None:
    settings.API_RATE, settings.SITE_URL = 1000.0, live_server.url
    api, web = given.component("API", group=given.group()), given.component("Web", position=2)
    a_history(api, web)
    people(api)
    _key, secret = create_api_key(name="move", scopes=[Scope.OWNER], actor=audit.SYSTEM)
    address = f"{live_server.url}/v1/pages/{Publication.objects.current().page_id}"

    there = a_new_site(tmp_path) | {"STATUSPAGE_API_KEY": secret}
    done = manage(there, "import_statuspage", address, "--pause", "0")
    assert "nobody was notified" in done and secret not in done and "example.org" not in done
    assert "nothing changed" in manage(
        there | {"STATUSPAGE_API_KEY": secret}, "import_statuspage", address, "--pause", "0"
    )
    manage(there, "export_site", str(tmp_path / "there"))
    call_command("export_site", str(tmp_path / "here"), verbosity=0)
    for table, names in KEPT.items():
        assert lines(tmp_path / "there", table, *names) == lines(tmp_path / "here", table, *names), table
        assert lines(tmp_path / "there", table, *names), table
    states = ("address", "confirmed_at", "unsubscribed_at")
    confirmed = [
        {
            (address, bool(at), bool(left))
            for address, at, left in lines(tmp_path / name, "notifications.subscription", *states)
        }
        for name in ("here", "there")
    ]
    assert confirmed[0] == confirmed[1]
    told = [lines(tmp_path / name, "notifications.suppression", "address_key", "reason") for name in ("here", "there")]
    assert told[0] == told[1] != []
    chosen = "notifications.subscription_components"
    assert len(lines(tmp_path / "there", chosen, "component")) == 1
    assert lines(tmp_path / "there", "notifications.outboxevent", "id") == []


def a_history(api: Component, web: Component) -> None:
    """An incident that is over and one that is not, a window ahead that people begin by hand, and a template."""
    incident = given.incident({api: "major_outage"})
    incidents.publish_update(
        incident=incident, status="resolved", body="It was DNS.", components={api.pk: "operational"},
        actor=given.ALICE, now=given.NOON + given.hours(1),
    )  # fmt: skip
    given.incident({web: "degraded_performance"}, name="Web is slow", now=given.NOON + given.hours(2))
    given.scheduled(web, auto_start=False, tells_end=False, start=given.NOON + given.hours(24 * 365))
    save_template(kind="incident", name="DNS", title="DNS fails", body="Names.", actor=given.ALICE, components=[api.pk])


def people(api: Component) -> None:
    """One of every standing."""
    subscribed(addresses.email("all@example.org"))
    subscribed(addresses.email("some@example.org"), all_components=False).components.add(api)
    subscribed(addresses.phone("+31612345678"))
    bounced = subscribed(addresses.email("bounced@example.org"))
    Suppression.objects.create(address_key=bounced.address_key, reason="quarantine", since=given.NOON)
    subscriptions.request_subscription(address=addresses.email("waits@example.org"), choices=Choices(), network="n")
    subscriptions.unsubscribe(subscribed(addresses.email("gone@example.org")), reason=Reason.LINK)


def a_new_site(folder: Path) -> dict[str, str]:
    """The environment of a site with a database of its own."""
    assert prepared.sqlite(folder / "new.sqlite3")
    return os.environ | {
        "DATABASE_URL": f"sqlite:///{folder / 'new.sqlite3'}",
        "PUBLISH_ROOT": str(folder / "pages"),
    }


def manage(environment: dict[str, str], *arguments: str) -> str:
    argv = [sys.executable, "manage.py", *arguments]
    done = subprocess.run(argv, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
