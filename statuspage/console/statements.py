"""A contract's statements: of all periods, one with its versions and what changed, files, and the client's link."""

from fractions import Fraction
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from statuspage import selectors
from statuspage.actions import statements as actions
from statuspage.models import Contract, FrozenStatement, StatementLink
from statuspage.roles import Ability
from statuspage.sla.exact import percentage
from statuspage.statements import links, render
from statuspage.statements.differences import Difference, differences
from statuspage.statements.differing import Differing, differing
from statuspage.statements.open_periods import open_keys
from statuspage.statements.printed import Unknown, printed, versions
from statuspage.statements.result import spelled

from . import doors
from .fields import Text
from .telling import add_errors

FILES = ("pdf", "csv", "json", "html")
MOST = 120
"""Periods shown: ten years of months."""


class VersionForm(forms.Form):
    """Why there is to be another version; empty: the correction's own reason."""

    number = forms.IntegerField(widget=forms.HiddenInput)
    reason = Text(
        label=_("Why (empty: the reason given with the correction)"),
        required=False,
        max_length=actions.REASON_MAX,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    as_it_stands = forms.BooleanField(
        label=_("Also take what is no correction: when contacts were told, and whose components are a third party's"),
        required=False,
    )


def contract_of(request: HttpRequest, pk: str) -> Contract:
    doors.actor(request).require(Ability.SERVICE_LEVELS)
    return get_object_or_404(Contract.objects.select_related("client"), pk=pk)


@require_safe
def listed(request: HttpRequest, pk: str) -> HttpResponse:
    """Every period with its newest version, what is open before them; and the client's links."""
    contract = contract_of(request, pk)
    context = {
        "title": _now("Statements of %(name)s") % {"name": contract.name},
        "contract": contract,
        "open": open_keys(contract, selectors.database_now()),
        "rows": [summary(each) for each in newest(contract)],
        "has_links": StatementLink.objects.filter(contract=contract, is_open=True).exists(),
    }
    return doors.page(request, "console/statements.html", context)


def newest(contract: Contract) -> list[FrozenStatement]:
    """Of each period the last version, the latest period first, without its details."""
    rows = contract.statements.defer("inputs", "figures").order_by("-starts_at", "-ends_at", "number")
    found = {each.period: each for each in rows}
    return list(found.values())[:MOST]


def summary(row: FrozenStatement) -> dict[str, Any]:
    total, counted = Fraction(row.total_seconds), Fraction(row.counted_seconds)
    return {
        "row": row,
        "availability": percentage((total - counted) / total, 4),
        "counted": spelled(f"{row.counted_seconds.normalize():f}"),
    }


@require_POST
def link(request: HttpRequest, pk: str) -> HttpResponse:
    """Let the client read by links, or withdraw all that were made."""
    contract, actor = contract_of(request, pk), doors.actor(request)
    if request.POST.get("step") == "revoke":
        actions.revoke_links(contract=contract, actor=actor)
        messages.success(request, _now("No link that was made so far works any more."))
    else:
        actions.open_links(contract=contract, actor=actor)
        messages.success(request, _now("Each statement has its link now."))
    return redirect(reverse("admin:statements", args=[pk]))


def room(request: HttpRequest, pk: str, key: str) -> HttpResponse:
    """One period: the statement as the client reads it, its versions, a form for another one."""
    contract = contract_of(request, pk)
    if request.method == "POST":
        return make(request, contract, key)
    if request.GET.get("format") in FILES:
        return file(request, contract, key)
    return show(request, contract, key)


def found_of(request: HttpRequest, contract: Contract, key: str) -> render.Printed:
    """The version asked for. Raises Http404 where there is none."""
    typed = request.GET.get("number", "")
    number = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 6 else None
    try:
        return printed(contract, key, selectors.database_now(), number=number)
    except Unknown as unknown:
        raise Http404(str(unknown)) from None


def file(request: HttpRequest, contract: Contract, key: str) -> HttpResponse:
    found, kind = found_of(request, contract, key), request.GET["format"]
    write, content_type = render.FORMATS[kind]
    answer = HttpResponse(write(found), content_type=content_type)
    name = links.file_name(found.figures, kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def show(
    request: HttpRequest, contract: Contract, key: str, form: VersionForm | None = None, status: int = 200, **extra: Any
) -> HttpResponse:
    found, held = found_of(request, contract, key), versions(contract, key)
    link = StatementLink.objects.filter(contract=contract, is_open=True).first()
    number = found.frozen.number
    is_newest = bool(held) and number == held[-1].number
    now_says = differing(contract, held[-1], selectors.database_now()) if is_newest else None
    context = {
        "title": _now("Statement of %(name)s, %(period)s") % {"name": contract.name, "period": key},
        "contract": contract,
        "key": key,
        "form": form or VersionForm(initial={"number": number}),
        "number": number,
        "is_newest": is_newest,
        "differing": stands(now_says, held[-1]) if now_says else None,
        "changes": changes(held),
        "files": FILES,
        "address": links.address(link, key, number if held and number < held[-1].number else None) if link else "",
        **render.context(found),
        **extra,
    }
    return doors.page(request, "console/statement.html", context, status=status)


def changes(held: list[FrozenStatement]) -> list[dict[str, Any]]:
    """Of each version but the first, the latest first: what is not the same as in the one before."""
    pairs = zip(held, held[1:], strict=False)
    found = [{"version": after, "facts": facts(before, after)} for before, after in pairs]
    return found[::-1]


def facts(before: FrozenStatement, after: FrozenStatement) -> list[dict[str, Any]]:
    return [
        {"what": f"{each.kind} {each.id}", "before": text(each.before), "after": text(each.after)}
        for each in differences(before.inputs, after.inputs)
    ]


def stands(found: Differing, held: FrozenStatement) -> dict[str, Any]:
    """What the record says otherwise by now, a line a fact; `counted` where that moves the figure."""
    now, was = found.counted_seconds, held.figures["counted_seconds"]
    words = _now("As the record stands, %(now)s would count instead of %(frozen)s.")
    return {
        "lines": [in_a_line(each) for each in found.facts],
        "counted": words % {"now": spelled(now), "frozen": spelled(was)} if now != was else "",
        "has_more": not found.corrections_alone,
    }


def in_a_line(each: Difference) -> str:
    """ "outage 7: interval: 01:00, 03:00 → 01:00, 02:00"; a dash for what is not there."""
    if each.before is None or each.after is None:
        return f"{each.kind} {each.id}: {text(each.before) or '–'} → {text(each.after) or '–'}"
    changed = (f"{name}: {text(before) or '–'} → {text(after) or '–'}" for name, before, after in each.fields)
    return f"{each.kind} {each.id}: {'; '.join(changed)}"


def text(data: Any) -> str:
    """A fact in plain form as one line; "" where it is not there."""
    if data is None:
        return ""
    if isinstance(data, dict):
        return "; ".join(f"{name}: {text(value)}" for name, value in sorted(data.items()))
    if isinstance(data, list):
        return ", ".join(text(each) for each in data)
    return str(data)


def make(request: HttpRequest, contract: Contract, key: str) -> HttpResponse:
    """Another version, where the record says something else by now."""
    form = VersionForm(request.POST)
    if not form.is_valid():
        return show(request, contract, key, form, 422)
    try:
        made = actions.make_version(contract=contract, key=key, actor=doors.actor(request), **form.cleaned_data)
    except ValidationError as refused:
        add_errors(form, refused)
        return show(request, contract, key, form, 422)
    except doors.CONFLICTS as conflict:
        return show(request, contract, key, form, 409, conflict=str(conflict))
    messages.success(request, _now("Version %(number)d is made.") % {"number": made.number})
    return redirect(reverse("admin:statement", args=[contract.pk, key]))
