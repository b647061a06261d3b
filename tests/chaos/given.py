"""What tests of whole sites share: durations scaled to seconds, people who want to be told, and who was."""

from collections import Counter

from tests.site import Site

DEADLINE_SECONDS = 2
LEASE_SECONDS = 5
"""Two and a half deadlines."""

SHORT = {
    "DELIVERY_MAIL_DEADLINE_SECONDS": str(DEADLINE_SECONDS),
    "DELIVERY_SMS_DEADLINE_SECONDS": str(DEADLINE_SECONDS),
    "DELIVERY_RECONCILE_SECONDS": "1",
    "DELIVERY_RETRY_SECONDS": "1",
    "DELIVERY_SMS_RETRY_SECONDS": "1",
    "DELIVERY_RETRY_LONGEST_SECONDS": "4",
    "DELIVERY_BREAKER_SECONDS": "1",
    "SWEEP_SECONDS": "2",
}

OPEN = """
from statuspage import audit
from statuspage.actions import incidents
print(incidents.open_incident(name={name!r}, body="Requests fail.", severity={severity}, actor=audit.SYSTEM).pk)
"""


def settle(site: Site, *, email: int = 0, sms: int = 0) -> None:
    """So many confirmed subscribers."""
    script = f"from tests.notifications.given import subscribers; subscribers(email={email}, sms={sms})"
    site.manage("shell", "-c", script)


def publish(site: Site, name: str = "Cables were cut", severity: int | None = None) -> str:
    """Open an incident as staff would, and return its id."""
    return site.manage("shell", "-c", OPEN.format(name=name, severity=severity)).stdout.split()[-1]


def told(site: Site) -> Counter[str]:
    """How often each address was told, by the sinks' own journals."""
    mails = [recipient for mail in site.smtp.messages() for recipient in mail.recipients]
    return Counter([*mails, *(message["to"] for message in site.twilio.messages())])
