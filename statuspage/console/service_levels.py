"""All contracts at a glance: what is left of their error budgets, how the last year went, who is at risk.

Shown from rows that the sweep keeps (`ContractStanding`), each with the moment it was computed: with hundreds of
contracts nothing is computed while somebody waits, but the clocks of those on the page.
"""

from decimal import Decimal
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, Min, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from statuspage import selectors
from statuspage.models import BudgetState, ContractStanding
from statuspage.roles import Ability
from statuspage.text import clean_line

from . import doors, promised_clocks, trend_plots

PAGE = 30
STATE: dict[str, Promise] = {
    BudgetState.ON_TRACK: _("on track"),
    BudgetState.AT_RISK: _("at risk"),
    BudgetState.BREACHED: _("breached"),
}
ORDERS: dict[str, tuple[str, ...]] = {
    "budget": ("left_per_mille", "contract__name"),
    "client": ("contract__client__name", "contract__name"),
}
"""Which contract comes first: the one with the least of its budget left, or by the client's name."""


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """A page of contracts in force, the one with the least budget first; of a state or a client where asked."""
    doors.actor(request).require(Ability.SERVICE_LEVELS)
    words, state, order = asked(request)
    rows = named(ContractStanding.objects.select_related("contract__client"), words)
    chosen = rows.filter(state=state) if state else rows
    page = Paginator(chosen.order_by(*ORDERS[order]), PAGE).get_page(request.GET.get("page"))
    clocks = promised_clocks.worst_of([each.contract_id for each in page.object_list], timezone.now())
    context = {
        "title": _now("Service levels"),
        "page": page,
        "rows": [shown(each, clocks.get(each.contract_id)) for each in page.object_list],
        "states": states(rows, state),
        "words": words,
        "state": state,
        "order": order,
        "missed": selectors.missed_years().count(),
        "computed": rows.aggregate(oldest=Min("computed_at"))["oldest"],
    }
    return doors.page(request, "console/service_levels.html", context)


def asked(request: HttpRequest) -> tuple[str, str, str]:
    """Words of a client's or a contract's name, a state, an order; what is not known is left out."""
    words = clean_line(request.GET.get("q", ""))[:100]
    state, order = request.GET.get("state", ""), request.GET.get("order", "")
    return words, state if state in BudgetState.values else "", order if order in ORDERS else "budget"


def named(rows: QuerySet[ContractStanding], words: str) -> QuerySet[ContractStanding]:
    if not words:
        return rows
    of_client = Q(contract__client__name__icontains=words) | Q(contract__client__reference__icontains=words)
    return rows.filter(of_client | Q(contract__name__icontains=words))


def states(rows: QuerySet[ContractStanding], chosen: str) -> list[dict[str, Any]]:
    """Each state with how many contracts are in it."""
    counted = dict(rows.order_by().values_list("state").annotate(Count("pk")))
    order = (BudgetState.BREACHED, BudgetState.AT_RISK, BudgetState.ON_TRACK)
    found = [{"value": each.value, "label": STATE[each], "count": counted.get(each, 0)} for each in order]
    everything = {"value": "", "label": _("all"), "count": sum(counted.values())}
    return [{**each, "is_chosen": each["value"] == chosen} for each in (everything, *found)]


def shown(row: ContractStanding, clock: promised_clocks.Worst | None) -> dict[str, Any]:
    """One contract as the page tells it."""
    return {
        "row": row,
        "label": STATE[row.state],
        "allowed": minutes(row.allowed_seconds),
        "used": minutes(row.counted_seconds),
        "left": minutes(abs(row.allowed_seconds - row.counted_seconds)),
        "is_over": row.left_per_mille < 0,
        "bar": max(0, min(1000, row.left_per_mille)),
        "trend": trend_plots.trend(row.months),
        "clock": clock,
    }


def minutes(seconds: Decimal) -> str:
    """Minutes and hundredths, cut off."""
    hundredths = int(seconds * 100 / 60)
    return f"{hundredths // 100}.{hundredths % 100:02}"
