"""Addresses of this package. Machines' answers end here too: Twilio's receipts and inbound texts."""

from importlib.util import find_spec

from django.urls import path

from . import pages, views

urlpatterns = [
    path("subscribe", views.subscribe, name="subscribe"),
    *(path(said.removeprefix("/"), views.said) for said in pages.SAID),
    path("subscriptions/<str:token>", views.link, name="subscription"),
    path("unsubscribe/<str:token>", views.unsubscribe, name="unsubscribe"),
]
if find_spec("notifications.hooks"):
    from . import hooks

    urlpatterns += [
        path("hooks/twilio/status/<uuid:delivery_id>", hooks.twilio_status),
        path("hooks/twilio/inbound", hooks.twilio_inbound),
    ]
