"""Staff: who they are and which role they have. Only owners come here."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group, User
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from statuspage import audit
from statuspage.roles import ROLES, Ability, abilities_of

from . import doors


class RoleMixin(forms.ModelForm):
    """One role a person, instead of Django's groups and permissions."""

    role = forms.ChoiceField(label=_("Role"), choices=[(role, role) for role in ROLES])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            held = self.instance.groups.filter(name__in=ROLES).first()
            self.fields["role"].initial = held.name if held else ("owner" if self.instance.is_superuser else "viewer")


class ChangeForm(RoleMixin, UserAdmin.form):
    pass


class AddForm(RoleMixin, UserAdmin.add_form):
    pass


class StaffAdmin(UserAdmin):
    """Accounts with one role each; whoever is disabled is out at once."""

    form, add_form = ChangeForm, AddForm
    list_display = ("username", "role_of", "is_active", "last_login")
    list_filter = ("is_active",)
    fieldsets = ((None, {"fields": ("username", "email", "role", "is_active", "password")}),)
    add_fieldsets = ((None, {"fields": ("username", "email", "role", "usable_password", "password1", "password2")}),)
    filter_horizontal = ()

    @admin.display(description=_("role"))
    def role_of(self, user: User) -> str:
        if user.is_superuser:
            return "owner"
        return ", ".join(user.groups.filter(name__in=ROLES).values_list("name", flat=True))

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Account, role and audit row together."""
        role = form.cleaned_data.get("role")
        obj.is_staff = True
        obj.is_superuser = role == "owner"
        super().save_model(request, obj, form, change)
        if role:
            obj.groups.set([Group.objects.get_or_create(name=role)[0]])
        audit.record(
            actor=doors.actor(request),
            action="edit_staff" if change else "add_staff",
            kind="staff",
            object_id=str(obj.pk),
            at=timezone.now(),
            after={"name": obj.get_username(), "role": role, "is_active": obj.is_active},
        )

    def allowed(self, request: HttpRequest) -> bool:
        return Ability.OWN in abilities_of(request.user)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.allowed(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.allowed(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.allowed(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.allowed(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


admin.site.unregister(User)
admin.site.unregister(Group)
admin.site.register(User, StaffAdmin)
