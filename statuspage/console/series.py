"""The room of recurring maintenance: a rule, the windows that follow from it, and what is said of them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from statuspage import events, ports, windows
from statuspage.actions import series as actions
from statuspage.actions.series_windows import announced, horizon, recurrence_of
from statuspage.models import Component, Maintenance, MaintenanceSeries
from statuspage.publishing.times import duration
from statuspage.recurrence import Recurrence, Window
from statuspage.sla.notice import NEVER
from statuspage.vocabulary import MaintenanceStatus

from . import doors, notice, plans
from .planning import clocks, to_confirm
from .series_forms import ChangeForm, EndForm, SeriesForm, in_words, told_lines
from .telling import Telling

SHOWN = 10
"""Windows of a preview."""

DAY_AHEAD = 24 * 60
"""Minutes: what is told later than this before a start is no notice by itself (notifications.notices)."""


@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """All series, those that go on first."""
    rows = MaintenanceSeries.objects.order_by("ended_at", "-created_at")
    found = [{"series": each, "words": in_words(each), "next": announced(each).first()} for each in rows]
    ongoing = [each for each in found if not each["series"].ended_at]
    ended = [each for each in found if each["series"].ended_at]
    context = {"title": _("Recurring maintenance"), "ongoing": ongoing, "ended": ended}
    return doors.page(request, "console/series_list.html", context)


@require_safe
def room(request: HttpRequest, pk: str) -> HttpResponse:
    """One series: its rule in words, the windows that are announced, and those that come."""
    series = get_object_or_404(MaintenanceSeries, pk=pk)
    context = {
        "title": series.name,
        "series": series,
        "words": in_words(series),
        "told": told_lines(series),
        "length": duration(series.length),
        "components": series.components.select_related("group"),
        "clocks": clocks(series.time_zone),
        "announced": announced(series),
        "begun": begun(series),
        "coming": [] if series.ended_at else to_come(series),
        "days_ahead": settings.SERIES_DAYS_AHEAD,
    }
    return doors.page(request, "console/series.html", context)


def begun(series: MaintenanceSeries) -> QuerySet[Maintenance]:
    """The windows that are over, under way or called off, the latest first."""
    rows = Maintenance.objects.filter(series=series).exclude(status=MaintenanceStatus.SCHEDULED)
    return rows.order_by("-scheduled_for")[:SHOWN]


def to_come(series: MaintenanceSeries) -> list[Window]:
    """The next windows that are not announced yet."""
    return recurrence_of(series).following(series.announced_until or timezone.now(), SHOWN)


# --- Making, changing, ending ------------------------------------------------------------------------


def new(request: HttpRequest) -> HttpResponse:
    """Keep a rule, and announce the windows that are near."""
    return Telling(
        request=request,
        make=SeriesForm,
        template="console/series_form.html",
        context=lambda: {"title": _("Schedule recurring maintenance")},
        event=lambda form: first_event(form, near(form)),
        act=lambda form: actions.create_series(actor=doors.actor(request), **form.facts()),
        target=lambda series: reverse("admin:series", args=[series.pk]),
        review_context=lambda form: review(form, near(form)),
    ).answer()


def change(request: HttpRequest, pk: str) -> HttpResponse:
    """Other times or words for what is not announced yet, or for all that has not begun."""
    series = get_object_or_404(MaintenanceSeries, pk=pk)
    return Telling(
        request=request,
        make=lambda data: ChangeForm(data, series=series),
        template="console/series_form.html",
        context=lambda: {"title": _("Change the series"), "series": series},
        event=lambda form: first_event(form, added(series, form)),
        act=lambda form: actions.change_series(series=series, actor=doors.actor(request), **form.facts()),
        target=lambda changed: reverse("admin:series", args=[pk]),
        subject=series,
        review_context=lambda form: {**review(form, added(series, form)), "called_off": gone(series, form)},
    ).answer()


def end(request: HttpRequest, pk: str) -> HttpResponse:
    """Announce no further windows, and call off what is announced where asked."""
    series = get_object_or_404(MaintenanceSeries, pk=pk)
    waiting = list(announced(series))
    return Telling(
        request=request,
        make=lambda data: EndForm(data, series=series),
        template="console/series_end.html",
        context=lambda: {"title": _("End the series"), "series": series, "announced": waiting},
        event=lambda form: cancelled_event(series, form, waiting),
        act=lambda form: actions.end_series(series=series, actor=doors.actor(request), **form.facts()),
        target=lambda ended: reverse("admin:series", args=[pk]),
        subject=series,
        review_context=lambda form: {
            "clocks": clocks(series.time_zone),
            "called_off": waiting if form.cleaned_data["cancels_announced"] else [],
        },
    ).answer()


# --- Reviews ------------------------------------------------------------------------------------------


def near(form: SeriesForm) -> list[Window]:
    """The windows that are announced as soon as this is published."""
    now = timezone.now()
    return form.recurrence.between(now, horizon(now))


def added(series: MaintenanceSeries, form: ChangeForm) -> list[Window]:
    """The windows that a change announces at once; where it replaces none they come behind what is announced."""
    known = set(Maintenance.everything.filter(series=series).values_list("occurs_at", flat=True))
    if not form.cleaned_data["replaces_announced"]:
        since = max([timezone.now(), *(at for at in known if at)])
        return [each for each in near(form) if each.start > since]
    kept = {each.scheduled_for for each in announced(series)} - {each.scheduled_for for each in gone(series, form)}
    return [each for each in near(form) if each.start not in kept]


def gone(series: MaintenanceSeries, form: ChangeForm) -> list[Maintenance]:
    """The announced windows that a change calls off."""
    if not form.cleaned_data["replaces_announced"]:
        return []
    stays = {each.start: each.end for each in near(form)}
    return [each for each in announced(series) if stays.get(each.scheduled_for) != each.scheduled_until]


def review(form: SeriesForm, at_once: Sequence[Window]) -> dict[str, Any]:
    """The next windows with what the notice of each is worth, and how many are announced at once."""
    facts = form.facts()
    touched = Component.objects.select_related("group").filter(pk__in=facts["components"])
    coming = preview(form, at_once)
    counted = sum(each["verdict"].minutes for each in coming if each["window"] in at_once)
    return {
        "clocks": clocks(facts["time_zone"]),
        "length": duration(facts["length"]),
        "components": [each.full_name for each in touched],
        "lines": form.unusual_lines(),
        "coming": coming,
        "announcement": announcement(at_once, is_apart=is_told_apart(facts)),
        "confirm": to_confirm(notice.Verdict(False, "", counted)) if counted else "",
    }


def preview(form: SeriesForm, at_once: Sequence[Window]) -> list[dict[str, Any]]:
    """The next windows, each with its verdict, and whether clocks skip its start that day."""
    telling = plans.Announced.of(first_event(form, at_once), at_once)
    return [
        {"window": each, "verdict": verdict(form, each, telling), "is_shifted": is_shifted(each, form.recurrence)}
        for each in form.recurrence.following(timezone.now(), SHOWN)
    ]


def verdict(form: SeriesForm, window: Window, announced: plans.Announced) -> notice.Verdict:
    """What the notice of one window is worth."""
    facts = form.facts()
    tells = facts["notify"] or ports.installed.audience is None
    told = announced.told_of(window) if tells else NEVER
    planned = windows.planned(window.start, window.end, tuple(facts["components"]), told, None)
    judged = notice.judge(planned, windows.beside(tuple(facts["components"]), window.start, window.end))
    return notice.verdict(judged, tells=tells, contracts=plans.contracts_hit(judged))


def is_shifted(window: Window, recurrence: Recurrence) -> bool:
    """Whether clocks skip its start by the rule, so that they show another time then."""
    return window.start.astimezone(recurrence.zone).replace(tzinfo=None) != window.wall


def announcement(windows: Sequence[Window], *, is_apart: bool) -> str:
    """How many windows are announced at once, and when the others are."""
    days = {"days": settings.SERIES_DAYS_AHEAD}
    if not windows:
        return _("No window is near enough yet: each is announced %(days)s days before it begins.") % days
    if is_apart and len(windows) > 1:
        apart = _(
            "%(count)s windows are announced at once, each in a message of its own since no reminder comes more than "
            "a day ahead; each later one %(days)s days before it begins."
        )
        return apart % {"count": len(windows), **days}
    said = ngettext(
        "%(count)s window is announced at once; each later one %(days)s days before it begins.",
        "%(count)s windows are announced at once, in one message; each later one %(days)s days before it begins.",
        len(windows),
    )
    return said % {"count": len(windows), **days}


def is_told_apart(facts: dict[str, Any]) -> bool:
    """Whether one message cannot tell of all windows: without a reminder a day ahead each needs a word of its own."""
    reminders = facts["reminders"]
    return reminders is not None and max(reminders, default=0) <= DAY_AHEAD


def first_event(form: SeriesForm, at_once: Sequence[Window]) -> events.MaintenanceScheduled:
    """The event of the first window that is announced at once, for the ports to count by; else nobody hears of it."""
    facts = form.facts()
    window = at_once[0] if at_once else form.recurrence.following(datetime.min.replace(tzinfo=UTC), 1)[0]
    return events.MaintenanceScheduled(
        subject_id="",
        update_id="",
        name=facts["name"],
        status=MaintenanceStatus.SCHEDULED,
        body=facts["body"],
        component_ids=tuple(facts["components"]),
        published_at=timezone.now(),
        notify=facts["notify"] and bool(at_once),
        window_revision=1,
        scheduled_for=window.start,
        scheduled_until=window.end,
        time_zone=facts["time_zone"],
        reminders=None if facts["reminders"] is None else tuple(facts["reminders"]),
        further=tuple(further(each.start, each.end) for each in at_once[1:]),
    )


def cancelled_event(
    series: MaintenanceSeries, form: EndForm, waiting: Sequence[Maintenance]
) -> events.MaintenanceCancelled:
    """The event of the windows that are called off, as one message tells of them; else of nothing anybody hears."""
    facts = form.facts()
    is_told = bool(facts["cancels_announced"] and waiting)
    now = timezone.now()
    return events.MaintenanceCancelled(
        subject_id=waiting[0].pk if waiting else "",
        update_id="",
        name=series.name,
        status=MaintenanceStatus.CANCELLED,
        body=facts["body"],
        published_at=now,
        notify=facts["notify"] and is_told,
        window_revision=waiting[0].window_revision if waiting else 1,
        scheduled_for=waiting[0].scheduled_for if waiting else now,
        scheduled_until=waiting[0].scheduled_until if waiting else now + series.length,
        time_zone=series.time_zone,
        further=tuple(further(each.scheduled_for, each.scheduled_until, each.pk) for each in waiting[1:]),
    )


def further(start: datetime, end: datetime, subject_id: str = "") -> events.Further:
    return events.Further(subject_id=subject_id, scheduled_for=start.isoformat(), scheduled_until=end.isoformat())
