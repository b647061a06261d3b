"""Webhooks: one POST to an address that a subscriber chose, signed, and never trusted.

Each call has a connection of its own: to a vetted address (`outward.addresses`), in TLS with the name
checked, without a proxy, without following a redirect, with one deadline for everything
and a cap on what is read. Success is 2xx within the deadline, as at Statuspage; 410 ends
it. Signed as by the Standard Webhooks specification 1.0, for which receivers have
libraries: HMAC-SHA256 over "id.timestamp.body". docs/webhooks.md tells receivers how.
"""

import base64
import hashlib
import hmac
import http.client
import os
import ssl
import time
from collections.abc import Callable, Collection
from datetime import datetime, timedelta

from statuspage.outward.addresses import NotAllowed, NotFound, Resolve, Target, target_of, vetted
from statuspage.outward.deadline import TlsSocket, secured, system_context

from .base import Accepted, Ambiguous, Blame, Outcome, Post, Refused, Unavailable
from .base import Message as AnyMessage

DEADLINE_SECONDS = 30.0
LARGEST_ANSWER = 65_536
"""Bytes that are read of an answer; nothing in it is of use to us."""
READING_SECONDS = 2.0
"""How long the rest of an answer is waited for: what counts is its first line."""
LONGEST_RETRY_AFTER = timedelta(hours=1)

SECRET_PREFIX = "whsec_"
"""How the specification marks a secret, so that scanners find one that leaked."""

NOT_FOUND, UNREACHED = "not found", "unreached"
NO_WAY = frozenset({NOT_FOUND, UNREACHED})
"""Codes of failures without a word from the other side: the trouble may be our own."""


class WebhookChannel:
    """Calls to whatever https address a message names.

    `allowed` are the operator's exemptions (see `outward.addresses`). `resolve`: the system's where
    it is not given. The authorities trusted are the system's, or SSL_CERT_FILE's.
    """

    provider = "webhook"

    def __init__(
        self,
        *,
        allowed: Collection[str] = (),
        deadline_seconds: float = DEADLINE_SECONDS,
        resolve: Resolve | None = None,
        context: ssl.SSLContext | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._allowed = allowed
        self._deadline_seconds = deadline_seconds
        self._resolve = resolve
        self._context = context or system_context(os.environ.get("SSL_CERT_FILE"))
        self._clock = clock

    def send(self, message: AnyMessage) -> Outcome:
        """Post once; everything ends by the deadline."""
        assert isinstance(message, Post)
        deadline = time.monotonic() + self._deadline_seconds
        try:
            target = target_of(message.to, self._allowed)
            addresses = vetted(target, self._allowed, self._deadline_seconds, self._resolve)
            sock = secured(addresses, target.port, target.host, deadline, self._context)
        except NotAllowed as error:
            return Unavailable(str(error), code="not allowed", blame=Blame.SOFT)
        except NotFound as error:
            return Unavailable(str(error), code=NOT_FOUND)
        except ssl.SSLError as error:
            return Unavailable("no trusted TLS", code=tls_code(error), blame=Blame.SOFT)
        except ConnectionRefusedError:
            return Unavailable("the connection was refused", code="connection refused", blame=Blame.SOFT)
        except OSError as error:
            return Unavailable(type(error).__name__, code=UNREACHED)
        return self._post(target, sock, message)

    def find(self, message: AnyMessage, since: datetime) -> list[str] | Unavailable:
        """A receiver keeps no list for us: a call in doubt is made again, under the same id."""
        return Unavailable("an endpoint cannot be asked")

    def close(self) -> None:
        """Nothing is held open."""

    def _post(self, target: Target, sock: TlsSocket, message: Post) -> Outcome:
        connection = http.client.HTTPSConnection(target.host, target.port, context=self._context)
        connection.sock = sock
        connection.auto_open = 0  # it would resolve the name anew
        try:
            connection.request("POST", target.path, message.body, self._headers(message))
            response = connection.getresponse()
            leave_politely(response, sock)
        except (OSError, http.client.HTTPException) as error:
            return Ambiguous(f"no answer: {type(error).__name__}", code="no answer")
        finally:
            connection.close()
        return outcome_of(response.status, response.headers.get("Retry-After"))

    def _headers(self, message: Post) -> dict[str, str]:
        """The id is the delivery's own, in every copy; time and signature are this call's."""
        at = str(int(self._clock()))
        plain = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "status-page-webhook/1",
            "Connection": "close",
            "X-Delivery-ID": message.delivery_id,
            "Webhook-Id": message.delivery_id,
            "Webhook-Timestamp": at,
        }
        if not message.secret:
            return plain
        return {**plain, "Webhook-Signature": signature(message.secret, message.delivery_id, at, message.body)}


def signature(secret: str, delivery_id: str, at: str, body: bytes) -> str:
    """ "v1," and the HMAC-SHA256 in base64. `secret` as its owner was shown it; `at` in seconds since 1970."""
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    signed = f"{delivery_id}.{at}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def leave_politely(response: http.client.HTTPResponse, sock: TlsSocket) -> None:
    """Read the answer's rest, so that its sender sees no broken connection; not for long, and not much."""
    sock.deadline = min(sock.deadline, time.monotonic() + READING_SECONDS)
    try:
        response.read(LARGEST_ANSWER)
    except (OSError, http.client.HTTPException, ValueError):
        return


def outcome_of(status: int, retry_after: str | None = None) -> Outcome:
    """What an answer means: 2xx is success, 410 the end, anything else another try."""
    if 200 <= status < 300:
        return Accepted("")
    code = str(status)
    if status == 410:
        return Refused("the endpoint is gone for good", permanent=True, code=code, blame=Blame.OPTED_OUT)
    reason = "a redirect, which is not followed" if 300 <= status < 400 else "not taken"
    return Unavailable(reason, pause_of(retry_after), code=code, blame=Blame.SOFT)


def pause_of(retry_after: str | None) -> timedelta | None:
    """Retry-After in seconds (RFC 9110, 10.2.3), an hour at most; a date is left to our own schedule."""
    if not (retry_after and retry_after.isascii() and retry_after.isdecimal()):
        return None
    return min(timedelta(seconds=min(int(retry_after[:9]), 86_400)), LONGEST_RETRY_AFTER)


def tls_code(error: ssl.SSLError) -> str:
    """ "certificate" where the name or the authority is wrong, else "tls"."""
    return "certificate" if isinstance(error, ssl.SSLCertVerificationError) else "tls"
