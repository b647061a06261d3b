"""Text messages through Twilio: its client, and its list of what it took.

Twilio has no idempotency key for messages: a request whose answer is lost may have been
taken. So every such case is Ambiguous, and `find` looks in the account's own list.
"""

import base64
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException
from twilio.base.values import unset
from twilio.http.response import Response
from twilio.rest import Client as TwilioClient

from .base import Accepted, Ambiguous, Message, Outcome, Report, Scope, Text, Unavailable
from .http import Client, NotSent, Unanswered
from .twilio_codes import outcome_of

DEADLINE_SECONDS = 20.0
LONGEST_VALIDITY_SECONDS = 36_000
SHORTEST_VALIDITY_SECONDS = 6
"""Twilio recommends more than five."""
CLOCK_SLACK = timedelta(seconds=60)
"""How far Twilio's clock may be from ours when its list is searched."""
LISTED = 50
"""As many of a number's newest messages are looked at: one page of Twilio's list."""


class TwilioHttp:
    """The SDK's transport, on a client with one deadline. Unlike the SDK's own it logs no numbers."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.is_async = False

    def request(
        self,
        method: str,
        uri: str,
        params: dict[str, object] | None = None,
        data: dict[str, object] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        """One request, by the SDK's contract. Raises NotSent, Unanswered."""
        if params:
            uri = f"{uri}?{urlencode(params, doseq=True)}"
        sent = dict(headers or {})
        if auth:
            sent["Authorization"] = "Basic " + base64.b64encode(":".join(auth).encode()).decode()
        body = urlencode(data, doseq=True).encode() if data else None
        return Response(*self.client.request(method, uri, body, sent))


class SmsChannel:
    """Texts through one Twilio account."""

    provider = "twilio"

    def __init__(
        self,
        account_sid: str,
        auth_token: str,
        *,
        sender: str = "",
        messaging_service_sid: str = "",
        api_url: str = "",
        deadline_seconds: float = DEADLINE_SECONDS,
    ) -> None:
        self._http = Client(deadline_seconds)
        self._twilio = TwilioClient(account_sid, auth_token, http_client=TwilioHttp(self._http))
        if api_url:
            self._twilio.api.base_url = api_url
        self._from = {"messaging_service_sid": messaging_service_sid} if messaging_service_sid else {"from_": sender}

    def send(self, message: Message) -> Outcome:
        """Ask Twilio to take one text."""
        assert isinstance(message, Text)
        try:
            taken = self._twilio.messages.create(
                to=message.to,
                body=message.text,
                status_callback=message.callback_url or unset,
                validity_period=validity_seconds(message.valid_until),
                **self._from,
            )
        except NotSent as error:
            return Unavailable(str(error), code="no connection", scope=Scope.CHANNEL, counts=False)
        except Unanswered as error:
            return Ambiguous(str(error), code="no answer")
        except (TwilioRestException, TwilioServiceException) as error:
            return outcome_of(error.status, error.code)
        except (ValueError, TypeError, AttributeError, TwilioException) as error:
            return Ambiguous(f"an answer that cannot be read: {type(error).__name__}", code="bad answer")
        sid = taken.sid
        return (
            Accepted(sid) if isinstance(sid, str) and sid else Ambiguous("an answer without a sid", code="bad answer")
        )

    def find(self, message: Message, since: datetime) -> list[str] | Unavailable:
        """The sids of texts of these words that Twilio took for this number since then.

        Asked by number alone: Twilio's filter on the date of sending leaves out what
        still waits in its queue, which is just what must be found.
        """
        assert isinstance(message, Text)
        try:
            listed = self._twilio.messages.list(to=message.to, limit=LISTED, page_size=LISTED)
            return [
                each.sid
                for each in listed
                if (each.body or "").endswith(message.text) and each.date_created >= since - CLOCK_SLACK
            ]
        except (NotSent, Unanswered, TwilioException, ValueError, TypeError) as error:
            return Unavailable(f"cannot ask: {type(error).__name__}", code="cannot ask", counts=False)

    def look_up(self, reference: str) -> Report | Unavailable:
        """What Twilio's own record of a text says."""
        try:
            found = self._twilio.messages(reference).fetch()
            return Report(reference, str(found.status or ""), str(found.error_code or ""))
        except (NotSent, Unanswered, TwilioException, ValueError, TypeError) as error:
            return Unavailable(f"cannot ask: {type(error).__name__}", code="cannot ask", counts=False)

    def close(self) -> None:
        self._http.close()


def validity_seconds(valid_until: datetime) -> int:
    """How long Twilio may keep it waiting, within what Twilio allows."""
    left = int((valid_until - datetime.now(UTC)).total_seconds())
    return max(SHORTEST_VALIDITY_SECONDS, min(LONGEST_VALIDITY_SECONDS, left))
