"""A judgement in words: how a maintenance stands to its notice, and what of its work counts. Pure."""

from datetime import timedelta
from fractions import Fraction

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from statuspage.publishing.times import duration, hours
from statuspage.sla.intervals import Span, seconds
from statuspage.sla.judgement import Basis, Judgement, Verdict

VERDICT: dict[str, Promise] = {
    Verdict.CANCELLED: gettext_lazy("cancelled: excludes nothing"),
    Verdict.EMERGENCY: gettext_lazy("emergency, approved before the start"),
    Verdict.NOTICED: gettext_lazy("24 hours' notice"),
    Verdict.NOT_NEEDED: gettext_lazy("needed no notice: at most 30 minutes"),
    Verdict.PENDING: gettext_lazy("the notice is still to come"),
    Verdict.PARTLY: gettext_lazy("only a part had 24 hours' notice or an approval"),
    Verdict.LATE: gettext_lazy("less than 24 hours' notice"),
    Verdict.NONE: gettext_lazy("the notice did not reach everybody"),
}


def span_of(count: Fraction) -> str:
    """Seconds as a duration in words, rounded down."""
    return duration(timedelta(seconds=int(count)))


def lead(judgement: Judgement) -> str:
    """How long before the start its notice was complete, and by what that was judged."""
    if judgement.is_pending:
        return _("The notice of these times is not complete yet: it is on its way, or comes before the start.")
    if judgement.lead is None:
        return _("The notice of these times was never complete: not everybody who could be reached had it.")
    words = {"ahead": hours(judgement.lead), "late": hours(-judgement.lead)}
    if judgement.basis == Basis.PUBLICATION:
        if judgement.lead < timedelta():
            return _("It was published %(late)s after the start; nobody was told of it from here.") % words
        return _("It was published %(ahead)s before the start; nobody was told of it from here.") % words
    if judgement.lead < timedelta():
        return _("Everyone who could be reached had the notice only %(late)s after the start.") % words
    return _("Everyone who could be reached had the notice %(ahead)s before the start.") % words


def lacking(judgement: Judgement) -> str:
    """By how much it fell short; "" where it did not."""
    if not judgement.lacking:
        return ""
    return _("24 hours are needed: it was %(lacking)s short.") % {"lacking": hours(judgement.lacking)}


def counted(judgement: Judgement) -> str:
    """What of the work counts as downtime."""
    if not judgement.work:
        return _("There was no work: nothing counts.")
    words = {"counted": span_of(seconds(judgement.counted)), "work": span_of(seconds(judgement.work))}
    if judgement.is_provisional:
        if judgement.counted:
            return _("As it is announced, %(counted)s of the work will count as downtime.") % words
        return _("As it is announced, none of the work will count as downtime.")
    if judgement.counted:
        return _("Of %(work)s of work %(counted)s count as downtime.") % words
    return _("None of the work counts as downtime: all %(work)s of it are excluded.") % words


def minutes(span: Span) -> str:
    """Minutes and hundredths, cut off: a table's figure."""
    hundredths = int(seconds(span) * 100 / 60)
    return f"{hundredths // 100}.{hundredths % 100:02}"
