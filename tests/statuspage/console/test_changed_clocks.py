"""Fault 53: a country changes its clocks after a maintenance was scheduled, and this machine learns of it."""

import shutil
import zoneinfo
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

import pytest
from django.test import Client

from statuspage.models import Maintenance
from tests.statuspage.console.test_windows import NEW, window

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("publish_root")]

MEANT = {"starts": "2027-07-01T02:30", "ends": "2027-07-01T04:00"}
IN_UTC = (datetime(2027, 7, 1, 0, 30, tzinfo=UTC), datetime(2027, 7, 1, 2, 0, tzinfo=UTC))


@contextmanager
def rules(folder: Path, zone: str, like: str) -> Iterator[None]:
    """The machine's rules are replaced: clocks of `zone` go as those of `like` do."""
    database = Path(str(files("tzdata"))) / "zoneinfo"
    shutil.copytree(database, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    shutil.copy(database / like, folder / zone)
    known = zoneinfo.TZPATH
    zoneinfo.reset_tzpath(to=[folder])
    zoneinfo.ZoneInfo.clear_cache()
    try:
        yield
    finally:
        zoneinfo.reset_tzpath(to=known)
        zoneinfo.ZoneInfo.clear_cache()


@pytest.fixture
def planned(publisher: Client) -> Maintenance:
    """02:30 in Amsterdam, in summer."""
    assert publisher.post(NEW, window(**MEANT)).status_code == 302
    return Maintenance.objects.get()


def instants(maintenance: Maintenance) -> tuple[datetime, datetime]:
    maintenance.refresh_from_db()
    return maintenance.scheduled_for, maintenance.scheduled_until


def test_fault_53_the_stored_instant_stays_and_staff_are_told_what_clocks_will_show(publisher, planned, tmp_path):
    room = f"/admin/maintenance/{planned.pk}/"
    assert instants(planned) == IN_UTC and planned.time_zone == "Europe/Amsterdam"
    assert "was announced in" not in publisher.get(room).text
    assert "look again" not in publisher.get("/admin/").text
    with rules(tmp_path / "zones", "Europe/Amsterdam", like="Etc/GMT-1"):  # summer time is given up
        text = publisher.get(room).text
        assert "2027-07-01 02:30 was announced in Europe/Amsterdam" in text
        assert "they will show 2027-07-01 01:30" in text and "stays at 2027-07-01 00:30 UTC" in text
        assert "look again" in publisher.get("/admin/").text
        assert instants(planned) == IN_UTC
        assert "01:30 to 03:00 CET" in text or "01:30 to 03:00 UTC+01" in text, "what clocks show"


def test_fault_53_moved_to_where_it_was_meant_to_be_nothing_is_said_any_more(publisher, planned, tmp_path):
    with rules(tmp_path / "zones", "Europe/Amsterdam", like="Etc/GMT-1"):
        form = {
            "time_zone": "Europe/Amsterdam",
            "version": planned.version,
            "key": "again",
            "body": "As on the wall.",
            "notify": "on",
        }
        moved = publisher.post(f"/admin/maintenance/{planned.pk}/move/", {**form, **MEANT, "step": "publish"})
        assert moved.status_code == 302
        assert instants(planned)[0] == datetime(2027, 7, 1, 1, 30, tzinfo=UTC)
        assert "was announced in" not in publisher.get(f"/admin/maintenance/{planned.pk}/").text
