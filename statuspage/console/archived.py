"""Components and groups that are no longer there: archived, brought back, taken away."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from statuspage.actions import components, groups
from statuspage.models import Component, ComponentGroup

from . import doors


@require_POST
def archive(request: HttpRequest, pk: str) -> HttpResponse:
    """Take a component off the page; its history stays."""
    held = get_object_or_404(Component, pk=pk)
    components.archive_component(component=held, actor=doors.actor(request))
    messages.success(request, _("%(name)s is archived.") % {"name": held.full_name})
    return redirect("admin:components")


@require_POST
def restore(request: HttpRequest, pk: str) -> HttpResponse:
    """Bring one back."""
    held = get_object_or_404(Component, pk=pk)
    components.restore_component(component=held, actor=doors.actor(request))
    messages.success(request, _("%(name)s is on the page again.") % {"name": held.full_name})
    return redirect("admin:components")


@require_POST
def remove_group(request: HttpRequest, pk: str) -> HttpResponse:
    """Take a heading away; its components stand alone."""
    held = get_object_or_404(ComponentGroup, pk=pk)
    groups.delete_group(group=held, actor=doors.actor(request))
    messages.success(request, _("The group is gone; its components stand alone."))
    return redirect("admin:components")
