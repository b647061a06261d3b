"""Messages with a link that somebody asked for: confirm, manage, "you are subscribed already".

Fixed words and the link, nothing that whoever asked has typed: the form is public, and
must not carry anybody's text to anybody's inbox (fault 72).
"""

from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _

from notifications import tokens
from notifications.models import LinkToken, OutboxEvent
from statuspage.text import clean_line


@dataclass(frozen=True)
class LinkStory:
    """What such a message says. `short` is a text message's sentence before the link."""

    subject: str
    lead: str
    button: str
    url: str
    ends: str
    otherwise: str
    short: str


def link_story(event: OutboxEvent) -> LinkStory:
    """In the language that is active. Raises LinkToken.DoesNotExist where the link is gone."""
    row = LinkToken.objects.get(pk=event.payload["link_token_id"])
    return STORIES[event.kind](clean_line(settings.SITE_NAME), tokens.confirm_url(row))


def confirmation(site: str, url: str) -> LinkStory:
    return LinkStory(
        subject=_("Confirm your subscription to %(site)s") % {"site": site},
        lead=_("Somebody, hopefully you, asked for status updates from %(site)s at this address.") % {"site": site},
        button=_("Confirm the subscription"),
        url=url,
        ends=_("The link works once, for 48 hours."),
        otherwise=_("If it was not you, do nothing: without your confirmation nothing is sent."),
        short=_("confirm your status texts within 48 hours, or ignore this. STOP ends them:"),
    )


def already_subscribed(site: str, url: str) -> LinkStory:
    return LinkStory(
        subject=_("You are subscribed to %(site)s already") % {"site": site},
        lead=_("Somebody, hopefully you, asked again for status updates from %(site)s at this address.")
        % {"site": site},
        button=_("Use the new choices"),
        url=url,
        ends=_("The link works once, for 48 hours, and replaces what you chose before."),
        otherwise=_("If it was not you, do nothing: your subscription stays as it is."),
        short=_("confirm your new choices within 48 hours, or ignore this:"),
    )


def manage_link(site: str, url: str) -> LinkStory:
    return LinkStory(
        subject=_("Change your subscription to %(site)s") % {"site": site},
        lead=_("Here you can change what %(site)s tells you, or end it.") % {"site": site},
        button=_("Change the subscription"),
        url=url,
        ends=_("The link works once, for 15 minutes."),
        otherwise=_("If you did not ask for it, do nothing."),
        short=_("change or end your texts here, within 15 minutes:"),
    )


STORIES = {
    "confirmation": confirmation,
    "already_subscribed": already_subscribed,
    "manage_link": manage_link,
}
