"""How notice was kept, out of rows: by maintenance, by month, as a file, by command. Nobody tells people here."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command

from statuspage import compliance, notice_statement, ports, tables
from statuspage.actions import due, maintenance
from statuspage.models import EmergencyApproval, Maintenance, MaintenanceWindow
from tests import histories
from tests.statuspage import given as facts

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
MARCH = datetime(2026, 3, 31, 22, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def nobody_tells(monkeypatch):
    """As without `notifications`, and as with an imported history: the page alone announces."""
    monkeypatch.setattr(ports.installed, "notices", None)


def window(
    start: datetime, hours: float = 2, *, ahead: float = 48, until: float | None = None, **facts_
) -> Maintenance:
    """Planned work that went on from its start to its end, announced so many hours ahead, as a history tells of it."""
    end = start + hours * HOUR
    said = start - ahead * HOUR
    components = facts_.pop("components", [])
    row = Maintenance.objects.create(
        **{
            "name": "Upgrade",
            "status": "completed",
            "scheduled_for": start,
            "scheduled_until": end,
            "created_at": said,
            "updated_at": end,
            "announced_at": said,
            "started_at": start,
            "resolved_at": end if until is None else start + until * HOUR,
        }
        | facts_
    )
    row.claims.bulk_create([row.claims.model(maintenance=row, component=each) for each in components])
    MaintenanceWindow.objects.create(
        maintenance=row, number=1, scheduled_for=start, scheduled_until=end, published_at=said
    )
    return row


def figures(key: str) -> tuple[int, int, int, float]:
    """Maintenances, how many needed notice, how many lacked it, minutes that count."""
    month, _found = compliance.of_month(key)
    return month.windows, month.needed, month.wanting, float(month.counted_seconds / 60)


def printed(capsys, **options) -> tuple[int, str]:
    """Exit status and what stands on stdout."""
    try:
        call_command("notice_report", **options)
        status = 0
    except CommandError as error:
        status = error.returncode
    return status, capsys.readouterr().out


# --- Rows -----------------------------------------------------------------------------------------


def test_where_nobody_tells_people_the_publication_is_the_notice_and_that_is_said():
    window(MARCH, ahead=24)
    (found,) = compliance.judge(Maintenance.objects.all())
    assert (found.judgement.verdict, found.judgement.basis) == ("noticed", "publication")
    assert found.judgement.lead == 24 * HOUR and found.announced_at == MARCH - 24 * HOUR


def test_a_window_that_completed_by_itself_ended_at_its_end_however_late_that_was_found():
    start = facts.NOON + 48 * HOUR
    rows = [facts.scheduled(start=start), facts.scheduled(start=start)]
    due.run_due(now=start)
    maintenance.complete_maintenance(maintenance=rows[1], actor=facts.ALICE, now=start + 3 * HOUR)
    due.run_due(now=start + 5 * HOUR)
    found = {each.maintenance.pk: each.judgement for each in compliance.judge(Maintenance.objects.all())}
    assert [float(compliance.seconds(found[each.pk].counted)) for each in rows] == [0, 3600]


@pytest.mark.parametrize(("before", "verdict"), [(timedelta(seconds=1), "emergency_approved"), (timedelta(), "late")])
def test_an_emergency_counts_where_it_was_approved_before_the_start(before, verdict):
    row = window(MARCH, ahead=1)
    EmergencyApproval.objects.create(
        maintenance=row, reason="A disk", requested_at=MARCH - HOUR, approved_at=MARCH - before
    )
    ((found,), (said,)) = compliance.judge(Maintenance.objects.all()), notice_statement.statement().rows()
    assert found.judgement.verdict == said["verdict"] == verdict
    assert (said["emergency_reason"], said["emergency_approved_at"]) == ("A disk", MARCH - before)


def test_an_emergency_that_nobody_approved_is_none():
    row = window(MARCH, ahead=1)
    EmergencyApproval.objects.create(maintenance=row, reason="A disk", requested_at=MARCH - HOUR)
    assert compliance.judge(Maintenance.objects.all())[0].judgement.verdict == "late"


def test_one_maintenance_is_judged_with_those_around_it():
    """Three times twenty minutes, each less than a day after the one before, and a day's gap."""
    api = facts.component()
    starts = [MARCH, MARCH + 23 * HOUR, MARCH + 46 * HOUR, MARCH + 70 * HOUR]
    rows = [window(each, 1 / 3, ahead=0, components=[api]) for each in starts]
    alone = [compliance.judge(Maintenance.objects.filter(pk=each.pk)) for each in rows]
    assert [[each.judgement.verdict for each in found] for found in alone] == [["late"]] * 3 + [["not_needed"]]
    together = compliance.judge(Maintenance.objects.all())
    assert [each.judgement for each in together] == [found[0].judgement for found in alone]


