"""A site as files: exported, imported into an empty one, exported again, equal; or refused in one line."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from deploy.processes import ROOT
from notifications.delivery import hold
from notifications.models import Endpoint, Instance, Subscription
from statuspage import audit, ports
from statuspage.exporting import rows, tables
from statuspage.models import AuditEntry, Draft, Template
from tests import prepared
from tests.moving import rich

pytestmark = pytest.mark.django_db


def emptied() -> None:
    """A new site, in the place of this one."""
    for model in apps.get_models(include_auto_created=True):
        if model._meta.app_label not in {"contenttypes", "sessions"} and model._meta.label_lower != "auth.permission":
            model._base_manager.all()._raw_delete("default")


def exported(folder: Path) -> dict[str, bytes]:
    call_command("export_site", str(folder), verbosity=0)
    return {str(each.relative_to(folder)): each.read_bytes() for each in sorted(folder.rglob("*")) if each.is_file()}


# --- Which tables, which columns -------------------------------------------------------------------------------


def test_every_model_is_exported_or_left_out_with_a_reason():
    known = {each.label for each in tables.exported()} | tables.left_out().keys()
    models = {each._meta.label_lower for each in apps.get_models(include_auto_created=True)}
    assert models - known == set(), "enter them in exporting/contents.py or notifications/exported.py"
    assert known - models == set()
    assert {each.label for each in tables.exported()}.isdisjoint(tables.left_out())
    assert all(tables.left_out().values())


SECRETIVE = re.compile(r"secret|token|password|digest|hash|sealed|credential|factor|recovery|passkey|private", re.I)
NO_SECRETS = {
    ("statuspage.alertgroup", "digest"),  # of where alerts come from, and of their group's name
    ("statuspage.auditentry", "hash"),  # the chain
    ("statuspage.auditentry", "previous_hash"),
    ("statuspage.frozenstatement", "digest"),  # of what is in the same row
    ("notifications.receipt", "digest"),  # of what a provider said
}


def test_no_secret_is_exported():
    suspicious = {
        (table.label, column.name)
        for table in tables.exported()
        for column in table.columns
        if SECRETIVE.search(column.name) or column.field.get_internal_type() == "BinaryField"
    }
    assert suspicious == NO_SECRETS, "leave the column out, or say here why it is no secret"
    held = {each.label for each in tables.exported()} | tables.NAMED.keys()
    for table in tables.exported():
        assert {each.leads_to for each in table.columns} <= held | {""}, "leave out what leads to what is left out"
        assert table.without.keys() <= {each.name for each in table.model._meta.concrete_fields}


# --- There and back -----------------------------------------------------------------------------------------------


def test_a_site_comes_back_equal_and_tells_nobody(tmp_path):
    rich.site()
    before = exported(tmp_path / "one")
    manifest = json.loads(before["manifest.json"])
    assert b'"withdrawn_at":"2026' in before["data/statuspage.incident.jsonl"]
    assert [each["table"] for each in manifest["tables"] if not each["rows"]] == [], "rich.site() lacks these"
    assert oct((tmp_path / "one/manifest.json").stat().st_mode)[-3:] == "600"
    assert not [
        name for name, data in before.items() if b"a-password" in data or b"argon2" in data or b"sealed-" in data
    ]
    assert b"'=HYPERLINK" in before["csv/statuspage.incidentupdate.csv"]
    assert exported(tmp_path / "again") == before

    of_another_kind(tmp_path)
    emptied()
    call_command("import_site", str(tmp_path / "one"), verbosity=0)
    assert exported(tmp_path / "two") == before

    assert not list(audit.broken_entries()) and not audit.missing_entries()
    assert AuditEntry.objects.count() > 5
    assert Instance.objects.get().hold_reason == hold.Reason.IMPORTED and not hold.may_send()
    assert "another site" in ports.held()
    assert not Subscription._meta.apps.get_model("auth.user").objects.get(username="zoe").has_usable_password()
    assert bytes(Endpoint.objects.get().secret) == b""
    # What is numbered next does not meet what was imported.
    Draft.objects.create(kind="incident", payload={}, created_at=rich.given.NOON)
    audit.record(actor=audit.SYSTEM, action="x", kind="x", object_id="x", at=rich.given.NOON)


def of_another_kind(folder: Path) -> None:
    """The same through the commands, into a SQLite file, whatever the database is here."""
    target = folder / "other.sqlite3"
    assert prepared.sqlite(target)
    environment = os.environ | {"DATABASE_URL": f"sqlite:///{target}", "PUBLISH_ROOT": str(folder / "pages")}
    for command in (["import_site", "one"], ["export_site", "other"]):
        argv = [sys.executable, str(ROOT / "manage.py"), command[0], str(folder / command[1])]
        done = subprocess.run(argv, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    assert (folder / "other/manifest.json").read_bytes() == (folder / "one/manifest.json").read_bytes()


# --- Refused ------------------------------------------------------------------------------------------------------


def changed(folder: Path, table: str, before: str, after: str) -> None:
    """Change one thing in a file, and its digest with it."""
    path = folder / "data" / f"{table}.jsonl"
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after, 1))
    manifest = json.loads((folder / "manifest.json").read_text())
    entry = next(each for each in manifest["tables"] if each["table"] == table)
    entry["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest))


def refused(folder: Path) -> str:
    with pytest.raises(CommandError) as caught:
        call_command("import_site", str(folder), verbosity=0)
    assert caught.value.returncode == 2
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_what_is_wrong_is_refused_by_file_line_and_field_and_nothing_is_stored(tmp_path, settings):
    rich.given.component("API", position=7)
    rich.given.component("Web")
    for each in (1, 2):
        audit.record(actor=audit.SYSTEM, action=f"act-{each}", kind="x", object_id="x", at=rich.given.NOON)
    whole = tmp_path / "whole"
    exported(whole)
    assert "not empty" in refused(whole)
    emptied()

    def broken(*change: str) -> str:
        folder = tmp_path / f"broken-{len(list(tmp_path.iterdir()))}"
        shutil.copytree(whole, folder)
        changed(folder, *change)
        return refused(folder)

    of = "statuspage.component"
    assert "data/statuspage.component.jsonl: line " in broken(of, '"position":7', '"position":"7"')
    assert "position: " in broken(of, '"position":7', '"position":-1')
    assert "position: is missing" in broken(of, '"position":7,', "")
    assert "no such field" in broken(of, '"position":7', '"position":7,"colour":"red"')
    assert "status_known" in broken(of, '"status":"operational"', '"status":"splendid"')
    assert "group: there is no statuspage.componentgroup lost" in broken(of, '"group":null', '"group":"lost"')
    assert "line 2: hash: the chain" in broken("statuspage.auditentry", '"action":"act-2"', '"action":"act-3"')
    assert "name: 300 characters; 255 fit" in broken(of, '"name":"API"', f'"name":"{"a" * 300}"')
    assert "line 1: not JSON" in broken(of, "{", "{{")

    (whole / "data/statuspage.component.jsonl").write_bytes(b"{}\n")
    assert "data/statuspage.component.jsonl: sha256: " in refused(whole)
    (whole / "manifest.json").unlink()
    assert "holds no manifest.json" in refused(whole)
    assert "is there already" in str(pytest.raises(CommandError, call_command, "export_site", str(whole)).value)
    for table in tables.exported():
        assert table.is_single or not table.model._base_manager.exists()


def test_pseudonyms_of_another_secret_are_refused(tmp_path, settings):
    exported(tmp_path / "one")
    settings.SECRET_KEY = "another-key-for-tests" * 3
    assert "must_be_the_same: address_keys" in refused(tmp_path / "one")
    settings.SECRET_KEY_FALLBACKS = ["a-key-for-tests-" * 4]
    call_command("import_site", str(tmp_path / "one"), verbosity=0)


# --- Any value ----------------------------------------------------------------------------------------------------

TEXTS = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=40)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=12)
@given(
    text=TEXTS,
    payload=st.dictionaries(TEXTS, JSON, max_size=3),
    when=st.datetimes(min_value=datetime(2, 1, 1), timezones=st.just(UTC)),
    minutes=st.none() | st.integers(0, 9),
)
def test_any_row_is_read_back_as_it_is_stored(text, payload, when, minutes):
    Draft.objects.all().delete()
    Template.objects.all().delete()
    Draft.objects.create(kind="incident", payload=payload, note=text, created_at=when)
    Template.objects.create(
        kind="incident", name=text, title=text, body=text, minutes=minutes, created_at=when, updated_at=when
    )
    for model in (Template, Draft):
        columns = tables.Table(model._meta.label_lower).columns
        lines = [rows.as_line([each.name for each in columns], row) for row in rows.of(tables.Table(model._meta.label))]
        read = [
            {each.field.attname: value for each, value in rows.values(columns, rows.parsed(line))} for line in lines
        ]
        assert read == list(model.objects.values())
