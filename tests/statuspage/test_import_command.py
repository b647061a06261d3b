"""`manage.py import_statuspage` from a folder: what it takes, prints and refuses."""

import copy
import json
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from statuspage.models import (
    Incident,
)
from tests.histories import PAGE, at, component, documents, everyday, incident, pk, said, written
from tests.statuspage.importing_steps import TABLES, take

pytestmark = pytest.mark.django_db


def run(source, **options) -> None:
    call_command("import_statuspage", str(source), **options)


@pytest.mark.parametrize("below", [".", "api/v2"])
def test_a_folder_may_be_laid_out_flat_or_as_the_address_is(tmp_path, capsys, below):
    written(tmp_path / below, everyday())
    run(tmp_path)
    out = capsys.readouterr().out
    assert "read: 2 components in 1 groups, 1 incidents, 1 maintenances, 7 updates" in out
    assert "incidents: 1 new" in out
    assert Incident.objects.count() == 1


def test_what_is_imported_is_published(tmp_path, capsys, publish_root, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        run(written(tmp_path / "source", everyday()))
    data = json.loads((publish_root / "current" / "api/v2/incidents.json").read_bytes())
    assert [each["id"] for each in data["incidents"]] == [pk("slow")]
    assert data["page"]["id"] == PAGE


@pytest.mark.parametrize("options", [{"quiet": True}, {"verbosity": 0}])
def test_a_quiet_import_prints_nothing(tmp_path, capsys, options):
    run(written(tmp_path, everyday()), **options)
    assert capsys.readouterr() == ("", "")


def test_a_bad_source_is_one_line_with_status_2_and_nothing_is_written(tmp_path):
    found = everyday()
    found["scheduled-maintenances.json"]["scheduled_maintenances"][0]["scheduled_until"] = at("19:00")
    with pytest.raises(CommandError, match="scheduled_until: .* is not after scheduled_for") as refused:
        run(written(tmp_path, found))
    assert refused.value.returncode == 2
    assert "\n" not in str(refused.value)
    assert not any(table.objects.exists() for table in TABLES)


def test_an_id_that_is_taken_by_something_else_is_refused_whole(tmp_path):
    take(documents(incidents=[incident("a", said("10:00", "investigating"))]))
    other = incident("b", said("10:00", "investigating"))
    other["incident_updates"][0]["id"] = pk("au0")
    with pytest.raises(CommandError, match="names something else") as refused:
        run(written(tmp_path, documents(incidents=[other])))
    assert refused.value.returncode == 2


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("/nowhere", "SOURCE: '/nowhere' is neither a folder nor an http"),
        ("status.example.com", "is neither a folder nor an http"),
        ("file:///etc", "is neither a folder nor an http"),
        ("http://", "is not a page's address"),
        ("http://[", "is not a page's address"),
        ("http://example.com:99999", "is not a page's address"),
        ("http://exam ple.com", "URL can't contain control characters"),
        ("https://" + "a" * 70 + ".example", "label"),
        ("https://user:secret@status.example.com", "is not a page's address"),
    ],
)
def test_a_source_that_is_neither_folder_nor_address_is_refused(source, message):
    with pytest.raises(CommandError, match=message):
        run(source)


def test_a_folder_without_a_document_is_refused(tmp_path):
    written(tmp_path, everyday())
    (tmp_path / "incidents.json").unlink()
    with pytest.raises(CommandError, match=r"there is no incidents\.json"):
        run(tmp_path)


def test_a_document_that_cannot_be_read_is_refused(tmp_path):
    written(tmp_path, everyday())
    (tmp_path / "incidents.json").unlink()
    (tmp_path / "incidents.json").mkdir()
    with pytest.raises(CommandError, match=r"incidents\.json: Is a directory"):
        run(tmp_path)


def test_a_published_folder_that_takes_no_files_refuses_the_import(tmp_path, settings):
    (tmp_path / "file").write_text("")
    settings.PUBLISH_ROOT = tmp_path / "file"
    with pytest.raises(CommandError, match="The published folder cannot be written") as refused:
        run(written(tmp_path / "source", everyday()))
    assert refused.value.returncode == 2
    assert not Incident.objects.exists()


def test_the_number_of_statements_does_not_grow_with_the_history(django_assert_max_num_queries):
    many = [incident(f"i{number:03}", said("10:00", "investigating", api="major_outage")) for number in range(200)]
    many[-1:] = [incident("last", said("11:00", "resolved", api="operational"))]
    found = documents(components=[component("api", updated_at=at("11:00"))], incidents=many)
    with django_assert_max_num_queries(45):
        take(found)
    with django_assert_max_num_queries(25):
        take(copy.deepcopy(found))


def test_the_source_is_not_changed(tmp_path: Path):
    source = written(tmp_path / "source", everyday())
    before = {file: file.read_bytes() for file in source.iterdir()}
    run(source)
    assert {file: file.read_bytes() for file in source.iterdir()} == before
