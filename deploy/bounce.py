#!/usr/bin/env python3
"""Hands one mail from standard input to /hooks/bounce: `bounce.py https://status.example.com RECIPIENT`.

A mail server runs it for every mail that comes for BOUNCE_DOMAIN (deploy/README.md). Ends
with 0 where the site has judged the mail, also where it is none of its own, and with 75
(EX_TEMPFAIL) where the site cannot say: the mail server then keeps it and tries again.
Never with another status: the server would write a bounce of its own, to whoever the
sender claims to be. Standard library only, so that any account's Python can run it.
"""

import sys
from urllib.error import HTTPError
from urllib.request import Request, urlopen

LATER = 75
SECONDS = 30
LARGEST_MAIL = 524_289
"""Bytes: one more than the site reads. It refuses what is longer, and the rest need not travel."""


def main(arguments: list[str]) -> int:
    if len(arguments) != 2 or not arguments[0].startswith(("http://", "https://")):
        print("usage: bounce.py https://status.example.com RECIPIENT", file=sys.stderr)
        return LATER
    site, recipient = arguments
    return hand_over(site, recipient, sys.stdin.buffer.read(LARGEST_MAIL))


def hand_over(site: str, recipient: str, mail: bytes) -> int:
    """The exit status that the site's answer calls for."""
    headers = {"Content-Type": "message/rfc822", "X-Original-To": recipient}
    try:
        request = Request(f"{site.rstrip('/')}/hooks/bounce", mail, headers)
        urlopen(request, timeout=SECONDS).close()  # nosec B310: the scheme was checked
    except HTTPError as refusal:
        refusal.close()
        return LATER if refusal.code >= 500 or refusal.code == 429 else 0
    except (OSError, ValueError) as error:
        print(f"bounce.py: {error}", file=sys.stderr)
        return LATER
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
