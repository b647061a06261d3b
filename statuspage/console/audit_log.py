"""The audit log, to read: who did what, by which way, when, before and after."""

import json
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from statuspage.models import AuditEntry
from statuspage.text import clean_line

from . import doors

PAGE = 50
ACTS: dict[str, Promise] = {
    "open_incident": _("opened an incident"),
    "publish_update": _("published an update"),
    "edit_incident": _("edited an incident"),
    "withdraw_incident": _("withdrew an incident"),
    "bring_back_incident": _("brought an incident back"),
    "withdraw_maintenance": _("withdrew a maintenance"),
    "bring_back_maintenance": _("brought a maintenance back"),
    "set_its_components": _("set component statuses"),
    "backfill_incident": _("recorded an incident of the past"),
    "keep_metadata": _("kept a program's data with an entry"),
    "draft_postmortem": _("kept a draft of a postmortem"),
    "take_back_postmortem": _("took a postmortem back"),
    "correct_update": _("corrected a text"),
    "stop_telling": _("stopped the messages"),
    "tell_after_all": _("sent the stopped messages after all"),
    "maintenance_scheduled": _("scheduled maintenance"),
    "edit_maintenance": _("edited a maintenance"),
    "maintenance_moved": _("moved a window"),
    "maintenance_updated": _("said more on maintenance"),
    "maintenance_started": _("started maintenance"),
    "maintenance_completed": _("completed maintenance"),
    "maintenance_delayed": _("said that maintenance begins late"),
    "maintenance_overran": _("said that maintenance takes longer"),
    "maintenance_replanned": _("changed how a maintenance begins, ends and is reminded of"),
    "maintenance_cancelled": _("cancelled maintenance"),
    "create_series": _("scheduled recurring maintenance"),
    "change_series": _("changed recurring maintenance"),
    "announce_series": _("announced windows that recur"),
    "end_series": _("ended recurring maintenance"),
    "show_notice": _("showed, or no longer, how notice was kept"),
    "create_component": _("added a component"),
    "edit_component": _("edited a component"),
    "archive_component": _("archived a component"),
    "restore_component": _("brought a component back"),
    "save_group": _("saved a group"),
    "set_embed_config": _("changed how the widget looks"),
    "delete_group": _("took a group away"),
    "arrange": _("changed the order"),
    "set_component_statuses": _("set component statuses"),
    "correct_outage": _("corrected an outage"),
    "record_outage": _("recorded an outage afterwards"),
    "withdraw_outage": _("withdrew an outage"),
    "mirror_component": _("let a component follow another page"),
    "stop_mirror": _("let a component follow no page any more"),
    "follow_page": _("followed a provider's page"),
    "save_draft": _("kept a draft"),
    "discard_draft": _("discarded a draft"),
    "publish_draft": _("published a draft"),
    "add_template": _("added a template"),
    "edit_template": _("edited a template"),
    "remove_template": _("removed a template"),
    "request_emergency": _("said that notice was not possible"),
    "approve_emergency": _("approved maintenance without notice"),
    "withdraw_emergency": _("moved maintenance that was to be without notice"),
    "create_api_key": _("made an API key"),
    "revoke_api_key": _("ended an API key"),
    "add_staff": _("added somebody"),
    "edit_staff": _("changed somebody's account"),
    "invite_staff": _("made a link to choose a password"),
    "accept_invitation": _("chose a password"),
    "create_first_owner": _("made the first account"),
    "import_history": _("imported a history"),
    "import_subscribers": _("imported subscribers"),
    "import_template": _("added a template"),
    "create_client": _("added a client"),
    "change_client": _("changed a client"),
    "create_contract": _("recorded a contract"),
    "change_contract": _("recorded a change of a contract"),
    "end_contract": _("ended a contract"),
    "void_contract": _("took back a contract that was recorded by mistake"),
    "create_contract_type": _("added a type of contract"),
    "record_claim": _("recorded a claim to credits"),
    "decide_claim": _("decided on a claim to credits"),
    "decide_refund": _("decided on a refund"),
    "take_client_report": _("took down a client's report"),
    "complete_client_report": _("completed or corrected a client's report"),
    "triage_client_report": _("gave a client's report a severity"),
    "judge_client_report": _("judged the cause of a client's report"),
    "link_client_report": _("linked a client's report to an incident"),
    "name_report_failure": _("said which failure a client's report is"),
    "record_report_step": _("recorded what happened to a client's report"),
    "take_back_report_step": _("took back what was recorded of a client's report"),
    "decline_client_report": _("declined a client's report"),
    "accept_client_report": _("took up a client's report again"),
    "try_again": _("had messages tried again"),
    "unsubscribe_subscriber": _("unsubscribed a subscriber"),
    "erase_subscriber": _("erased a subscriber"),
    "lift_quarantine": _("lifted a quarantine"),
    "send_manage_link": _("sent a subscriber a link"),
    "name_client": _("named a subscriber's client"),
}
"""An act in words; another program's act stays as it is named."""
ROOMS = {
    "incident": "admin:incident",
    "maintenance": "admin:maintenance",
    "emergency": "admin:maintenance",
    "contract": "admin:contract",
    "client": "admin:client",
    "client_report": "admin:report",
    "series": "admin:series",
    "claim": "admin:claim",
    "refund": "admin:refund",
}


@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """Newest first; by act, and by who or what."""
    act, words = request.GET.get("act", ""), clean_line(request.GET.get("q", ""))[:100]
    rows = AuditEntry.objects.order_by("-id")
    if act:
        rows = rows.filter(action=act)
    if words:
        rows = rows.filter(Q(actor_name__icontains=words) | Q(object_id=words))
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {
        "title": _now("Audit log"),
        "page": page,
        "entries": [shown(entry) for entry in page.object_list],
        "acts": sorted(ACTS.items(), key=lambda item: str(item[1])),
        "act": act,
        "words": words,
    }
    return doors.page(request, "console/audit.html", context)


def shown(entry: AuditEntry) -> dict[str, Any]:
    """One entry in words, with the way to what it is about."""
    room = ROOMS.get(entry.object_kind)
    return {
        "entry": entry,
        "act": ACTS.get(entry.action, entry.action),
        "address": reverse(room, args=[entry.object_id]) if room else "",
        "before": pretty(entry.before),
        "after": pretty(entry.after),
    }


def pretty(facts: Any) -> str:
    return json.dumps(facts, indent=2, ensure_ascii=False, sort_keys=True) if facts else ""
