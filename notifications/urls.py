"""Addresses of this package: readers' doors, and what machines report back."""

from django.urls import path

from . import bounces, hooks, pages, views

urlpatterns = [
    path("subscribe", views.subscribe, name="subscribe"),
    *(path(said.removeprefix("/"), views.said) for said in pages.SAID),
    path("subscriptions/<str:token>", views.link, name="subscription"),
    path("unsubscribe/<str:token>", views.unsubscribe, name="unsubscribe"),
    path("hooks/twilio/status/<uuid:delivery_id>", hooks.twilio_status),
    path("hooks/twilio/inbound", hooks.twilio_inbound),
    path("hooks/bounce", bounces.bounce),
]
