"""Mails a second of one worker process, whole path, pinned with the relay to one core.

Lease, premise, fill, send and record, against a bare smtplib loop and against Django's own
way of building each mail. PostgreSQL runs wherever the kernel puts it.
"""

from email import message_from_bytes, policy

from django.conf import settings

from benchmarks import peers, people
from benchmarks.events import event, told
from benchmarks.rounds import Sample, figure, interleaved, pinned, ratio, timed
from benchmarks.sink import sink
from benchmarks.table import Row
from notifications import delivery
from notifications.messages.composer import mail_of
from notifications.messages.mail import Recipient

CORE = 0
MAILS = 5_000
SHARE_BUILT = 10
"""Django takes about so many times as long, so it is given so many times fewer."""

BARE = {"postgresql": ">= 0.4", "sqlite": ">= 0.5"}
DJANGO = {"postgresql": ">= 8", "sqlite": ">= 10"}


def run(database: str, quick: bool) -> list[Row]:
    mails = MAILS // 5 if quick else MAILS
    people.subscribe(1, mails)
    settings.DELIVERY_CONNECTIONS = 1
    content, bodies = one_mail()
    with sink(CORE) as port, pinned(CORE):
        settings.EMAIL_URL = f"smtp://127.0.0.1:{port}/?tls=none"
        whole_path()
        bare, built, ours = interleaved(
            [
                lambda: timed(lambda: peers.bare_loop(port, mails, content)),
                lambda: timed(lambda: peers.django_batches(port, mails // SHARE_BUILT, bodies)),
                whole_path,
            ]
        )
    what = f"mails of one process, whole path, one core ({len(content)} bytes)"
    return [
        Row(what, f"smtplib alone: {figure(bare)}", figure(ours), ratio(ours, bare), BARE[database], database),
        Row(what, f"Django, built each: {figure(built)}", figure(ours), ratio(ours, built), DJANGO[database], database),
    ]


def whole_path() -> Sample:
    """One update to everybody, told beforehand and now sent."""
    told(event())
    return timed(lambda: delivery.work("email", 600))


def one_mail() -> tuple[bytes, tuple[str, str]]:
    """Our own mail as bytes, and its text and HTML."""
    row = event()
    reader = Recipient("0" * 32, "reader@example.org", f"{settings.SITE_URL}/unsubscribe/{'0' * 48}")
    content = mail_of(row, "en", "Etc/UTC").fill(reader)
    row.delete()
    parsed = message_from_bytes(content, policy=policy.default)
    text, html = (parsed.get_body((kind,)).get_content() for kind in ("plain", "html"))  # type: ignore[union-attr]
    return content, (text, html)
