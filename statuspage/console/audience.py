"""Who will be told, in words: the sentence of a review and the words on its button."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from statuspage import ports
from statuspage.events import Event
from statuspage.vocabulary import Severity

BY = {"email": gettext_lazy("by e-mail"), "sms": gettext_lazy("by SMS"), "webhook": gettext_lazy("by webhook")}


@dataclass(frozen=True)
class Audience:
    """What the review says, and how many are told."""

    text: str
    button: str
    undo: str = ""
    people: int = 0


def of(event: Event) -> Audience:
    """Who this event would tell, as of now."""
    counts = ports.audience(event)
    if counts is None:
        return Audience(_("No notifications are installed: nobody is told."), _("Publish"))
    if not event.notify:
        return Audience(_("Nobody is told: this only changes the page."), _("Publish, tell nobody"))
    if not sum(counts.values()):
        return Audience(_("Nobody has subscribed to this: it is on the page only."), _("Publish"))
    return counted(event, counts)


def counted(event: Event, counts: Mapping[str, int]) -> Audience:
    total = sum(counts.values())
    text = ngettext(
        "This will tell %(people)s subscriber: %(parts)s.", "This will tell %(people)s subscribers: %(parts)s.", total
    )
    button = ngettext("Publish and tell %(people)s subscriber", "Publish and tell %(people)s subscribers", total)
    words = {"people": grouped(total), "parts": _(", ").join(by_channel(counts))}
    return Audience(text % words, button % words, undo_words(event, counts), total)


def by_channel(counts: Mapping[str, int]) -> list[str]:
    """ "1,234 by e-mail", "56 by SMS"."""
    return [f"{grouped(count)} {BY.get(channel, channel)}" for channel, count in sorted(counts.items()) if count]


def undo_words(event: Event, counts: Mapping[str, int]) -> str:
    """How long the messages can be taken back; nothing where they leave at once."""
    if event.severity == Severity.I or set(counts) == {"sms"} or not settings.UNDO_SECONDS:
        return _("The messages leave at once and cannot be taken back.")
    return ngettext(
        "After that you have %(count)s second to stop the messages.",
        "After that you have %(count)s seconds to stop the messages.",
        settings.UNDO_SECONDS,
    ) % {"count": settings.UNDO_SECONDS}


def grouped(number: int) -> str:
    """ "1,234"."""
    return str(number_format(number, use_l10n=True, force_grouping=True))