def test_a_longer_noticed_window_around_it_is_considered_too():
    api = facts.component()
    late = window(MARCH, ahead=1, components=[api])
    window(MARCH - 40 * HOUR, 41, ahead=48, components=[api])
    (found,) = compliance.judge(Maintenance.objects.filter(pk=late.pk))
    assert compliance.seconds(found.judgement.counted) == 3600


def test_the_number_of_queries_does_not_grow_with_the_maintenances(django_assert_max_num_queries):
    for number in range(20):
        window(MARCH + number * 48 * HOUR, components=[facts.component(f"API {number}")])
    with django_assert_max_num_queries(14):
        assert len(compliance.judge(Maintenance.objects.all())) == 20


# --- Months ---------------------------------------------------------------------------------------


def test_a_month_counts_what_starts_in_it_and_the_minutes_that_are_in_it():
    window(MARCH, 4, ahead=1)
    assert (figures("2026-03"), figures("2026-04")) == ((1, 1, 1, 120), (0, 0, 0, 120))
    assert [each.maintenance.name for each in compliance.of_month("2026-04")[1]] == ["Upgrade"]
    assert figures("2026-05") == (0, 0, 0, 0)


def test_months_are_those_of_the_pages_zone(settings):
    settings.PAGE_TIME_ZONE = "Europe/Amsterdam"
    window(MARCH, 4, ahead=1)
    assert (figures("2026-03"), figures("2026-04")) == ((0, 0, 0, 0), (1, 1, 1, 240))


def test_an_overrun_into_the_next_month_counts_there():
    window(MARCH, 1, until=3)
    assert (figures("2026-03"), figures("2026-04")) == ((1, 1, 0, 60), (0, 0, 0, 60))


def test_instants_that_count_twice_count_once_in_a_month():
    for name in ("API", "Database"):
        window(MARCH - HOUR, 2, ahead=1, components=[facts.component(name)])
    assert figures("2026-03") == (2, 2, 2, 120)


def test_all_months_are_there_newest_first_and_agree_with_each_alone():
    window(MARCH, 4, ahead=1)
    window(MARCH - 90 * 24 * HOUR)
    window(MARCH + 60 * 24 * HOUR, 2, status="cancelled", started_at=None)
    found = notice_statement.statement().months
    assert [each.key for each in found] == ["2026-05", "2026-04", "2026-03", "2025-12"]
    assert found == [compliance.of_month(each.key)[0] for each in found]


# --- The statement ---------------------------------------------------------------------------------


def test_the_same_rows_give_the_same_bytes(capsys):
    window(MARCH, 4, ahead=1)
    window(MARCH - 48 * HOUR, status="scheduled", started_at=None, resolved_at=None)
    for kind in ("json", "csv", "text"):
        assert printed(capsys, format=kind) == printed(capsys, format=kind)
        assert printed(capsys, format=kind, month="2026-03") == printed(capsys, format=kind, month="2026-03")


