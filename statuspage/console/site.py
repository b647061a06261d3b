"""The admin site with rooms of its own: home, incident room, maintenance room."""

from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.urls import path
from django.utils.translation import gettext_lazy as _

from statuspage.roles import Ability, abilities_of


class Console(AdminSite):
    """Who has no role sees nothing; what one may not do is not offered, and refused by the action."""

    site_header = _("Status console")
    site_title = _("Status console")
    index_title = _("What is going on")
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        return Ability.VIEW in abilities_of(request.user)

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        held = abilities_of(request.user)
        can = {f"can_{ability.value}": ability in held for ability in Ability}
        return {**super().each_context(request), **can}

    def get_urls(self) -> list[Any]:
        from . import corrections, drafts, home, incidents, maintenances

        rooms = [
            ("", home.show, "index"),
            ("incident/new/", incidents.new, "incident-new"),
            ("incident/<str:pk>/", incidents.room, "incident"),
            ("incident/<str:pk>/edit/", incidents.edit, "incident-edit"),
            ("update/<str:update_id>/", corrections.correct, "update-correct"),
            ("maintenance/new/", maintenances.new, "maintenance-new"),
            ("maintenance/<str:pk>/", maintenances.room, "maintenance"),
            ("maintenance/<str:pk>/<str:step>/", maintenances.step, "maintenance-step"),
            ("recall/<str:update_id>/", home.recall, "recall"),
            ("drafts/<int:pk>/", drafts.discard, "draft"),
        ]
        own = [path(route, self.admin_view(view), name=name) for route, view, name in rooms]
        return own + super().get_urls()
