"""What a state or a refusal means, in words for staff and for a client's evidence; through gettext.

Never says "delivered" of what a relay or a carrier merely took (docs/ledger.md).
"""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .channels.base import Blame
from .states import UNSENT, Channel, State

CHANNEL: dict[str, Promise] = {
    Channel.EMAIL: _("e-mail"),
    Channel.SMS: _("SMS"),
    Channel.WEBHOOK: _("webhook"),
    Channel.NULL: _("nowhere"),
}

STATE: dict[str, Promise] = {
    State.QUEUED: _("waiting to be sent"),
    State.SENDING: _("being sent"),
    State.ACCEPTED: _("handed over"),
    State.DELIVERED: _("delivered, says the carrier's receipt"),
    State.UNDELIVERED: _("not delivered, says a receipt or a bounce"),
    State.UNKNOWN: _("sent, and never answered: it may have arrived"),
    State.FAILED: _("refused, or tried in vain"),
    State.EXPIRED: _("too late to be of use: not sent"),
    State.SUPERSEDED: _("overtaken by a newer word: not sent"),
    State.SUPPRESSED: _("had left, said STOP or was out of reach: not sent"),
}

ACCEPTED: dict[str, Promise] = {
    Channel.EMAIL: _("handed over to the mail relay"),
    Channel.SMS: _("handed over to the carrier"),
    Channel.WEBHOOK: _("taken by the receiving server"),
}

ARRIVED = _("given up here, but delivered by an earlier call, says the carrier's receipt")

REASON: dict[str, Promise] = {
    Blame.ADDRESS: _("Nothing arrives at this address: it does not exist, or takes no messages."),
    Blame.OPTED_OUT: _("The recipient told the provider to stop."),
    Blame.SOFT: _("The recipient could not be reached at the time, or the mailbox was full."),
    Blame.SENDER: _("We were refused, not the recipient: account, reputation or configuration."),
    Blame.PROVIDER: _("The provider was out of order, or too busy, until the tries were spent."),
    Blame.MESSAGE: _("This message alone was refused."),
}
"""Whose fault a refusal was -> what that means."""

TROUBLE: dict[str, Promise] = {
    "refused: our authentication or reputation": _("refused: our authentication or reputation"),
    "refused by policy": _("refused by policy"),
    "our account is not active": _("our account is not active"),
    "our account is not let in": _("our account is not let in"),
    "our account is not there": _("our account is not there"),
    "our account was suspended": _("our account was suspended"),
    "texts to this country are switched off in our account": _("texts to this country are switched off in our account"),
    "our sender number cannot send texts": _("our sender number cannot send texts"),
    "our sender does not reach this country": _("our sender does not reach this country"),
    "our sender is not registered": _("our sender is not registered"),
    "our toll-free number is not verified": _("our toll-free number is not verified"),
    "filtered by the carrier": _("filtered by the carrier"),
    "faster than our registration allows": _("faster than our registration allows"),
    "held to be fraud by Twilio": _("held to be fraud by Twilio"),
}
"""What holds a place back, as a channel writes it down -> the same in the reader's language."""

UNANSWERED = _("The provider never answered: the message may have arrived, even more than once.")
UNMADE = _("The message could not be made or handed over; the code names the error.")
NOT_SENT = _("It was not sent in time, or its tries are spent.")


def meaning(state: str, channel: str, *, is_taken: bool = False) -> Promise | str:
    """A state in words that promise no more than is known. `is_taken`: `accepted_at` is set."""
    if is_taken and state in UNSENT:
        return ARRIVED
    said = ACCEPTED.get(channel) if state == State.ACCEPTED else None
    return said or STATE.get(state, state)


def trouble(reason: str) -> Promise | str:
    """Why a place is held back. What a connection's error says of itself stays as it is."""
    return TROUBLE.get(reason, reason)


def reason(state: str, blame: str, code: str = "") -> Promise:
    """Why a delivery did not come to its end."""
    if state == State.UNKNOWN:
        return UNANSWERED
    return REASON.get(blame) or (UNMADE if code else NOT_SENT)