def test_the_command_says_whether_notice_was_wanting(capsys):
    assert printed(capsys)[0] == 0, "nothing is planned: nothing is wanting"
    window(MARCH)
    assert printed(capsys, format="json")[0] == 0
    window(MARCH + 24 * HOUR, ahead=3)
    status, out = printed(capsys, format="json")
    (april, march) = json.loads(out)["months"]
    assert status == 1 and (april["lacked_notice"], april["counted_seconds"]) == (1, "7200")
    assert (march["had_notice"], march["counted_seconds"]) == (1, "0")
    assert printed(capsys, month="2026-03")[0] == 0
    with pytest.raises(CommandError, match="1 of 1 maintenances lacked"):
        call_command("notice_report", month="2026-04")


@pytest.mark.parametrize("typed", ["2026-13", "March", "2026-3"])
def test_what_is_no_month_is_named(typed):
    with pytest.raises(CommandError, match=f"month: '{typed}'") as refused:
        call_command("notice_report", month=typed)
    assert refused.value.returncode == 2


def test_all_forms_tell_of_the_same(capsys):
    api = facts.component()
    window(MARCH, 4, ahead=1, components=[api])
    window(MARCH - 48 * HOUR)
    array = json.loads(printed(capsys, format="json")[1])
    table = list(csv.DictReader(io.StringIO(printed(capsys, format="csv")[1])))
    assert [row["id"] for row in table] == [row["id"] for row in array["maintenances"]]
    late = array["maintenances"][1]
    assert (late["verdict"], late["noticed_by"], late["lead_seconds"]) == ("late", "publication", 3600)
    assert (late["components"], table[1]["components"]) == ([api.pk], api.pk)
    assert (late["work_seconds"], late["excluded_seconds"], late["counted_seconds"]) == ("14400", "0", "14400")
    assert [row["counted_seconds"] for row in table] == ["0", "14400"]
    assert late["counted_seconds_by_component"] == {api.pk: "14400"} and late["excluded"] == []
    assert late["counted"] == [["2026-03-31T22:00:00+00:00", "2026-04-01T02:00:00+00:00"]]
    text = printed(capsys, format="text")[1]
    assert "1 h 00 min  late" in text and "240.00" in text


def test_in_a_month_stands_how_much_of_it_counts_there(capsys):
    window(MARCH, 4, ahead=1)
    (row,) = json.loads(printed(capsys, format="json", month="2026-04")[1])["maintenances"]
    assert (row["counted_seconds"], row["counted_in_month_seconds"]) == ("14400", "7200")


def test_fault_71_a_title_is_never_a_formula_in_the_table(capsys):
    window(MARCH, name="=HYPERLINK(1)")
    (row,) = csv.DictReader(io.StringIO(printed(capsys, format="csv")[1]))
    assert row["name"] == "'=HYPERLINK(1)"
    assert not [value for value in row.values() if value.startswith(tables.FORMULA)]


# --- A history from elsewhere ------------------------------------------------------------------------


def test_an_imported_history_is_judged_by_its_announcements(tmp_path, capsys):
    """Two windows from 20:00 to 22:00: announced eleven hours and two days ahead, the second five minutes too long."""
    late = histories.maintenance(
        "late",
        histories.said("09:00", "scheduled"),
        histories.said("20:10", "in_progress", web="under_maintenance"),
        histories.said("21:40", "completed", web="operational"),
    )
    noticed = histories.maintenance(
        "early",
        histories.said("2026-02-27T09:00:00.000Z", "scheduled"),
        histories.said("20:01", "in_progress"),
        histories.said("22:05", "completed"),
    )
    written = histories.documents(components=[histories.component("web")], maintenances=[late, noticed])
    call_command("import_statuspage", str(histories.written(tmp_path, written)))
    capsys.readouterr()
    status, out = printed(capsys, format="json", month="2026-03")
    found = {row["name"]: row for row in json.loads(out)["maintenances"]}
    said = {name: (row["verdict"], row["noticed_by"], row["counted_seconds"]) for name, row in found.items()}
    assert said == {
        "Maintenance late": ("late", "publication", str(90 * 60)),
        "Maintenance early": ("noticed", "publication", str(5 * 60)),
    }
    (figures_,) = json.loads(out)["months"]
    assert (status, figures_["lacked_notice"], figures_["counted_seconds"]) == (1, 1, str(95 * 60))
