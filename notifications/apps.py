"""The Django application `notifications`: it connects itself to the status page."""

from typing import TYPE_CHECKING

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from prometheus_client.core import Metric

    from statuspage.events import Event, GroupDissolved, Letter, StaffAlarm
    from statuspage.ports import Counts, IncomingSubscriber


class NotificationsConfig(AppConfig):
    name = "notifications"
    verbose_name = _("Notifications")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Judge our settings, listen to what is published, answer what the console asks, add our documents."""
        from statuspage import events, ports

        from . import contacts, documents, exported, health, noticed, outbox, previews, providers, reports
        from .delivery import hold

        providers.judge_settings()
        events.published.connect(on_published, dispatch_uid="notifications.outbox")
        events.alarmed.connect(on_alarmed, dispatch_uid="notifications.alarms")
        events.written.connect(on_written, dispatch_uid="notifications.letters")
        events.dissolved.connect(on_dissolved, dispatch_uid="notifications.choices")
        ports.installed.audience = reports.audience
        ports.installed.fan_out_estimate = reports.fan_out_estimate
        ports.installed.listed_notice_due_at = reports.listed_notice_due_at
        ports.installed.texts = previews.texts
        ports.installed.progress = reports.progress
        ports.installed.recall = outbox.recall
        ports.installed.tell_after_all = outbox.tell_after_all
        ports.installed.withdraw = outbox.withdraw
        ports.installed.held_until = outbox.held_until
        ports.installed.notice_completed_at = noticed.notice_completed_at
        ports.installed.notice_evidence = noticed.notice_evidence
        ports.installed.notice_reach = noticed.notice_reach
        ports.installed.notice_course = noticed.notice_course
        ports.installed.notices = noticed.notices
        ports.installed.contact_notices = contacts.contact_notices
        ports.installed.held = health.held
        ports.installed.take_subscribers = take_subscribers
        ports.installed.hold_after_import = hold.hold_imported
        ports.installed.health = health.health
        ports.installed.metrics = prometheus
        documents.register()
        exported.register()


def on_published(sender: object, event: "Event", **kwargs: object) -> None:
    """Write the outbox inside the publishing transaction."""
    from . import outbox

    outbox.record(event)


def on_alarmed(sender: object, alarm: "StaffAlarm", **kwargs: object) -> None:
    """Write staff's alarms inside the transaction of whoever raises one."""
    from .alarms import staff

    staff.record(alarm)


def on_written(sender: object, letter: "Letter", **kwargs: object) -> bool:
    """The same for a letter to one address."""
    from . import subscriptions

    return subscriptions.send_letter(letter)


def on_dissolved(sender: object, group: "GroupDissolved", **kwargs: object) -> None:
    """Keep what people chose, inside the transaction that takes their group away."""
    from . import subscriptions

    subscriptions.follow_members(group)


def take_subscribers(found: "Sequence[IncomingSubscriber]", now: "datetime") -> "Counts":
    """People who are subscribed elsewhere. Imported when they come: it is rare."""
    from . import subscriptions

    return subscriptions.take_subscribers(found, now)


def prometheus() -> "Iterable[Metric]":
    """What /metrics says of the telling. Imported when asked for: workers need no Prometheus."""
    from . import metrics

    return metrics.families()
