"""/hooks/alertmanager: groups of alerts become incidents, with `?mode=draft` drafts of them. docs/alerts.md"""

from typing import Any

from django.http import HttpResponse

from statuspage import selectors
from statuspage.actions import alerts
from statuspage.alerting import alertmanager as dialect
from statuspage.models import CallSource

from . import hooks


@hooks.called_by(CallSource.ALERTMANAGER)
def take(request: Any) -> HttpResponse:
    """One message about one group."""
    payload = hooks.payload_of(request)
    try:
        key, report = dialect.read(payload, selectors.publication().page_id)
    except dialect.Unreadable as error:
        raise hooks.unreadable(error) from error
    is_draft_first = request.GET.get("mode") == hooks.DRAFT_FIRST
    source = alerts.Source(CallSource.ALERTMANAGER, key, is_draft_first=is_draft_first)
    return hooks.became(alerts.take(source=source, report=report, actor=request.actor))
