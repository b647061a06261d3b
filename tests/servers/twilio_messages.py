"""Owns the Message resources of the Twilio stand-in: their shape, their lives, their errors, as Twilio's API has them.

https://www.twilio.com/docs/messaging/api/message-resource and https://www.twilio.com/docs/api/errors
"""

import re
import secrets
import threading
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from email.utils import format_datetime
from typing import Any

API_VERSION = "2010-04-01"
LONGEST_BODY = 1600
E164 = re.compile(r"\+[1-9]\d{6,14}")
GSM_7 = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_7_DOUBLE = set("^{}\\[~]|€\f")

# Twilio error code -> HTTP status and message; `{value}` is the offending parameter.
ERRORS = {
    20003: (401, "Authenticate"),
    20404: (404, "The requested resource {value} was not found"),
    20429: (429, "Too Many Requests"),
    20500: (500, "An internal server error has occurred"),
    21211: (400, "Invalid 'To' Phone Number: {value}"),
    21214: (400, "'To' phone number cannot be reached"),
    21217: (400, "Phone number does not appear to be valid"),
    21266: (400, "'To' and 'From' number cannot be the same: {value}"),
    21408: (400, "Permission to send an SMS has not been enabled for the region indicated by the 'To' number: {value}"),
    21602: (400, "Message body is required."),
    21603: (400, "A 'From' phone number is required."),
    21604: (400, "A 'To' phone number is required."),
    21606: (400, "The 'From' phone number provided is not a valid message-capable Twilio phone number: {value}"),
    21609: (400, "The 'StatusCallback' URL {value} is not a valid URL."),
    21610: (400, "Attempt to send to unsubscribed recipient"),
    21611: (429, "This 'From' number has exceeded the maximum number of queued messages"),
    21614: (400, "'To' number is not a valid mobile number: {value}"),
    21617: (400, "The concatenated message body exceeds the 1600 character limit."),
    21635: (400, "'To' number cannot be a Landline: {value}"),
}
OTHER_ERROR = (400, "Error {value}")


class Refused(Exception):
    """The API answers with an error: its code, and the value it complains of."""

    def __init__(self, code: int, value: object = "") -> None:
        super().__init__(code)
        self.code, self.value = code, value

    def answer(self) -> tuple[int, dict[str, Any]]:
        """HTTP status and body."""
        status, message = ERRORS.get(self.code, OTHER_ERROR)
        more_info = f"https://www.twilio.com/docs/errors/{self.code}"
        return status, {
            "code": self.code,
            "message": message.format(value=self.value),
            "more_info": more_info,
            "status": status,
        }


@dataclass
class Message:
    """One Message resource."""

    account_sid: str
    to: str
    body: str
    sender: str | None
    messaging_service_sid: str | None
    status_callback: str | None
    validity_period: int
    sid: str = field(default_factory=lambda: "SM" + secrets.token_hex(16))
    status: str = "queued"
    error_code: int | None = None
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))
    sent_at: datetime | None = None

    def move(self, status: str, error_code: int | None = None) -> None:
        """The carrier's word, or Twilio's own."""
        self.status, self.error_code = status, error_code
        if status != "queued":
            self.sent_at = self.sent_at or datetime.now(UTC).replace(microsecond=0)

    def resource(self) -> dict[str, Any]:
        """As the API shows it."""
        uri = f"/{API_VERSION}/Accounts/{self.account_sid}/Messages/{self.sid}"
        is_unassigned = self.messaging_service_sid is not None and self.status == "accepted"
        return {
            "account_sid": self.account_sid,
            "api_version": API_VERSION,
            "body": self.body,
            "date_created": format_datetime(self.created_at),
            "date_sent": format_datetime(self.sent_at) if self.sent_at else None,
            "date_updated": format_datetime(self.sent_at or self.created_at),
            "direction": "outbound-api",
            "error_code": self.error_code,
            "error_message": None,
            "from": None if is_unassigned else self.sender,
            "messaging_service_sid": self.messaging_service_sid,
            "num_media": "0",
            "num_segments": "0" if is_unassigned else str(segments(self.body)),
            "price": None,
            "price_unit": "USD",
            "sid": self.sid,
            "status": self.status,
            "subresource_uris": {"media": f"{uri}/Media.json"},
            "to": self.to,
            "uri": f"{uri}.json",
        }

    def callback_parameters(self, status: str, error_code: int | None) -> dict[str, str]:
        """What a status callback says, word for word."""
        parameters = {
            "AccountSid": self.account_sid,
            "ApiVersion": API_VERSION,
            "From": self.sender or "",
            "MessageSid": self.sid,
            "MessageStatus": status,
            "SmsSid": self.sid,
            "SmsStatus": status,
            "To": self.to,
        }
        if self.messaging_service_sid:
            parameters["MessagingServiceSid"] = self.messaging_service_sid
        if error_code is not None:
            parameters["ErrorCode"] = str(error_code)
        if status == "delivered":
            # Minutes, and no time zone: that is all a carrier says.
            parameters["RawDlrDoneDate"] = f"{datetime.now(UTC):%y%m%d%H%M}"
        return parameters


