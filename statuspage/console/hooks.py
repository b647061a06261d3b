"""How machines call in: webhooks and their mappings, components' addresses for mail, and the last calls of all."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from statuspage.actions import mail_words
from statuspage.models import Component

from . import doors


@require_POST
def change_address(request: HttpRequest, pk: str) -> HttpResponse:
    """Another address for a component's mail; the old one is nobody's."""
    mail_words.change_address(component=get_object_or_404(Component, pk=pk), actor=doors.actor(request))
    messages.success(request, _("The component has another address. Mail to the old one is refused."))
    return redirect("admin:component", pk)
