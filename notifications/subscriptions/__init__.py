"""Every write to subscribers, their subscriptions and the links they are sent.

Views, the console and Twilio's callback call it. Double opt-in: a request changes nothing
but the address's own row; what was asked for comes into force when the link that was sent
there is used. Sends nothing itself: it writes an outbox row for exactly one subscription.
"""

from .asking import CONSENT_WORDING, Kind, ask_manage_link, renew, request_subscription
from .by_key import NEXT_LETTER, VOUCHED, AddressSuppressed, LetterTooSoon, add, ask_again, choose
from .by_staff import erase_by_staff, lift_quarantine, name_client, send_manage_link, unsubscribe_by_staff
from .ending import Reason, erase, pseudonymise, start_by_sms, stop_by_sms, subscription_of, unsubscribe
from .following import ask_follower_again, end_with, follow, unfollow
from .imported import take_subscribers
from .letters import send_letter
from .links import (
    LinkUnusable,
    change,
    confirm,
    erase_by_link,
    follow_members,
    unsubscribe_by_link,
    usable_link,
)
from .silence import ask_the_silent
from .webhooks import confirm_and_show, renew_secret, request_webhook, resume_by_link, secret_of, warn_owner

__all__ = [
    "AddressSuppressed",
    "CONSENT_WORDING",
    "Kind",
    "LetterTooSoon",
    "LinkUnusable",
    "NEXT_LETTER",
    "Reason",
    "VOUCHED",
    "add",
    "ask_again",
    "ask_follower_again",
    "ask_manage_link",
    "ask_the_silent",
    "change",
    "choose",
    "confirm",
    "confirm_and_show",
    "end_with",
    "erase",
    "erase_by_link",
    "erase_by_staff",
    "follow",
    "follow_members",
    "lift_quarantine",
    "name_client",
    "pseudonymise",
    "renew",
    "renew_secret",
    "request_subscription",
    "request_webhook",
    "resume_by_link",
    "secret_of",
    "send_letter",
    "send_manage_link",
    "start_by_sms",
    "stop_by_sms",
    "subscription_of",
    "take_subscribers",
    "unfollow",
    "unsubscribe",
    "unsubscribe_by_link",
    "unsubscribe_by_staff",
    "usable_link",
    "warn_owner",
]
