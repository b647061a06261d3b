"""What a relay's codes mean, in our words; the only place that knows them.

RFC 5321 has the three digits, RFC 3463 and 7372 the x.y.z behind them; the large receivers
add their own. The same code comes as a reply to us, or later in a bounce (RFC 3464). Apart
from the client, so that a web process that reads a bounce needs no sockets.
"""

import re
from dataclasses import replace

from .base import Blame, Refused, Scope

ENHANCED = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
"""The x.y.z of RFC 3463 among a relay's words; not the beginning of a network address."""

GONE = Refused("no such mailbox", permanent=True, blame=Blame.ADDRESS)
FULL = Refused("mailbox full", blame=Blame.SOFT)
OURS = Refused("refused: our authentication or reputation", blame=Blame.SENDER, scope=Scope.PLACE)
PERHAPS_OURS = Refused("refused by policy", blame=Blame.SENDER, scope=Scope.SUSPECTED)
UNREACHED = Refused("no way to the host", blame=Blame.SOFT)
UNEXPLAINED = Refused("refused without a reason", blame=Blame.SOFT)

ABOUT_US = frozenset({"9", *map(str, range(20, 33)), "40", "509", "515"})
"""The z of x.7.z that speak of the sender's set-up, the same for every recipient.

20 to 26: DKIM, SPF, reverse DNS (RFC 7372); 27 to 32 and 40: Gmail's for SPF, spam rate, TLS,
DKIM, alignment and DMARC; 9: Yahoo's policy; 509 and 515: Microsoft's for DMARC and the rest.
Every other 5.7.z, 5.7.1 above all, may as well be one recipient's own rule ("takes no mail
from outside"), so it holds a domain back only once a second recipient there is refused.
"""

BY_CODE = {
    "5.1.0": GONE,
    "5.1.1": GONE,
    "5.1.2": GONE,
    "5.1.3": GONE,
    "5.1.6": GONE,
    "5.1.7": OURS,  # the sender's mailbox is malformed
    "5.1.8": OURS,  # the sender's domain does not exist
    "5.1.10": GONE,
    "5.2.1": GONE,
    "5.2.2": FULL,
    "5.2.3": Refused("message longer than the mailbox takes"),
}
BY_SUBJECT = {"4": UNREACHED, "7": PERHAPS_OURS}
BARE = {552: FULL, 550: UNEXPLAINED, 551: UNEXPLAINED, 553: UNEXPLAINED}
"""No x.y.z: a 550 may be a missing mailbox or a filter, so it is only counted."""

OTHER = Refused("refused by the relay")

FAILED = "failed"
"""The one `Action` of RFC 3464 that ends a mail."""
ON_ITS_WAY, NOT_DELIVERED = 1, 2


def enhanced_in(text: str) -> re.Match[str] | None:
    """The x.y.z that a relay said; None where there is none, or only "other" (x.0.0)."""
    return next((found for found in ENHANCED.finditer(text) if found.group(2, 3) != ("0", "0")), None)


def is_about_us(found: re.Match[str] | None) -> bool:
    """Whether an x.y.z speaks of how we send, and not of a recipient."""
    return bool(found and found[2] == "7" and found[3] in ABOUT_US)


def refusal(number: int, found: re.Match[str] | None) -> Refused:
    """What a permanent refusal means: never this message, and perhaps never this address."""
    if found is None:
        return BARE.get(number, OTHER)
    return OURS if is_about_us(found) else BY_CODE.get(found[0]) or BY_SUBJECT.get(found[2]) or OTHER


def rank_of(status: str) -> int:
    """How far a bounce's word moves its mail; the higher one stands."""
    return NOT_DELIVERED if status == FAILED else ON_ITS_WAY


def verdict_on(code: str) -> Refused | None:
    """What a bounce's code, as `550 5.1.1`, means for the address, or for us; None: nothing.

    A 4.y.z is a trouble that outlasted the relay's patience: of those only a full mailbox
    is counted, the others say nothing about the recipient.
    """
    found = enhanced_in(code)
    number = int(code[:3]) if code[:3].isdigit() else 0
    if found and found[1] == "4":
        return replace(FULL, code=code) if found.group(2, 3) == ("2", "2") else None
    return replace(refusal(number, found), code=code)
