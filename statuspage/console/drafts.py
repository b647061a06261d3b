"""Drafts: an author's filled form, waiting for a publisher."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from statuspage.actions import drafts
from statuspage.models import Draft

from . import doors
from .forms import new_key


def opened(request: HttpRequest, kind: str) -> QueryDict | None:
    """The input kept in the draft that the address names, as a form takes it."""
    if request.method != "GET" or not request.GET.get("draft", "").isdigit():
        return None
    draft = Draft.objects.filter(pk=int(request.GET["draft"]), kind=kind).first()
    if draft is None:
        return None
    data = QueryDict(mutable=True)
    for name, values in {**draft.payload, "key": [new_key()], "draft": [str(draft.pk)]}.items():
        data.setlist(name, values)
    return data


@require_POST
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Discard a draft."""
    drafts.discard_draft(draft=get_object_or_404(Draft, pk=pk), actor=doors.actor(request))
    messages.success(request, _("The draft is discarded."))
    return redirect("admin:index")
