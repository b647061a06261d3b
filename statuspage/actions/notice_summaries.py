"""What the page says of a window's notice, where staff wish: whether it is shown, and the counts as of now."""

from datetime import datetime

from statuspage import audit, ports, selectors
from statuspage.models import Maintenance, NoticeSummary
from statuspage.roles import Ability

from .base import action, bump, claim_version


@action
def show_notice(
    *, maintenance: Maintenance, shows: bool, actor: audit.Actor, now: datetime | None = None
) -> Maintenance:
    """Show on the page how many had the notice and how long before the start, or show it no more."""
    actor.require(Ability.PUBLISH)
    now = now or selectors.database_now()
    before = maintenance.shows_notice
    claim_version(maintenance, None, {"shows_notice": shows, "revision": bump(now)})
    summarise(maintenance, now)
    audit.record(
        actor=actor,
        action="show_notice",
        kind="maintenance",
        object_id=maintenance.pk,
        at=now,
        before={"shows_notice": before},
        after={"shows_notice": shows},
    )
    return maintenance


def summarise(maintenance: Maintenance, at: datetime) -> None:
    """Take the counts as of now; none where they are not wanted, or where the evidence is not complete.

    Call inside the action that publishes them.
    """
    NoticeSummary.objects.filter(maintenance=maintenance).delete()
    found = ports.notices(maintenance.pk).get(maintenance.window_revision) if maintenance.shows_notice else None
    if found is None or found.completed_at is None or not found.told:
        return
    if found.completed_at < maintenance.scheduled_for:
        NoticeSummary.objects.create(
            maintenance=maintenance,
            window_revision=maintenance.window_revision,
            told=found.told,
            last_told_at=found.completed_at,
            taken_at=at,
        )
