"""From settings to channels: which provider a channel has, its schedule, its lease.

The only place that reads the settings of sending; each is read when it is asked for.
"""

from datetime import timedelta
from email.utils import parseaddr

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from .channels.base import Channel as Provider
from .channels.outgoing import NullChannel, OutgoingChannel
from .channels.relay import relay_from
from .retry import MAX_ATTEMPTS, Policy
from .states import Channel

LEASE_DEADLINES = 2.5
"""A lease outlasts two calls that each take all their time, and a little more."""

LONGEST_WEBHOOK_WAIT = timedelta(minutes=10)
"""Between two tries of an endpoint: its owner mends it during an incident, not the day after."""

WEBHOOK_CONNECTIONS = 10
"""As many as a group: one slow endpoint does not hold up the others."""


def channels() -> tuple[Channel, ...]:
    """The lanes, the urgent one first."""
    return (Channel.SMS, Channel.EMAIL, Channel.NULL, *((Channel.WEBHOOK,) if settings.WEBHOOKS else ()))


def is_slow(channel: str) -> bool:
    """Whether calls may take so long that nobody should wait for the lane's end."""
    return channel == Channel.WEBHOOK


def judge_settings() -> None:
    """When a process starts: an address that cannot be used is refused at once, and not with the first mail."""
    for name in ("EMAIL_URL", "ALARM_EMAIL_URL"):
        url = getattr(settings, name)
        try:
            if url:
                relay_from(url, name)
        except ValueError as error:
            raise ImproperlyConfigured(str(error)) from None


def provider_for(channel: str) -> Provider:
    """A new connection's owner for one channel. Files, where no relay or account is set."""
    if channel == Channel.NULL:
        return NullChannel()
    if channel == Channel.EMAIL and settings.EMAIL_URL:
        return mail_relay()
    if channel == Channel.SMS and settings.TWILIO_ACCOUNT_SID:
        return twilio()
    if channel == Channel.WEBHOOK:
        return webhook()
    return OutgoingChannel(settings.OUTGOING_ROOT)


def mail_relay() -> Provider:
    return relay_at(settings.EMAIL_URL, settings.DELIVERY_MAIL_DEADLINE_SECONDS)


def alarm_relay(deadline_seconds: float) -> Provider:
    """A connection's owner for alarms to staff: another relay where one is set, files where none is."""
    url = settings.ALARM_EMAIL_URL or settings.EMAIL_URL
    return relay_at(url, deadline_seconds) if url else OutgoingChannel(settings.OUTGOING_ROOT)


def relay_at(url: str, deadline_seconds: float) -> Provider:
    from .channels.email import EmailChannel

    return EmailChannel(
        relay_from(url),
        sender=parseaddr(settings.EMAIL_FROM)[1],
        deadline_seconds=deadline_seconds,
        name=host_name(),
    )


def twilio() -> Provider:
    # Here, not above: Twilio's package costs more memory than a process that sends no texts should pay.
    from .channels.sms import SmsChannel

    return SmsChannel(
        settings.TWILIO_ACCOUNT_SID,
        settings.TWILIO_AUTH_TOKEN,
        sender=settings.TWILIO_FROM,
        messaging_service_sid=settings.TWILIO_MESSAGING_SERVICE_SID,
        api_url=settings.TWILIO_API_URL,
        deadline_seconds=settings.DELIVERY_SMS_DEADLINE_SECONDS,
    )


def webhook() -> Provider:
    from .channels.webhook import WebhookChannel

    return WebhookChannel(
        allowed=frozenset(settings.WEBHOOK_ALLOWED_HOSTS),
        deadline_seconds=settings.DELIVERY_WEBHOOK_DEADLINE_SECONDS,
    )


def host_name() -> str:
    """How we greet a relay: the domain we write from."""
    return parseaddr(settings.EMAIL_FROM)[1].rpartition("@")[2] or "localhost"


