"""Messages with a link that somebody asked for: confirm, manage, "you are subscribed already".

Fixed words and the link, nothing that whoever asked has typed: the form is public, and
must not carry anybody's text to anybody's inbox (fault 72).
"""

from dataclasses import dataclass, replace

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from notifications import tokens
from notifications.models import LinkToken, OutboxEvent
from notifications.pseudonyms import masked
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
    row = LinkToken.objects.select_related("subscription").get(pk=event.payload["link_token_id"])
    site, url = clean_line(settings.SITE_NAME), tokens.confirm_url(row)
    if event.kind in ABOUT_AN_ENDPOINT:
        return ABOUT_AN_ENDPOINT[event.kind](site, url, masked(row.subscription.address), event.payload["code"])
    return STORIES[event.kind](site, url)


def confirmation(site: str, url: str) -> LinkStory:
    return LinkStory(
        subject=_("Confirm your subscription to %(site)s") % {"site": site},
        lead=_("Somebody, hopefully you, asked for status updates from %(site)s at this address.") % {"site": site},
        button=_("Confirm the subscription"),
        url=url,
        ends=_("The link works once, for 48 hours."),
        otherwise=_("If it was not you, do nothing: without your confirmation nothing is sent."),
        # Translators: a text message, after the site's name and before a link: keep it short.
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
        # Translators: a text message, after the site's name and before a link: keep it short.
        short=_("confirm your new choices within 48 hours, or ignore this:"),
    )


def still_yours(site: str, url: str) -> LinkStory:
    """To a number that heard nothing for long: nobody else is asked so."""
    # Translators: a text message, after the site's name and before a link: keep it short.
    short = _("your status texts have ended after a long silence. Go on with them (48 hours):")
    return replace(confirmation(site, url), short=short)


def farewell(site: str, url: str) -> LinkStory:
    """To somebody whose subscription the operator ended."""
    return LinkStory(
        subject=_("Your subscription to %(site)s has ended") % {"site": site},
        lead=_("The operator has ended your subscription to %(site)s: nothing more is sent to this address.")
        % {"site": site},
        button=_("Subscribe again"),
        url=url,
        ends=_("The link works once, for 48 hours."),
        otherwise=_("If that is as it should be, do nothing."),
        # Translators: a text message, after the site's name and before a link: keep it short.
        short=_("your status texts have ended. Go on with them (48 hours):"),
    )


def manage_link(site: str, url: str) -> LinkStory:
    return LinkStory(
        subject=_("Change your subscription to %(site)s") % {"site": site},
        lead=_("Here you can change what %(site)s tells you, or end it.") % {"site": site},
        button=_("Change the subscription"),
        url=url,
        ends=_("The link works once, for 15 minutes."),
        otherwise=_("If you did not ask for it, do nothing."),
        # Translators: a text message, after the site's name and before a link: keep it short.
        short=_("change or end your texts here, within 15 minutes:"),
    )


# --- To a webhook's owner -------------------------------------------------------------------------


def webhook_confirmation(site: str, url: str) -> LinkStory:
    """Names no endpoint: somebody else may have typed it."""
    return LinkStory(
        subject=_("Confirm a webhook for updates from %(site)s") % {"site": site},
        lead=_(
            "Somebody, hopefully you, asked that %(site)s posts updates to a web address, and named you as its owner."
        )
        % {"site": site},
        button=_("See the address, and confirm"),
        url=url,
        ends=_("The link works once, for 48 hours."),
        otherwise=_("If it was not you, do nothing: without your confirmation nothing is posted."),
        short="",
    )


def webhook_manage_link(site: str, url: str) -> LinkStory:
    return LinkStory(
        subject=_("Change your webhook for updates from %(site)s") % {"site": site},
        lead=_("Here you can change what %(site)s posts to your webhook, make another secret, or end it.")
        % {"site": site},
        button=_("Change the webhook"),
        url=url,
        ends=_("The link works once, for 15 minutes."),
        otherwise=_("If you did not ask for it, do nothing."),
        short="",
    )


def webhook_quarantined(site: str, url: str, endpoint: str, code: str) -> LinkStory:
    """Its owner confirmed the endpoint, so it may be named."""
    return LinkStory(
        subject=_("Your webhook gets no more updates from %(site)s") % {"site": site},
        lead=_(
            "Ten calls to %(endpoint)s failed within an hour, the last with: %(code)s. Nothing more is posted there."
        )
        % {"endpoint": endpoint, "code": clean_line(code)},
        button=_("Post there again"),
        url=url,
        ends=_("The link works once, for 48 hours; after that it sends you a new one."),
        otherwise=ngettext(
            "What was published meanwhile is not posted later. Do nothing, and it ends after %(days)s day.",
            "What was published meanwhile is not posted later. Do nothing, and it ends after %(days)s days.",
            settings.RETAIN_ADDRESS_DAYS,
        )
        % {"days": settings.RETAIN_ADDRESS_DAYS},
        short="",
    )


def webhook_ended(site: str, url: str, endpoint: str, code: str) -> LinkStory:
    return LinkStory(
        subject=_("Your webhook for updates from %(site)s has ended") % {"site": site},
        lead=_("%(endpoint)s answered that it is gone for good (410), so nothing more is posted there.")
        % {"endpoint": endpoint},
        button=_("Post there again"),
        url=url,
        ends=_("The link works once, for 48 hours."),
        otherwise=_("If it is meant to be gone, do nothing."),
        short="",
    )


def webhook_farewell(site: str, url: str) -> LinkStory:
    return LinkStory(
        subject=_("Your webhook for updates from %(site)s has ended") % {"site": site},
        lead=_("The operator of %(site)s has ended it: nothing more is posted there.") % {"site": site},
        button=_("Post there again"),
        url=url,
        ends=_("The link works once, for 48 hours."),
        otherwise=_("If that is as it should be, do nothing."),
        short="",
    )


STORIES = {
    "confirmation": confirmation,
    "already_subscribed": already_subscribed,
    "still_yours": still_yours,
    "manage_link": manage_link,
    "farewell": farewell,
    "webhook_farewell": webhook_farewell,
    "webhook_confirmation": webhook_confirmation,
    "webhook_manage_link": webhook_manage_link,
}
ABOUT_AN_ENDPOINT = {
    "webhook_quarantined": webhook_quarantined,
    "webhook_ended": webhook_ended,
}
