"""How notice was kept: by year and month, each maintenance with its verdict, and the statement as a file."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from statuspage import compliance, notice_statement
from statuspage.compliance import Judged, Month
from statuspage.models import Maintenance
from statuspage.publishing.times import Clock
from statuspage.sla import periods

from . import doors, judged_words, notice_plots, taking

YEARS = range(1970, 9_999)
FORMATS = ("csv", "json")


@require_safe
def year(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """A year's months with their figures; or the file of all time."""
    if request.GET.get("format") in FORMATS:
        return file(request, "")
    chosen = year_asked(request.GET.get("year", ""))
    zone = ZoneInfo(settings.PAGE_TIME_ZONE)
    found = compliance.months(compliance.judge(compliance.touching(periods.year(chosen, zone))))
    months = [each for each in found if each.key.startswith(f"{chosen}-")]
    context = {
        "title": _("Notice"),
        "year": chosen,
        "months": [shown_month(each) for each in months],
        "plot": plot(chosen, months),
        "earlier": year_beside(chosen, zone, back=True),
        "later": year_beside(chosen, zone),
        "zone": settings.PAGE_TIME_ZONE,
        "may_take": taking.may_take(request),
    }
    return doors.page(request, "console/notice_kept.html", context)


def year_asked(typed: str) -> int:
    """The year somebody asked for; else that of the newest maintenance, else this one."""
    if typed.isascii() and typed.isdigit() and int(typed) in YEARS:
        return int(typed)
    newest = Maintenance.objects.order_by("-scheduled_for").values_list("scheduled_for", flat=True).first()
    return (newest or timezone.now()).astimezone(ZoneInfo(settings.PAGE_TIME_ZONE)).year


def year_beside(chosen: int, zone: ZoneInfo, *, back: bool = False) -> int | None:
    """The nearest year before, or after, in which a maintenance starts."""
    period, rows = periods.year(chosen, zone), Maintenance.objects.order_by("-scheduled_for")
    rows = rows.filter(scheduled_for__lt=period.start) if back else rows.filter(scheduled_for__gte=period.end).reverse()
    nearest = rows.values_list("scheduled_for", flat=True).first()
    return nearest.astimezone(zone).year if nearest else None


def shown_month(month: Month) -> dict[str, Any]:
    return {"month": month, "first": first_day(month.key), "minutes": judged_words.minutes(month.counted)}


def first_day(key: str) -> datetime:
    return datetime.fromisoformat(f"{key}-01").replace(tzinfo=UTC)


def plot(chosen: int, months: Sequence[Month]) -> notice_plots.Bars | None:
    """The twelve months' maintenances that needed notice; None where none did."""
    by_key = {each.key: each for each in months}
    if not any(each.kept or each.wanting for each in months):
        return None
    year_round = [(key, by_key.get(key)) for key in periods.months_of(chosen)]
    return notice_plots.bars(
        [(key[5:], each.kept, each.wanting) if each else (key[5:], 0, 0) for key, each in year_round]
    )


@require_safe
def month(request: HttpRequest, key: str) -> HttpResponse | StreamingHttpResponse:
    """One month's maintenances, each with what became of its notice; or the file of it."""
    try:
        figures, found = compliance.of_month(key)
    except ValueError:
        raise Http404 from None
    if request.GET.get("format") in FORMATS:
        return file(request, key)
    context = {
        "title": _("Notice"),
        "key": key,
        "first": first_day(key),
        "figures": figures,
        "minutes": judged_words.minutes(figures.counted),
        "rows": [shown(each) for each in found],
        "zone": settings.PAGE_TIME_ZONE,
        "page_clock": Clock(ZoneInfo(settings.PAGE_TIME_ZONE)),
        "may_take": taking.may_take(request),
    }
    return doors.page(request, "console/notice_month.html", context)


def shown(each: Judged) -> dict[str, Any]:
    judgement = each.judgement
    return {
        "maintenance": each.maintenance,
        "judgement": judgement,
        "verdict": judged_words.VERDICT[judgement.verdict],
        "lead": judged_words.lead(judgement),
        "counted": judged_words.counted(judgement),
        "minutes": judged_words.minutes(judgement.counted),
    }


def file(request: HttpRequest, key: str) -> StreamingHttpResponse:
    """The statement of a month, "" of all time."""
    taking.require(request)
    kind = request.GET["format"]
    write, content_type = notice_statement.FORMATS[kind]
    return taking.file(f"notice-{key or 'all'}.{kind}", write(notice_statement.statement(key)), content_type)
