"""What our mail path is measured against: the same mail sent by other means, on the same relay."""

import smtplib
from collections.abc import Sequence

from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.smtp import EmailBackend

SENDER = "status@example.com"
BATCH = 100


def bare_loop(port: int, count: int, content: bytes) -> int:
    """smtplib on one connection, one prebuilt mail again and again."""
    with smtplib.SMTP("127.0.0.1", port, local_hostname="localhost") as session:
        for _ in range(count):
            session.sendmail(SENDER, ["reader@example.org"], content)
    return count


def django_batches(port: int, count: int, bodies: Sequence[str]) -> int:
    """Django's own way on one open connection: each mail built, a hundred a call."""
    backend = EmailBackend(host="127.0.0.1", port=port)
    backend.open()
    for first in range(0, count, BATCH):
        backend.send_messages([built(number, *bodies) for number in range(first, min(first + BATCH, count))])
    backend.close()
    return count


def built(number: int, text: str, html: str) -> EmailMultiAlternatives:
    """With the recipient's own link in both bodies, and the headers that ours have."""
    link = f"https://status.example.com/unsubscribe/{number:048d}"
    headers = {
        "Message-ID": f"<{number:032x}@example.com>",
        "List-Unsubscribe": f"<{link}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Auto-Submitted": "auto-generated",
        "Precedence": "bulk",
    }
    message = EmailMultiAlternatives(
        "[Example] Investigating: Interface answers slowly",
        f"{text}\n{link}\n",
        SENDER,
        [f"reader-{number}@example.org"],
        headers=headers,
    )
    message.attach_alternative(html.replace("</body>", f'<a href="{link}">Unsubscribe</a></body>'), "text/html")
    return message
