"""The evidence of one maintenance's notice: who was told, how, when, how long before; who was not, and why.

Everybody who may look at the console may look; taking it along takes the right to see
subscribers or to decide on service levels. Names no address.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from statuspage import compliance, ports, tables
from statuspage.actions.notice_summaries import show_notice
from statuspage.labels import CHANNEL
from statuspage.models import Maintenance, MaintenanceWindow
from statuspage.publishing.times import hours

from . import doors, judged_words, notice, notice_plots, planning, taking

SHOWN = 50
"""Recipients named on the page; the file has all."""

COLUMNS = (
    "window_revision",
    "window_start",
    "subscription",
    "recipient",
    "client",
    "channel",
    "was_subscribed",
    "notices",
    "state",
    "meaning",
    "code",
    "accepted_at",
    "lead_seconds",
    "told_24_hours_before",
)
"""The file's head, as `ports.notice_evidence` describes it."""
Write = Callable[[Iterable[dict[str, Any]]], Iterator[str]]
FORMATS: dict[str, tuple[Write, str]] = {
    "csv": (lambda rows: tables.as_csv(COLUMNS, rows), tables.CSV),
    "json": (tables.as_json, tables.JSON),
}


@dataclass(frozen=True)
class Told:
    """One announcement of a window: what became of it, and its course. `notice` None: nobody was told from here."""

    window: MaintenanceWindow
    notice: ports.Notice | None
    reached: notice.Reached | None
    course: notice_plots.Course | None
    course_words: str


@require_safe
def room(request: HttpRequest, pk: str) -> HttpResponse | StreamingHttpResponse:
    """One window's evidence, or the file of it."""
    maintenance = get_object_or_404(Maintenance, pk=pk)
    if (kind := request.GET.get("format")) in FORMATS:
        taking.require(request)
        write, content_type = FORMATS[kind]
        return taking.file(f"notice-{pk}.{kind}", write(rows_of(maintenance)), content_type)
    return doors.page(request, "console/window_evidence.html", context(request, maintenance))


def rows_of(maintenance: Maintenance) -> Iterator[dict[str, Any]]:
    """Every recipient of every announcement, the oldest announcement first."""
    revisions = maintenance.windows.values_list("number", flat=True)
    found = chain.from_iterable(ports.notice_evidence(maintenance.pk, number) for number in revisions)
    return ({name: row[name] for name in COLUMNS} for row in found)


def context(request: HttpRequest, maintenance: Maintenance) -> dict[str, Any]:
    (judged,) = compliance.judge(Maintenance.objects.filter(pk=maintenance.pk))
    judgement = judged.judgement
    return {
        "title": _("Evidence of notice"),
        "maintenance": maintenance,
        "clocks": planning.clocks(maintenance.time_zone),
        "judgement": judgement,
        "verdict": judged_words.VERDICT[judgement.verdict],
        "sentences": [
            each
            for each in (judged_words.lead(judgement), judged_words.lacking(judgement), judged_words.counted(judgement))
            if each
        ],
        "counted_minutes": judged_words.minutes(judgement.counted),
        "emergency": getattr(judged.maintenance, "emergency", None),
        "announcements": announcements(maintenance),
        "recipients": [shown(row) for row in islice(last_of(maintenance), SHOWN)],
        "shown": SHOWN,
        "summary": getattr(judged.maintenance, "notice_summary", None),
        "may_take": taking.may_take(request),
    }


@require_POST
def show(request: HttpRequest, pk: str) -> HttpResponse:
    """Show on the page how the notice was kept, or show it no more."""
    maintenance = get_object_or_404(Maintenance, pk=pk)
    show_notice(maintenance=maintenance, shows=request.POST.get("shows") == "yes", actor=doors.actor(request))
    doors.say_published(request)
    return redirect("admin:maintenance-evidence", pk)


def announcements(maintenance: Maintenance) -> list[Told]:
    """The newest first."""
    notices = ports.notices(maintenance.pk)
    return [told(window, notices.get(window.number)) for window in maintenance.windows.order_by("-number")]


def told(window: MaintenanceWindow, known: ports.Notice | None) -> Told:
    reach = ports.notice_reach(window.maintenance_id, window.number) if known else None
    steps = ports.notice_course(window.maintenance_id, window.number) if known else []
    people = known.told + known.waiting + known.missed + known.unreached if known else 0
    course = notice_plots.course(steps, people, window.published_at, window.scheduled_for)
    words = course_words(window, known.told, people, steps) if known and course else ""
    return Told(window, known, notice.reached(reach), course, words)


def course_words(window: MaintenanceWindow, had: int, people: int, steps: list[Any]) -> str:
    """What the plot shows, in one sentence."""
    half = next(at for at, count in steps if 2 * count >= had)
    return _(
        "%(told)s of %(people)s recipients had it: the first %(first)s before the start, half of them %(half)s, "
        "the last %(last)s."
    ) % {
        "told": had,
        "people": people,
        "first": hours(window.scheduled_for - steps[0][0]),
        "half": hours(window.scheduled_for - half),
        "last": hours(window.scheduled_for - steps[-1][0]),
    }


def last_of(maintenance: Maintenance) -> Iterator[dict[str, Any]]:
    """The recipients of the newest announcement."""
    return ports.notice_evidence(maintenance.pk, maintenance.window_revision)


def shown(row: dict[str, Any]) -> dict[str, Any]:
    lead = row["before_start"]
    return {
        **row,
        "by": CHANNEL.get(row["channel"], row["channel"]),
        "ahead": hours(lead) if lead is not None and lead.total_seconds() > 0 else "",
    }