def fingerprint(channel: str) -> tuple[object, ...]:
    """Equal as long as an open connection still is to the right provider."""
    if channel == Channel.EMAIL:
        return (settings.EMAIL_URL, settings.EMAIL_FROM, settings.DELIVERY_MAIL_DEADLINE_SECONDS, outgoing())
    if channel == Channel.SMS:
        account = (settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN, settings.TWILIO_API_URL)
        sender = (settings.TWILIO_FROM, settings.TWILIO_MESSAGING_SERVICE_SID)
        return (*account, *sender, settings.DELIVERY_SMS_DEADLINE_SECONDS, outgoing())
    if channel == Channel.WEBHOOK:
        return (tuple(settings.WEBHOOK_ALLOWED_HOSTS), settings.DELIVERY_WEBHOOK_DEADLINE_SECONDS)
    return ()


def outgoing() -> str:
    return str(settings.OUTGOING_ROOT)


def deadline_seconds(channel: str) -> float:
    """The longest one call may take."""
    if channel == Channel.SMS:
        return float(settings.DELIVERY_SMS_DEADLINE_SECONDS)
    if channel == Channel.WEBHOOK:
        return float(settings.DELIVERY_WEBHOOK_DEADLINE_SECONDS)
    return float(settings.DELIVERY_MAIL_DEADLINE_SECONDS)


def lease(channel: str) -> timedelta:
    """For how long a claim holds without being renewed."""
    return timedelta(seconds=LEASE_DEADLINES * deadline_seconds(channel))


def policy(channel: str) -> Policy:
    """The schedule of retries."""
    if channel == Channel.WEBHOOK:
        return webhook_policy()
    is_text = channel == Channel.SMS
    first = settings.DELIVERY_SMS_RETRY_SECONDS if is_text else settings.DELIVERY_RETRY_SECONDS
    return Policy(
        first_wait=timedelta(seconds=first),
        longest_wait=timedelta(seconds=settings.DELIVERY_RETRY_LONGEST_SECONDS),
        ask_after=timedelta(seconds=settings.DELIVERY_RECONCILE_SECONDS),
        can_ask=is_text,
        receipt_after=receipt_after(channel),
    )


def receipt_after(channel: str) -> timedelta | None:
    """How long a receipt may be missing before it is asked for; None where none is to come."""
    if channel == Channel.SMS and settings.TWILIO_ACCOUNT_SID:
        return timedelta(seconds=settings.DELIVERY_RECEIPT_SECONDS)
    return None


def webhook_policy() -> Policy:
    """Receivers know a copy by its id: a call in doubt is made again like any other."""
    longest = timedelta(seconds=settings.DELIVERY_RETRY_LONGEST_SECONDS)
    return Policy(
        first_wait=timedelta(seconds=settings.DELIVERY_WEBHOOK_RETRY_SECONDS),
        longest_wait=min(longest, LONGEST_WEBHOOK_WAIT),
        unanswered=MAX_ATTEMPTS,
    )


def per_second(channel: str) -> float:
    """What the provider allows; 0: as fast as it goes."""
    return float(settings.SMS_PER_SECOND) if channel == Channel.SMS and settings.TWILIO_ACCOUNT_SID else 0.0


def daily_limit(channel: str) -> int | None:
    """How many messages of a channel may go out in a day; None: any number, they cost nothing."""
    return int(settings.SMS_DAILY_LIMIT) if channel == Channel.SMS and settings.TWILIO_ACCOUNT_SID else None


TEXTS_A_HAND = 25
MOST_HANDS = 8
"""How many processes are rung up for texts: each has one in flight, and a call takes some hundredths of a second."""


def hands(per_second: float) -> int:
    """How many processes together reach a rate; a worker's pool may have fewer."""
    return max(1, min(MOST_HANDS, round(per_second / TEXTS_A_HAND)))


def connections(channel: str) -> int:
    """How many messages of a channel a process has in the provider's hands at once.

    Texts cost money: one, so that a killed process leaves one in doubt.
    """
    if channel == Channel.WEBHOOK:
        return WEBHOOK_CONNECTIONS
    return max(1, settings.DELIVERY_CONNECTIONS) if channel == Channel.EMAIL and settings.EMAIL_URL else 1
