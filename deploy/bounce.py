#!/usr/bin/env python3
"""Hands one mail from standard input to the site: `bounce.py https://status.example.com RECIPIENT`.

What came for a component (`component+...`) goes to /hooks/mail, everything else to /hooks/bounce.

A mail server runs it for every mail that comes for BOUNCE_DOMAIN (deploy/README.md). Ends
with 0 where the site has judged the mail, also where it is none of its own, and with 75
(EX_TEMPFAIL) where the site cannot say, or is not found under the address that was given:
the mail server then keeps the mail and tries again.
Never with another status: the server would write a bounce of its own, to whoever the
sender claims to be. Standard library only, so that any account's Python can run it.
"""

import sys
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener

LATER = 75
JUDGED = frozenset({204, 403, 413})
"""Taken; none of ours; too long to be one of ours."""
SECONDS = 30
LARGEST_MAIL = 524_289
"""Bytes: one more than the site reads. It refuses what is longer, and the rest need not travel."""


def main(arguments: list[str]) -> int:
    if len(arguments) != 2 or not arguments[0].startswith(("http://", "https://")):
        return explain("usage: bounce.py https://status.example.com RECIPIENT")
    site, recipient = arguments
    return hand_over(site, recipient, sys.stdin.buffer.read(LARGEST_MAIL))


class Redirected(HTTPRedirectHandler):
    """Goes nowhere else: a POST would arrive there as a GET, without the mail."""

    def redirect_request(self, *arguments: object) -> None:
        return None


def hand_over(site: str, recipient: str, mail: bytes) -> int:
    """The exit status that the site's answer calls for."""
    headers = {"Content-Type": "message/rfc822", "X-Original-To": recipient}
    try:
        status = answer_to(Request(f"{site.rstrip('/')}/hooks/{door_of(recipient)}", mail, headers))
    except (OSError, HTTPException, ValueError) as error:
        return explain(str(error))
    return 0 if status in JUDGED else explain(f"{site} answers {status}")


def door_of(recipient: str) -> str:
    return "mail" if recipient.lower().startswith("component+") else "bounce"


def answer_to(request: Request) -> int:
    try:
        with build_opener(Redirected).open(request, timeout=SECONDS) as response:
            return int(response.status)
    except HTTPError as refusal:
        refusal.close()
        return refusal.code


def explain(reason: str) -> int:
    """For the mail server's log."""
    print(f"bounce.py: {reason}", file=sys.stderr)
    return LATER


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
