"""Components, groups, outages and the audit log in the admin's own lists, written through actions."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from statuspage.actions import components as actions
from statuspage.actions.outages import correct_outage, interval
from statuspage.models import AuditEntry, Component, ComponentGroup, Incident, Maintenance, MaintenanceWindow, Outage
from statuspage.roles import Ability, abilities_of

from . import doors


class ByAbility(admin.ModelAdmin):
    """Everybody with a role looks; who has `ability` changes. Nothing is deleted here."""

    ability = Ability.OWN

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return Ability.VIEW in abilities_of(request.user)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.ability in abilities_of(request.user)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.ability in abilities_of(request.user)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """What an action refuses is said on the same page."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except doors.TROUBLES as trouble:
            messages.error(request, str(trouble))
            return redirect(request.path)


class ReadOnly(ByAbility):
    """Rows that nobody changes here."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Component)
class ComponentAdmin(ByAbility):
    """What a component is called and where it stands, and how it is without an incident."""

    list_display = ("name", "group", "status", "is_third_party", "position")
    list_filter = ("group", "status", "is_third_party")
    search_fields = ("name",)
    fields = (
        "name",
        "description",
        "group",
        "position",
        "status",
        "is_third_party",
        "showcase",
        "only_show_if_degraded",
        "start_date",
    )

    def save_model(self, request: HttpRequest, obj: Component, form: Any, change: bool) -> None:
        """Through the actions, so that page, outages and audit log follow."""
        actor, facts = doors.actor(request), dict(form.cleaned_data)
        status = facts.pop("status")
        if not change:
            made = actions.create_component(actor=actor, **facts)
            obj.pk, obj.created_at, obj.updated_at = made.pk, made.created_at, made.updated_at
            obj._state.adding = False
        elif changed := [name for name in form.changed_data if name != "status"]:
            stored = Component.objects.get(pk=obj.pk)
            actions.edit_component(component=stored, actor=actor, **{name: facts[name] for name in changed})
        if "status" in form.changed_data:
            actions.set_component_statuses(statuses={obj.pk: status}, actor=actor)


@admin.register(ComponentGroup)
class ComponentGroupAdmin(ByAbility):
    """Headings over components."""

    list_display = ("name", "position")
    fields = ("name", "description", "position")

    def save_model(self, request: HttpRequest, obj: ComponentGroup, form: Any, change: bool) -> None:
        group = ComponentGroup.objects.get(pk=obj.pk) if change else None
        saved = actions.save_group(group=group, actor=doors.actor(request), **form.cleaned_data)
        obj.pk, obj.created_at, obj.updated_at = saved.pk, saved.created_at, saved.updated_at
        obj._state.adding = False


class OutageForm(forms.ModelForm):
    """A correction: the new times and cause, and why. The action decides."""

    class Meta:
        model = Outage
        fields = ("started_at", "ended_at", "cause", "reason")

    def clean(self) -> dict[str, Any]:
        """The action's own rules, so that a refusal stands beside its field."""
        facts = super().clean() or {}
        if not facts.get("reason", "").strip():
            self.add_error("reason", _("Say why the record is corrected."))
        if not self.errors:
            is_open = Outage.objects.get(pk=self.instance.pk).ended_at is None
            interval(facts["started_at"], facts.get("ended_at"), timezone.now(), is_open=is_open)
        return facts

    def validate_constraints(self) -> None:
        """The row itself is not changed: a correction is a new one."""


@admin.register(Outage)
class OutageAdmin(ByAbility):
    """Who was down, from when to when. Saving a change writes a new version."""

    ability = Ability.PUBLISH
    form = OutageForm
    list_display = ("component", "status", "started_at", "ended_at", "cause", "is_current")
    list_filter = ("is_current", "cause", "component")
    list_select_related = ("component__group",)
    readonly_fields = ("component", "status", "incident", "maintenance", "replaces", "is_current")
    fields = ("component", "status", "started_at", "ended_at", "cause", "reason", *readonly_fields[2:])

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Outage | None = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.is_current)

    def save_model(self, request: HttpRequest, obj: Outage, form: Any, change: bool) -> None:
        names = ("started_at", "ended_at", "cause", "reason")
        facts = {name: form.cleaned_data[name] for name in names}
        correct_outage(outage=Outage.objects.get(pk=obj.pk), actor=doors.actor(request), **facts)
        messages.info(request, _("The old row is kept; this is a new version."))


@admin.register(AuditEntry)
class AuditAdmin(ReadOnly):
    """Who did what, and when."""

    list_display = ("at", "actor_name", "source", "action", "object_kind", "object_id")
    list_filter = ("action", "source")
    search_fields = ("actor_name", "object_id")


@admin.register(MaintenanceWindow)
class WindowAdmin(ReadOnly):
    """Every window that was ever announced."""

    list_display = ("maintenance", "number", "scheduled_for", "scheduled_until", "published_at")


class Rooms(ReadOnly):
    """All of a kind, found by words; each leads to its room."""

    room = ""
    list_display_links = None
    search_fields = ("name", "id")

    @admin.display(description=gettext_lazy("title"), ordering="name")
    def title(self, row: Any) -> str:
        return format_html('<a href="{}">{}</a>', reverse(self.room, args=[row.pk]), row.name)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None and super().has_view_permission(request)


@admin.register(Incident)
class IncidentAdmin(Rooms):
    """Every incident there was."""

    room = "admin:incident"
    list_display = ("title", "status", "impact", "severity", "started_at", "resolved_at")
    list_filter = ("status", "impact", "severity", "components")


@admin.register(Maintenance)
class MaintenanceAdmin(Rooms):
    """Every maintenance there was."""

    room = "admin:maintenance"
    list_display = ("title", "status", "scheduled_for", "scheduled_until")
    list_filter = ("status", "components")
