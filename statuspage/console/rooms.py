"""The console's own rooms: address, view and name of each. Who may enter, the site and the actions say."""

from collections.abc import Callable

from django.http import HttpResponse
from django.views.i18n import set_language

from . import (
    audit_log,
    components,
    corrections,
    drafts,
    home,
    incidents,
    invitations,
    lists,
    maintenances,
    outages,
    reports,
    staff,
)

ROOMS: list[tuple[str, Callable[..., HttpResponse], str]] = [
    ("", home.show, "index"),
    ("progress/<str:update_id>/", home.progress, "progress"),
    ("recall/<str:update_id>/", home.recall, "recall"),
    ("incident/", lists.incidents, "incidents"),
    ("incident/new/", incidents.new, "incident-new"),
    ("incident/<str:pk>/", incidents.room, "incident"),
    ("incident/<str:pk>/edit/", corrections.edit, "incident-edit"),
    ("update/<str:update_id>/", corrections.correct, "update-correct"),
    ("maintenance/", lists.maintenances, "maintenances"),
    ("maintenance/new/", maintenances.new, "maintenance-new"),
    ("maintenance/<str:pk>/", maintenances.room, "maintenance"),
    ("maintenance/<str:pk>/<str:step>/", maintenances.step, "maintenance-step"),
    ("components/", components.show, "components"),
    ("components/order/", components.order, "components-order"),
    ("components/new/", components.component, "component-new"),
    ("components/<str:pk>/", components.component, "component"),
    ("groups/new/", components.group, "group-new"),
    ("groups/<str:pk>/", components.group, "group"),
    ("outages/", outages.listed, "outages"),
    ("outages/<int:pk>/", outages.correct, "outage"),
    ("reports/", reports.listed, "reports"),
    ("audit/", audit_log.listed, "audit"),
    ("drafts/<int:pk>/", drafts.discard, "draft"),
    ("language/", set_language, "language"),
    ("staff/", staff.listed, "staff"),
    ("staff/new/", staff.new, "staff-new"),
    ("staff/<int:pk>/", staff.change, "staff-change"),
    ("staff/<int:pk>/invite/", invitations.make, "staff-invite"),
]
