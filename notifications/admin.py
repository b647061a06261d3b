"""This package's rooms in the console. Who may enter is asked by ability, not by Django's permissions."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.urls import URLPattern, path

from statuspage.roles import Ability, abilities_of

from .console import dead_letters, evidence, own_alarms, subscriber_steps, subscribers
from .models import Delivery, StaffRoute, Subscriber

Room = tuple[str, Callable[..., Any], str]


class Rooms(admin.ModelAdmin):
    """A place in the console's header with rooms of our own in place of Django's lists and forms."""

    ability: ClassVar[Ability]
    rooms: ClassVar[list[Room]]

    def get_urls(self) -> list[URLPattern]:
        guard, model = self.admin_site.admin_view, self.opts.model_name
        return [path(route, guard(view), name=f"notifications_{model}_{name}") for route, view, name in self.rooms]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.ability in abilities_of(request.user)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Delivery)
class Deliveries(Rooms):
    """Dead letters, and the evidence."""

    ability = Ability.VIEW
    rooms: ClassVar[list[Room]] = [
        ("", dead_letters.listed, "changelist"),
        ("evidence/", evidence.room, "evidence"),
        ("event/<int:pk>/", dead_letters.of_event, "event"),
        ("event/<int:pk>/again/", dead_letters.try_again, "again"),
    ]


@admin.register(Subscriber)
class Subscribers(Rooms):
    """People and their addresses, for who may see them."""

    ability = Ability.SUBSCRIBERS
    rooms: ClassVar[list[Room]] = [
        ("", subscribers.listed, "changelist"),
        ("<uuid:pk>/", subscribers.one, "change"),
        ("<uuid:pk>/<str:step>/", subscriber_steps.take, "step"),
    ]


@admin.register(StaffRoute)
class OwnAlarms(Rooms):
    """By what each of staff hears alarms; everybody chooses for themselves."""

    ability = Ability.VIEW
    rooms: ClassVar[list[Room]] = [("", own_alarms.show, "changelist")]
