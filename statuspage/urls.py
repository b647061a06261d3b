"""Addresses Django answers itself. Published pages are answered before (public/serve.py)."""

from django.apps import apps
from django.contrib import admin
from django.urls import include, path, re_path

from .api import alertmanager, door, incoming_hook, mail_in, reference
from .public import reporting, statements, views

urlpatterns = [
    path("admin/", admin.site.urls),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("metrics", views.metrics, name="metrics"),
    path("report", reporting.report, name="report"),
    path("statements/<str:token>", statements.show, name="statement-link"),
    path("v1/", door.api.urls),
    re_path("^v1/", door.nothing_here),
    path("hooks/alertmanager", alertmanager.take),
    path("hooks/mail", mail_in.take),
    path("hooks/generic/<str:pk>", incoming_hook.take),
    path("api", reference.page, name="api"),
    path("api/openapi.json", reference.document, name="openapi"),
]
if apps.is_installed("notifications"):
    urlpatterns += [path("", include("notifications.urls"))]
handler404 = "statuspage.public.views.not_found"
