"""The windows of a statement in words: what was announced when, who had it, and what that is worth."""

from collections.abc import Iterator

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from statuspage.console.judged_words import VERDICT
from statuspage.labels import CHANNEL
from statuspage.sla.judgement import Basis

from .figures import Figures
from .shapes import Clock, Row, Section, Table, spelled


def windows(figures: Figures, clock: Clock) -> Iterator[Section]:
    """One section a maintenance; prominently where publication alone was its notice."""
    for each in figures["windows"]:
        heading = _("Maintenance: %(name)s") % {"name": each["name"]}
        yield Section(heading, list(said(each, clock)), revisions(each, clock))
        if told := [row for revision in each["revisions"] for row in contacts(revision, clock)]:
            heads = [_("Revision"), _("Contact"), _("Channel"), _("Standing"), _("Accepted at")]
            yield Section(_("Who was told: %(name)s") % {"name": each["name"]}, table=Table(heads, told))


def said(window: Figures, clock: Clock) -> Iterator[str]:
    yield _("Record %(id)s on %(components)s; work from %(start)s until %(end)s.") % {
        "id": window["id"],
        "components": ", ".join(window["components"]),
        "start": clock(window["began_at"]) or "-",
        "end": clock(window["ended_at"]) or "-",
    }
    yield _("Verdict: %(verdict)s.") % {"verdict": VERDICT[window["verdict"]]}
    if window["lead_seconds"] is not None:
        yield _("From the complete notice to the start: %(lead)s.") % {"lead": spelled(window["lead_seconds"])}
    if any(each["basis"] == Basis.UNSUBSCRIBED for each in window["revisions"]):
        yield _("Nobody of this contract was subscribed: its notice is the publication on the page and feed alone.")
    if window["emergency"]:
        yield emergency(window["emergency"], clock)


def emergency(held: Figures, clock: Clock) -> str:
    words = {
        "reason": held["reason"],
        "asked": held["requested_by"] or "-",
        "approved": held["approved_by"] or "-",
        "at": clock(held["approved_at"]) or "-",
    }
    return _("Emergency: %(reason)s Asked for by %(asked)s, approved by %(approved)s at %(at)s.") % words


def revisions(window: Figures, clock: Clock) -> Table:
    heads = [_("Revision"), _("From"), _("Until"), _("Published at"), _("Notice complete at"), _("Judged by")]
    rows = [
        [
            str(each["number"]),
            clock(each["starts_at"]),
            clock(each["ends_at"]),
            clock(each["published_at"]),
            clock(each["noticed_at"]) or _("never"),
            str(BASIS[each["basis"]]),
        ]
        for each in window["revisions"]
    ]
    return Table(heads, rows)


BASIS: dict[str, Promise] = {
    "ledger": gettext_lazy("acceptance by everybody who could be reached"),
    "publication": gettext_lazy("publication alone"),
    "contacts": gettext_lazy("acceptance by the contract's own contacts"),
    "unsubscribed": gettext_lazy("publication alone"),
}
"""What says when a revision was noticed."""


def contacts(revision: Figures, clock: Clock) -> Iterator[Row]:
    for each in revision["contacts"]:
        who = " ".join(part for part in (each["name"], each["address"] or each["recipient"]) if part)
        state = " ".join(part for part in (str(STANDING[each["standing"]]), each["code"]) if part)
        yield [str(revision["number"]), who, str(CHANNEL.get(each["channel"], "")), state, clock(each["told_at"])]


STANDING: dict[str, Promise] = {
    "told": gettext_lazy("accepted"),
    "waiting": gettext_lazy("still waiting"),
    "missed": gettext_lazy("came too late"),
    "unreached": gettext_lazy("could not be reached"),
    "not_subscribed": gettext_lazy("not subscribed"),
}
"""How a contact stands to the notice of one revision."""
