"""What readers are told of alerts: only the words that were written for them, in DEFAULT_LANGUAGE."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from statuspage import own_words
from statuspage.alerting.facts import Act, Alert, Said, Step
from statuspage.models import Component
from statuspage.vocabulary import Cause, IncidentStatus

from .base import NAME_MAX

MOST_LINES = 20
MOST_NAMES = 3

Statuses = Mapping[str, str]


def title_of(firing: Iterable[Alert], touched: Iterable[Component]) -> str:
    """What the incident is called: after what its alerts are about, else after its components."""
    named = [each.name for each in firing if each.name] or [each.full_name for each in touched]
    names = list(dict.fromkeys(named))
    with translation.override(settings.LANGUAGE_CODE):
        if not names:
            return _("A problem that our monitoring reports")
        return (_("Problem with %(names)s") % {"names": ", ".join(names[:MOST_NAMES])})[:NAME_MAX]


def body_of(step: Step, said: Said) -> str:
    """A sentence, and what the alerts say that fire, each once."""
    lines = list(dict.fromkeys(said.lines.values()))
    with translation.override(settings.LANGUAGE_CODE):
        more = len(lines) - MOST_LINES
        told = [f"- {each}" for each in lines[:MOST_LINES]]
        if more > 0:
            told.append("- " + ngettext("and %(count)d more", "and %(count)d more", more) % {"count": more})
    return "\n\n".join(filter(None, [own_words.as_stored(_sentence(step)), "\n".join(told)]))


def _sentence(step: Step) -> Any:
    if step.act == Act.UPDATE:
        if step.is_worse == step.is_better:
            return own_words.ALERTS_CHANGED
        return own_words.ALERTS_WORSE if step.is_worse else own_words.ALERTS_BETTER
    return {
        Act.OPEN: own_words.ALERTS_FIRE,
        Act.RESOLVE: own_words.ALERTS_OVER,
        Act.REOPEN: own_words.ALERTS_BACK,
    }[step.act]


# --- The same as the input of the console's forms -----------------------------------------------


def opening(facts: Mapping[str, Any]) -> dict[str, list[str]]:
    """`open_incident`'s words as somebody would type them into the form."""
    zone = ZoneInfo(settings.PAGE_TIME_ZONE)
    began: datetime = facts["started_at"]
    return {
        **_said(facts["status"], facts["body"], facts["components"]),
        "name": [facts["name"]],
        "impact": [facts["impact"] or ""],
        "cause": [Cause.OWN.value],
        "started_at": [began.astimezone(zone).strftime("%Y-%m-%dT%H:%M")],
    }


def update(facts: Mapping[str, Any], *, is_open: bool) -> dict[str, list[str]]:
    """`publish_update`'s words likewise."""
    typed = _said(facts["status"], facts["body"], facts["components"] or {})
    return {**typed, "was_open": ["yes" if is_open else ""]}


def _said(status: IncidentStatus, body: str, components: Statuses) -> dict[str, list[str]]:
    chosen = {f"component_{pk}": [str(each)] for pk, each in components.items()}
    return {"status": [str(status)], "body": [body], "notify": ["on"], "next_update": ["0"], **chosen}
