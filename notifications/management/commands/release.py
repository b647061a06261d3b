"""`manage.py release [--confirm]`: let a restored site send again; without --confirm, say what that would do."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from notifications.clock import database_now
from notifications.delivery import hold, release
from notifications.delivery.release import Plan, Waiting
from notifications.models import OutboxEvent

WANTING = 1
"""Exit status of a site that is held and stays so."""

REASONS = {
    hold.Reason.OLDER: "the database is older than what this site's machines have seen: a backup was restored",
    hold.Reason.STRANGER: "no machine that knows this database is at work: it is a copy, or all machines are new",
    hold.Reason.ASKED: "an operator asked for it",
    hold.Reason.IMPORTED: "what is to be sent was imported from another site, which may have sent it",
}
SHOWN = 20
"""Events named one by one; more are counted."""


class Command(BaseCommand):
    help = "Let a restored or copied site send again. Without --confirm nothing changes."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--confirm", action="store_true", help="do it")
        parser.add_argument(
            "--send-doubtful", action="store_true", help="also send what may have been sent before the restore"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        now = database_now()
        plan = release.plan(now)
        if plan is None:
            self.stdout.write("nothing is held: messages are being sent")
            return
        for line in told(plan, send_doubtful=options["send_doubtful"]):
            self.stdout.write(line)
        if not options["confirm"]:
            raise CommandError("held: nothing was changed; add --confirm to do this", returncode=WANTING)
        try:
            release.release(plan, now, send_doubtful=options["send_doubtful"])
        except release.StillAtWork as error:
            raise CommandError(f"still held: {error}", returncode=WANTING) from None
        self.stdout.write("released: messages are sent again")


def told(plan: Plan, *, send_doubtful: bool) -> Iterator[str]:
    """The plan in words, for somebody who has to decide."""
    row = plan.instance
    reason = hold.Reason(row.hold_reason) if row.hold_reason else hold.Reason.STRANGER
    yield f"held since {row.held_at or row.waiting_since:%Y-%m-%d %H:%M:%S} UTC: {REASONS[reason]}"
    yield f"the database is of {row.seen_at:%Y-%m-%d %H:%M:%S} UTC"
    fate = "to be sent, though it may have been sent before" if send_doubtful else "not sent; listed as unknown"
    yield from kind("may have been sent already", fate, plan.doubtful)
    yield from kind("too late to be of use", "expires", plan.late)
    yield from kind("published since", "to be sent", plan.fresh)
    yield f"due later, and sent then: {len(plan.later)}"
    yield from (f"    {named(event)}, due {event.due_at:%Y-%m-%d %H:%M} UTC" for event in plan.later[:SHOWN])


def kind(what: str, fate: str, found: Sequence[Waiting]) -> Iterator[str]:
    """One kind: how many in all, then event by event."""
    yield f"{what} ({fate}): {sum(each.count for each in found)} messages of {len(found)} events"
    for each in found[:SHOWN]:
        counts = ", ".join(f"{count} {channel}" for channel, count in each.channels.items())
        yield f"    {named(each.event)}: {counts or 'nobody written down yet'}"


def named(event: OutboxEvent) -> str:
    """Which one, for people and for `delivery_report --incident`."""
    return f"{event.kind} {event.subject_id} {event.payload.get('name', '')!r}"