def segments(body: str) -> int:
    """How many SMS a body takes: 160 characters of GSM-7 or 70 of UCS-2, fewer each when it takes several."""
    if set(body) <= GSM_7 | GSM_7_DOUBLE:
        length, alone, each = sum(2 if character in GSM_7_DOUBLE else 1 for character in body), 160, 153
    else:
        length, alone, each = len(body.encode("utf-16-be")) // 2, 70, 67
    return 1 if length <= alone else -(-length // each)


def parse(account_sid: str, form: dict[str, str], default_sender: str) -> Message:
    """A request to create a message. Raises Refused as Twilio would."""
    to, body, service = form.get("To", ""), form.get("Body", ""), form.get("MessagingServiceSid")
    callback = form.get("StatusCallback")
    checks = [
        (not to, 21604, ""),
        (not (form.get("From") or service), 21603, ""),
        (not body, 21602, ""),
        (not E164.fullmatch(to), 21211, to),
        (to == form.get("From"), 21266, to),
        (len(body) > LONGEST_BODY, 21617, ""),
        (callback is not None and not re.match(r"https?://\w", callback), 21609, callback),
    ]
    for is_wrong, code, value in checks:
        if is_wrong:
            raise Refused(code, value)
    return Message(
        account_sid=account_sid,
        to=to,
        body=body,
        sender=form.get("From") or default_sender,
        messaging_service_sid=service,
        status_callback=callback,
        validity_period=int(form.get("ValidityPeriod", 36_000)),
        status="accepted" if service else "queued",
    )


class Messages:
    """Every message of the account, newest first where they are listed."""

    def __init__(self) -> None:
        self._by_sid: dict[str, Message] = {}
        self._lock = threading.Lock()

    def add(self, message: Message) -> None:
        """Keep it."""
        with self._lock:
            self._by_sid[message.sid] = message

    def get(self, sid: str) -> Message:
        """One of them. Raises Refused."""
        if sid not in self._by_sid:
            raise Refused(20404, f"Messages/{sid}.json")
        return self._by_sid[sid]

    def list(self, filters: dict[str, str]) -> "list[Message]":
        """Those that the parameters of a list request choose."""
        with self._lock:
            newest_first = list(reversed(self._by_sid.values()))
        return [message for message in newest_first if is_chosen(message, filters)]


def is_chosen(message: Message, filters: dict[str, str]) -> bool:
    """Whether `To`, `From` and the three `DateSent` filters choose this message; bounds are included."""
    # A message that waits in the queue has no date of sending yet; its creation stands for it.
    sent_on = message.sent_at or message.created_at
    return (
        filters.get("To") in {None, message.to}
        and filters.get("From") in {None, message.sender}
        and (not (day := filters.get("DateSent")) or sent_on.date() == moment(day).date())
        and (not (first := filters.get("DateSent>")) or sent_on >= moment(first))
        and (not (last := filters.get("DateSent<")) or sent_on <= moment(last))
    )


def moment(text: str) -> datetime:
    """A date or a time as list filters have it."""
    if len(text) == len("2026-11-22"):
        return datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC)
    parsed = datetime.fromisoformat(text)
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
