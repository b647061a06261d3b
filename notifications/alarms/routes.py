"""Routes: how staff hear of trouble. Each has a short deadline, and none needs the database.

ALARM_URL gets a POST that chats, pagers and ntfy understand. ALARM_EMAIL gets a mail by
ALARM_EMAIL_URL, or by EMAIL_URL, which may be the very thing that is broken: name both.
"""

import json
import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from enum import StrEnum

from django.conf import settings
from django.utils.translation import gettext as _

from notifications import providers
from notifications.channels.base import Accepted, Mail
from notifications.channels.http import Client, NotSent, Unanswered
from statuspage.text import clean_line

logger = logging.getLogger(__name__)

DEADLINE_SECONDS = 10.0
"""A sweep waits for this: an alarm's route that hangs must not become the next trouble."""


class Stage(StrEnum):
    """Where in its life an alarm is."""

    RAISED = "raised"
    STILL = "still"
    CLEARED = "cleared"


@dataclass(frozen=True)
class Notice:
    """One word to staff. `since` is when the trouble was first seen."""

    key: str
    stage: Stage
    words: str
    advice: str
    since: datetime
    path: str = "/admin/"

    @property
    def title(self) -> str:
        """One line, as a subject or a headline."""
        kind = {Stage.RAISED: _("alarm"), Stage.STILL: _("alarm, still"), Stage.CLEARED: _("all clear")}[self.stage]
        return clean_line(f"[{settings.SITE_NAME}] {kind}: {self.words}")[:200]

    @property
    def text(self) -> str:
        """All of it, for reading."""
        since = _("First seen %(time)s UTC.") % {"time": f"{self.since.astimezone(UTC):%Y-%m-%d %H:%M}"}
        return "\n".join(each for each in (self.words, self.advice, since, f"{settings.SITE_URL}{self.path}") if each)


def tell(notice: Notice) -> bool:
    """By every route that is set; True where one of them took it, or none is set but the log."""
    logger.error("alarm (%s): %s", notice.stage, notice.words)
    routes = [route for setting, route in ((settings.ALARM_URL, post), (settings.ALARM_EMAIL, mail)) if setting]
    took = [takes(route, notice) for route in routes]
    return any(took) or not routes


def takes(route: Callable[[Notice], bool], notice: Notice) -> bool:
    """Whether this route took it; a defect of one route does not keep the other from telling."""
    try:
        return route(notice)
    except Exception as error:
        # Without the exception's own words: they may hold the address, which is a secret with many chats.
        logger.error("alarm: by %s failed: %s", route.__name__, type(error).__name__)
        return False


def post(notice: Notice) -> bool:
    """To ALARM_URL; a redirect is not followed, and counts as not taken."""
    body, headers = as_text(notice) if settings.ALARM_FORMAT == "text" else as_json(notice)
    client = Client(DEADLINE_SECONDS)
    try:
        status, _answer, _headers = client.request("POST", settings.ALARM_URL, body, headers)
    except (NotSent, Unanswered) as error:
        logger.error("alarm: ALARM_URL did not take it: %s", type(error.__cause__).__name__)
        return False
    finally:
        client.close()
    if not 200 <= status < 300:
        logger.error("alarm: ALARM_URL answered %s", status)
    return 200 <= status < 300


def as_json(notice: Notice) -> tuple[bytes, dict[str, str]]:
    """`text` is what chats show; the rest is for machines."""
    facts = {
        "text": f"{notice.title}\n{notice.text}",
        "title": notice.title,
        "state": notice.stage.value,
        "alarm": notice.key,
        "since": notice.since.isoformat(),
        "site": settings.SITE_URL,
        "link": f"{settings.SITE_URL}{notice.path}",
    }
    return json.dumps(facts).encode(), {"Content-Type": "application/json"}


def as_text(notice: Notice) -> tuple[bytes, dict[str, str]]:
    """As ntfy takes it: the body is the message, its title and urgency are headers in ASCII."""
    title = notice.title.encode("ascii", "replace").decode()
    priority = "default" if notice.stage == Stage.CLEARED else "urgent"
    headers = {"Content-Type": "text/plain; charset=utf-8", "Title": title, "Priority": priority}
    return notice.text.encode(), headers


def mail(notice: Notice) -> bool:
    """To ALARM_EMAIL, past the ledger: what the ledger's own path cannot carry is told here."""
    name = str(uuid.uuid4())
    message = Mail(name, settings.ALARM_EMAIL, as_mail(notice, name, settings.ALARM_EMAIL))
    channel = providers.alarm_relay(DEADLINE_SECONDS)
    try:
        outcome = channel.send(message)
    finally:
        channel.close()
    if not isinstance(outcome, Accepted):
        logger.error("alarm: ALARM_EMAIL's relay did not take it: %s", outcome.reason)
    return isinstance(outcome, Accepted)


def as_mail(notice: Notice, name: str, to: str) -> bytes:
    """RFC 5322; `Auto-Submitted` (RFC 3834) keeps absence notes away."""
    message = EmailMessage(policy=SMTP)
    message["From"] = settings.EMAIL_FROM
    message["To"] = to
    message["Subject"] = notice.title
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = f"<{name}@{providers.host_name()}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(notice.text)
    return bytes(message)
