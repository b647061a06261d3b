"""The overall status as a sentence: what is down, what works, what is being worked on.

Pure. The answer to the first glance, *is it me or them*; the tone is its colour and icon.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from statuspage.status import RANK, worst
from statuspage.vocabulary import ComponentStatus, Impact, IncidentStatus

from .languages import ISOLATE, POP, lang_of_site
from .snapshot import Entry, Incident, Snapshot

NAMES = 3
"""More names than this make a headline nobody reads: "A, B and 4 others"."""
KINDS = 2
"""More kinds of trouble than this are summed up."""
NAME_LENGTH = 60
Work = TypeVar("Work", bound=Entry)
TONE = {
    Impact.NONE: ComponentStatus.OPERATIONAL,
    Impact.MINOR: ComponentStatus.DEGRADED_PERFORMANCE,
    Impact.MAJOR: ComponentStatus.PARTIAL_OUTAGE,
    Impact.CRITICAL: ComponentStatus.MAJOR_OUTAGE,
    Impact.MAINTENANCE: ComponentStatus.UNDER_MAINTENANCE,
}
"""The colour and icon of an impact: those of the component status it stands for."""


def headline(snapshot: Snapshot) -> str:
    """ "Actions is partly down. Everything else works." """
    sentences = [*about_components(snapshot), *about_work(snapshot)]
    return " ".join(sentences) or _("No problems are known.")


def tone(snapshot: Snapshot) -> ComponentStatus:
    """The worst component's status; what no component shows is at most amber beside them."""
    shown = worst(each.status for each in snapshot.components)
    unseen = worst(TONE[Impact(each.impact)] for each in without_effect(snapshot, snapshot.open_incidents))
    if snapshot.components:
        unseen = min(unseen, ComponentStatus.DEGRADED_PERFORMANCE, key=RANK.__getitem__)
    return worst([shown, unseen])


def as_html(sentence: str) -> SafeString:
    """The sentence with `<bdi>` around its names, which are in the site's own language."""
    html = escape(sentence).replace(ISOLATE, f"<bdi{lang_of_site()}>").replace(POP, "</bdi>")
    return mark_safe(html)  # nosec B308 B703 - escaped one line above


def as_text(sentence: str) -> str:
    """The sentence for a title, where no markup can be."""
    return sentence.replace(ISOLATE, "").replace(POP, "")


def about_components(snapshot: Snapshot) -> Iterator[str]:
    """What is not operational, the worst kind first, and that the rest works."""
    components, names = snapshot.components, names_of(snapshot)
    troubled = [each for each in components if each.status != ComponentStatus.OPERATIONAL]
    if not troubled:
        if components:
            yield _("All systems work.")
        return
    kinds = sorted({each.status for each in troubled}, key=RANK.__getitem__, reverse=True)
    if len(kinds) == 1 and len(troubled) == len(components) > NAMES:
        yield everything(kinds[0])
        return
    for kind in kinds[:KINDS]:
        yield about(kind, [names[each.id] for each in troubled if each.status == kind])
    if rest := sum(each.status in kinds[KINDS:] for each in troubled):
        yield ngettext("%(count)s more component is affected.", "%(count)s more components are affected.", rest) % {
            "count": rest
        }
    if len(troubled) < len(components):
        yield _("Everything else works.")


def names_of(snapshot: Snapshot) -> dict[str, str]:
    """What to call each component: "Europe", but "Payments - Europe" where others are called so too."""
    count = Counter(each.name.casefold() for each in snapshot.components)
    return {
        each.id: snapshot.full_name(each) if count[each.name.casefold()] > 1 else each.name
        for each in snapshot.components
    }


def about(status: ComponentStatus, names: Sequence[str]) -> str:
    """One sentence for all components with the same trouble."""
    count = len(names)
    sentences = {
        ComponentStatus.MAJOR_OUTAGE: ngettext("%(names)s is down.", "%(names)s are down.", count),
        ComponentStatus.PARTIAL_OUTAGE: ngettext("%(names)s is partly down.", "%(names)s are partly down.", count),
        ComponentStatus.DEGRADED_PERFORMANCE: ngettext(
            "%(names)s has degraded performance.", "%(names)s have degraded performance.", count
        ),
        ComponentStatus.UNDER_MAINTENANCE: ngettext(
            "%(names)s is under maintenance.", "%(names)s are under maintenance.", count
        ),
    }
    return sentences[status] % {"names": listed(names)}


def everything(status: ComponentStatus) -> str:
    """One sentence for a page whose components all have the same trouble."""
    return {
        ComponentStatus.MAJOR_OUTAGE: _("All systems are down."),
        ComponentStatus.PARTIAL_OUTAGE: _("All systems are partly down."),
        ComponentStatus.DEGRADED_PERFORMANCE: _("All systems have degraded performance."),
        ComponentStatus.UNDER_MAINTENANCE: _("All systems are under maintenance."),
    }[status]


def about_work(snapshot: Snapshot) -> Iterator[str]:
    """Open incidents and running maintenances that no component shows: never hidden."""
    incidents = list(without_effect(snapshot, snapshot.open_incidents))
    if len(incidents) == 1:
        yield about_incident(incidents[0])
    elif incidents:
        yield ngettext("%(count)s incident is open.", "%(count)s incidents are open.", len(incidents)) % {
            "count": len(incidents)
        }
    if running := len(list(without_effect(snapshot, snapshot.active_maintenances))):
        yield ngettext("%(count)s maintenance is in progress.", "%(count)s maintenances are in progress.", running) % {
            "count": running
        }


def about_incident(incident: Incident) -> str:
    """How far the one open incident has come."""
    return {
        IncidentStatus.INVESTIGATING: _("One incident is being investigated."),
        IncidentStatus.IDENTIFIED: _("One incident is being fixed."),
        IncidentStatus.MONITORING: _("One incident is being watched."),
    }[IncidentStatus(incident.status)]


def without_effect(snapshot: Snapshot, entries: Iterable[Work]) -> Iterator[Work]:
    """The entries none of whose components is other than operational now."""
    troubled = {each.id for each in snapshot.components if each.status != ComponentStatus.OPERATIONAL}
    return (each for each in entries if troubled.isdisjoint(each.component_ids))


def listed(names: Sequence[str]) -> str:
    """ "A", "A and B", "A, B and C", "A, B and 3 others"."""
    shown = [isolated(name) for name in names]
    if len(shown) > NAMES:
        others = len(shown) - NAMES + 1
        text = ngettext("%(names)s and %(count)s other", "%(names)s and %(count)s others", others)
        return text % {"names": enumerated(shown[:-others]), "count": others}
    if len(shown) == 1:
        return shown[0]
    return _("%(names)s and %(name)s") % {"names": enumerated(shown[:-1]), "name": shown[-1]}


def enumerated(items: Iterable[str]) -> str:
    return _(", ").join(items)


def isolated(name: str) -> str:
    """A name cut to what a headline can hold, in brackets that keep its direction inside."""
    name = name.replace(ISOLATE, "").replace(POP, "")
    if len(name) > NAME_LENGTH:
        name = name[: NAME_LENGTH - 1].rstrip() + "…"
    return f"{ISOLATE}{name}{POP}"
