"""What other sites may show of the page: the tags to copy, and how the widget looks there."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from statuspage import selectors
from statuspage.actions import embed as actions
from statuspage.models import EmbedConfig
from statuspage.publishing.html import page_from_settings, site_title
from statuspage.roles import Ability

from . import doors
from .telling import add_errors

Snippet = tuple[Any, str]

COLORS = [field for field in EmbedConfig.FIELDS if field != "position"]
SNIPPETS: tuple[Snippet, ...] = (
    (
        gettext_lazy("A widget that is there only while something is wrong. The other site's policy needs this page's address in script-src and connect-src."),  # noqa: E501
        '<script src="{url}/embed/status.js" async></script>',
    ),
    (
        gettext_lazy("The status in a frame. The other site's policy needs this page's address in frame-src."),
        '<iframe src="{url}/embed/" title="{title}" width="360" height="160"></iframe>',
    ),
    (
        gettext_lazy("A badge, for a README or a footer."),
        '<a href="{url}/"><img src="{url}/badge.svg" alt="{title}" height="20"></a>',
    ),
)  # fmt: skip
"""What each is for, and its tag."""


class LooksForm(forms.ModelForm):
    """Corner and colours."""

    class Meta:
        model = EmbedConfig
        fields = EmbedConfig.FIELDS
        widgets = {name: forms.TextInput(attrs={"type": "color"}) for name in COLORS}


@require_http_methods(["GET", "HEAD", "POST"])
def looks(request: HttpRequest) -> HttpResponse:
    """Show the tags, and let owners choose how the widget looks."""
    actor = doors.actor(request)
    may_change = Ability.OWN in actor.abilities
    form = LooksForm(request.POST or None, instance=selectors.embed_config()) if may_change else None
    if request.method == "POST":
        actor.require(Ability.OWN)
        if form and is_saved(form, actor):
            messages.success(request, _("The widget looks like that from now on."))
            return redirect("admin:embedding")
    said = {"url": settings.SITE_URL, "title": site_title(page_from_settings())}
    snippets = [(purpose, tag.format(**said)) for purpose, tag in SNIPPETS]
    context = {"title": _("On other sites"), "snippets": snippets, "form": form}
    return doors.page(request, "console/embedding.html", context, status=422 if form and form.errors else 200)


def is_saved(form: LooksForm, actor: Any) -> bool:
    """Whether what was sent could be stored."""
    if not form.is_valid():
        return False
    try:
        actions.set_embed_config(actor=actor, **form.cleaned_data)
    except ValidationError as refused:
        add_errors(form, refused)
        return False
    return True
