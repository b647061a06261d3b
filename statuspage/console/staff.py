"""Staff: who they are and which role they have. Only owners come here."""

from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from statuspage.actions import staff as actions
from statuspage.roles import LABELS, NAMES, ROLES, Ability

from . import doors, invitations
from .keeping import Keeping


def role_choices() -> list[tuple[str, str]]:
    """Each role with what it may do."""
    may = {role: _now(", ").join(str(LABELS[each]) for each in Ability if each in held) for role, held in ROLES.items()}
    return [(role, f"{NAMES[role]}: {words}") for role, words in may.items()]


class NewForm(forms.ModelForm):
    """Somebody new; they choose their password with a link."""

    role = forms.ChoiceField(label=_("Role"), choices=role_choices, widget=forms.RadioSelect, initial="viewer")

    class Meta:
        model = User
        fields = ("username", "email")


class ChangeForm(NewForm):
    class Meta(NewForm.Meta):
        fields = ("username", "email", "is_active")  # type: ignore[assignment]
        labels = {"is_active": _("May sign in")}
        help_texts = {"is_active": _("Somebody who may not is out with the next request.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].initial = actions.role_of(self.instance) or None


@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """Everybody who may sign in, or might."""
    doors.actor(request).require(Ability.OWN)
    people = User.objects.filter(is_staff=True).prefetch_related("groups").order_by("-is_active", "username")
    rows = [{"person": each, "role": NAMES.get(actions.role_of(each))} for each in people]
    return doors.page(request, "console/staff.html", {"title": _now("Staff"), "rows": rows})


def new(request: HttpRequest) -> HttpResponse:
    """Add somebody, then show the link with which they choose a password."""
    doors.actor(request).require(Ability.OWN)
    form = NewForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        context = {"title": _now("Add somebody"), "form": form}
        return doors.page(request, "console/person.html", context, status=422 if form.errors else 200)
    person = form.instance
    person.set_unusable_password()
    actions.save_staff(user=person, role=form.cleaned_data["role"], actor=doors.actor(request))
    return invitations.shown(request, person)


def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Change somebody's name, role, or whether they may sign in."""
    doors.actor(request).require(Ability.OWN)
    person = get_object_or_404(User, pk=pk, is_staff=True)
    before = actions.facts_of(person, actions.role_of(person))
    form = ChangeForm(request.POST or None, instance=person)

    def act() -> User:
        user, role = form.instance, form.cleaned_data["role"]
        return actions.save_staff(user=user, role=role, before=before, actor=doors.actor(request))

    return Keeping(
        request=request,
        form=form,
        template="console/person.html",
        context={"title": before["username"], "person": person},
        act=act,
        target=lambda done: reverse("admin:staff"),
        said=_("Saved. It works from the next request on."),
    ).answer()
