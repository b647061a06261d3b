"""Mails that come back: as Postfix, Exim, Exchange and Gmail write them, in fixtures/bounces/."""

from pathlib import Path

FOLDER = Path(__file__).parent / "fixtures/bounces"
PLACE = "RETURN-ADDRESS"
"""Stands in a fixture where the address that the mail came to will be."""

FAILURES = {
    "postfix_no_such_mailbox": "550 5.1.1",
    "exim_no_such_mailbox": "550 5.1.1",
    "exchange_no_such_mailbox": "550 5.1.10",
    "gmail_no_such_mailbox": "550 5.1.1",
    "postfix_full_mailbox": "552 5.2.2",
    "postfix_full_for_days": "452 4.2.2",
    "postfix_given_up": "4.4.1",
    "exim_no_words": "550 5.0.0",
    "gmail_unauthenticated": "550 5.7.26",
    "exchange_own_rule": "550 5.7.133",
}
"""The mails that report a failure, and its code."""

NOTHING = [
    "postfix_delayed",
    "success",
    "list_partly",
    "out_of_office",
    "vacation",
    "answered_with_a_report_inside",
    "read_receipt",
]
"""The mails that report none."""


def mail(name: str, to: str) -> bytes:
    """One of them, in CRLF lines, come back to this address."""
    return (FOLDER / f"{name}.eml").read_text().replace(PLACE, to).replace("\n", "\r\n").encode()
