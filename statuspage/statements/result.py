"""The head of a statement, its figures, and how they came about over the period."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .figures import Figures
from .shapes import Clock, Frozen, Row, Section, Table, minutes, spelled


def standing(figures: Figures, frozen: Frozen, clock: Clock) -> str:
    if figures["period"]["as_of"]:
        said = _("Provisional: the period is not over. Counted until %(at)s.")
        return said % {"at": clock(figures["period"]["as_of"])}
    if not frozen.number:
        return _("Provisional: computed from the record, not frozen yet.")
    said = _("Version %(number)d, frozen at %(at)s.") % {"number": frozen.number, "at": clock.of(frozen.frozen_at)}
    if figures["period"]["is_provisional"]:
        said += " " + _("Provisional: something in it is not over.")
    return said


def facts(figures: Figures, clock: Clock) -> list[tuple[str, str]]:
    period, client = figures["period"], figures["client"]
    span = _("from %(start)s until %(end)s") % {"start": clock(period["starts_at"]), "end": clock(period["ends_at"])}
    return [
        (_("Client"), f"{client['name']} ({client['reference']})"),
        (_("Contract"), figures["contract"]["name"]),
        (_("Period"), f"{period['key']}, {span}"),
        (_("Time zone"), period["time_zone"]),
        (_("Versions in force"), ", ".join(str(each["number"]) for each in figures["versions"])),
    ]


def result(figures: Figures) -> Section:
    total, counted = figures["total_seconds"], figures["counted_seconds"]
    rows = [
        [_("Total"), spelled(total)],
        [_("Counted downtime"), spelled(counted)],
        [_("Formula"), f"({total} s - {counted} s) / {total} s x 100"],
        [_("Exact fraction"), figures["fraction"]],
        [_("Availability, cut off after four decimals"), f"{figures['availability']} %"],
        *promised(figures),
    ]
    return Section(_("Result"), list(in_a_sentence(figures)), Table([_("Figure"), _("Value")], rows))


def in_a_sentence(figures: Figures) -> Iterator[str]:
    """What somebody wants to know first; of a period that goes on nothing is final."""
    words = {"share": figures["availability"], "target": figures["target"]}
    if not figures["is_promised"]:
        return
    if figures["period"]["as_of"]:
        yield _("So far %(share)s %%, if nothing more happens. The target is %(target)s %%.") % words
    elif figures["is_met"]:
        yield _("Availability was %(share)s %%: the target of %(target)s %% is met.") % words
    else:
        yield _("Availability was %(share)s %%: the target of %(target)s %% is missed.") % words
        if figures["credit_days"]:
            yield credit(figures["credit_days"]) + "."


def promised(figures: Figures) -> Iterator[Row]:
    """What the target makes of it; a month of a contract that promises years has none of its own."""
    if not figures["is_promised"]:
        yield [_("Target"), _("%(share)s %% of the calendar year; none for a month") % {"share": figures["target"]}]
        return
    yield [_("Target"), f"{figures['target']} %"]
    yield [_("Verdict"), _("met") if figures["is_met"] else _("missed")]
    yield [_("Downtime that the target allows"), spelled(figures["allowed_seconds"])]
    yield [_("Of it used"), spelled(figures["counted_seconds"])]
    yield [_("Of it left"), spelled(figures["left_seconds"])]
    if figures["bands"]:
        yield [_("Bands of credit"), bands(figures)]
        yield [_("Credit"), credit(figures["credit_days"])]


def credit(days: int) -> str:
    return ngettext("%(days)d day of credit", "%(days)d days of credit", days) % {"days": days}


def bands(figures: Figures) -> str:
    """ "< 99.99 % - >= 99 %: 3": each band with its days, the best first."""
    said, above = [], figures["target"]
    for each in figures["bands"]:
        said.append(f"< {above} % - >= {each['at_least']} %: {each['days']}")
        above = each["at_least"]
    return "; ".join(said)


# --- Over the period ----------------------------------------------------------------------------------


def over_time(figures: Figures) -> Iterator[Section]:
    if figures["months"]:
        yield by_month(figures)
    rows = [
        [each["day"], each["counted_seconds"], minutes(each["counted_seconds"]), each["excluded_seconds"]]
        for each in figures["days"]
    ]
    said = [] if rows else [_("Nothing happened in this period.")]
    heads = [_("Day"), _("Counted, s"), _("Counted, minutes"), _("Not counted, s")]
    table = Table(heads, rows, frozenset({1, 2, 3})) if rows else None
    yield Section(_("Downtime over the period"), said, table, plot=True)


def by_month(figures: Figures) -> Section:
    """A month that has not begun has a length and no availability."""
    heads = [_("Month"), _("Total, s"), _("Counted, s"), _("Availability")]
    latest = (figures["period"]["as_of"] or "9999-12")[: len("2026-04")]
    rows = [
        [each["key"], each["total_seconds"], each["counted_seconds"], f"{each['availability']} %"]
        if each["key"] <= latest
        else [each["key"], each["total_seconds"], "-", "-"]
        for each in figures["months"]
    ]
    rows.append([_("Sum"), figures["total_seconds"], figures["counted_seconds"], f"{figures['availability']} %"])
    return Section(_("By month"), table=Table(heads, rows, frozenset({1, 2, 3}), strong=True))
