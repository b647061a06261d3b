"""The admin site with rooms of its own; who may see which, and every refusal in words."""

from collections.abc import Callable
from functools import update_wrapper
from typing import Any

from django.conf import settings
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from statuspage.publishing.times import Clock, zone_of
from statuspage.roles import CLIENTS_REPORTS, Ability, abilities_of


class Console(AdminSite):
    """Who has no role sees nothing; what one may not do is not offered, and refused by the action."""

    site_header = _("Status console")
    site_title = _("Status console")
    index_title = _("What is going on")
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        return Ability.VIEW in abilities_of(request.user)

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Around every page: what one may do, where one may go, and the page's clock."""
        from . import navigation

        held = abilities_of(request.user)
        context = super().each_context(request)
        return {
            **context,
            **{f"can_{ability.value}": ability in held for ability in Ability},
            "can_see_reports": not held.isdisjoint(CLIENTS_REPORTS),
            "navigation": navigation.places(request, held, context["available_apps"]),
            "clock": Clock(zone_of(settings.PAGE_TIME_ZONE), timezone.now()),
            "site_name": settings.SITE_NAME,
            "languages": settings.LANGUAGES,
        }

    def app_index(self, request: HttpRequest, app_label: str, extra_context: Any = None) -> HttpResponse:
        """The header has all links; Django's list of one application's is not needed."""
        return redirect("admin:index")

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Callable[..., Any]:
        """Every room of ours and of Django's: refusals become pages, and a lost session loses no text."""
        from . import doors

        inner = super().admin_view(view, cacheable)

        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if doors.has_text_of_somebody_signed_out(request):
                return doors.signed_out(request)
            return doors.answer(request, inner, *args, **kwargs)

        return update_wrapper(guarded, view)

    def get_urls(self) -> list[Any]:
        from . import invitations, rooms

        own = [path(route, self.admin_view(view), name=name) for route, view, name in rooms.ROOMS]
        open_to_all: list[URLPattern] = [path("invitation/<str:token>/", invitations.accept, name="invitation")]
        return own + open_to_all + super().get_urls()
