"""What every channel speaks: messages, the four answers, and whose fault a refusal is.

Standard library only. The channel knows its provider and classifies; `notifications.retry`
knows the schedule and decides.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol, runtime_checkable


class Blame(StrEnum):
    """Whose fault it is that a message was not taken."""

    ADDRESS = "address"  # nothing will ever arrive there: it is used no more
    OPTED_OUT = "optout"  # the recipient told the provider to stop
    SOFT = "soft"  # not there at the moment, or full: counted, and given up after a while
    SENDER = "sender"  # ours: account, reputation, configuration. Never held against a recipient
    PROVIDER = "provider"  # out of order, or too busy
    MESSAGE = "message"  # this message alone


class Scope(StrEnum):
    """How far trouble reaches beyond the one message."""

    MESSAGE = "message"
    SUSPECTED = "suspected"  # the place, once a second recipient there is refused like this one
    PLACE = "place"  # the recipient's mail domain, or the number's country
    CHANNEL = "channel"  # whoever we write to


@dataclass(frozen=True)
class Accepted:
    """The provider took the message; `reference` is its name for it."""

    reference: str


@dataclass(frozen=True)
class Refused:
    """The provider will not take this message. `permanent`: nor any other to that address."""

    reason: str
    permanent: bool = False
    code: str = ""
    blame: Blame = Blame.MESSAGE
    scope: Scope = Scope.MESSAGE


@dataclass(frozen=True)
class Unavailable:
    """The message was certainly, or by the provider's own word, not taken. Later, perhaps.

    `counts`: a try of this message was spent. `may_have_arrived`: the provider says it
    failed, but is to be asked before the next try.
    """

    reason: str
    retry_after: timedelta | None = None
    code: str = ""
    blame: Blame = Blame.PROVIDER
    scope: Scope = Scope.MESSAGE
    counts: bool = True
    may_have_arrived: bool = False


@dataclass(frozen=True)
class Ambiguous:
    """No answer, or none that can be read: the message may have been taken."""

    reason: str
    code: str = ""


@dataclass(frozen=True)
class Report:
    """What the provider says, when asked, has become of a message it took: its own words."""

    reference: str
    status: str
    code: str


Outcome = Accepted | Refused | Unavailable | Ambiguous


@dataclass(frozen=True)
class Message:
    """One message to one recipient. `delivery_id` names it in every copy and callback."""

    delivery_id: str
    to: str


@dataclass(frozen=True)
class Mail(Message):
    """A mail as it goes over the wire: RFC 5322 in CRLF lines, complete.

    `sender` is where the relay returns it; empty: to the channel's own address.
    """

    content: bytes
    sender: str = ""


@dataclass(frozen=True)
class Text(Message):
    """A text message. `valid_until` is when it informs nobody any more."""

    text: str
    callback_url: str
    valid_until: datetime


@dataclass(frozen=True)
class Post(Message):
    """A webhook's call: `body` is JSON; `secret` signs it, as its owner was shown it; "" where nobody has one."""

    body: bytes
    secret: str = field(repr=False)


class Channel(Protocol):
    """One way to one provider. Not safe for threads: each sender has its own."""

    provider: str

    def send(self, message: Message) -> Outcome:
        """Hand the message over within the channel's deadline. Never raises for the provider's doing."""
        ...

    def find(self, message: Message, since: datetime) -> list[str] | Unavailable:
        """References of such messages that the provider took at `since` or later.

        Unavailable where it cannot be asked, now or ever.
        """
        ...

    def close(self) -> None:
        """Hang up."""
        ...


@runtime_checkable
class Reporting(Protocol):
    """A channel whose provider can be asked what became of a message."""

    def look_up(self, reference: str) -> Report | Unavailable:
        """What became of what the provider took under this name. Unavailable: it cannot say now."""
        ...


@runtime_checkable
class Foresighted(Protocol):
    """A channel that is faster where it knows the message after this one."""

    def send_before(self, message: Message, following: Message | None) -> Outcome:
        """As `send`. `following` is the next call's message, or it is never sent on this connection."""
        ...
