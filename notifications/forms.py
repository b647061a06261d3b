"""The forms readers fill in: what they want to be told, and where.

They only say what was typed and what is wrong with it; `subscriptions` does the rest.
The names of the fields are those of a subscriber in Statuspage's API.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from statuspage import selectors
from statuspage.public.forms import LanguageSelect, ReaderForm
from statuspage.publishing.snapshot import Component, Group, Snapshot

from . import addresses, places
from .addresses import Address, InputRefused
from .choices import UTC, Choices, known_language, known_time_zone

EVERYTHING, INCIDENTS, MAINTENANCES = "everything", "incidents", "maintenances"


@dataclass(frozen=True)
class Topic:
    """A group or a component that can be chosen; `members` are a group's components."""

    id: str
    name: str
    is_group: bool = False
    members: tuple["Topic", ...] = ()


def topics_of(snapshot: Snapshot) -> list[Topic]:
    """The page's groups and components, in its order; empty groups are left out."""
    topics = [topic_of(top, snapshot) for top in snapshot.tops()]
    return [each for each in topics if each.members or not each.is_group]


def topic_of(top: Group | Component, snapshot: Snapshot) -> Topic:
    if isinstance(top, Component):
        return Topic(top.id, top.name)
    return Topic(top.id, top.name, True, tuple(Topic(each.id, each.name) for each in snapshot.members(top)))


def topics_now() -> list[Topic]:
    """The same from the database, for a form that is answered."""
    rows = [(each.position, topic_now(each)) for each in selectors.groups()]
    rows += [(each.position, Topic(each.pk, each.name)) for each in selectors.components().filter(group=None)]
    ordered = sorted(rows, key=itemgetter(0))
    return [topic for _position, topic in ordered if topic.members or not topic.is_group]


def topic_now(group: Any) -> Topic:
    return Topic(group.pk, group.name, True, tuple(Topic(each.pk, each.name) for each in group.components.all()))


class IdsField(forms.Field):
    """Several ids. Whether they exist is asked when they are used."""

    widget = forms.SelectMultiple

    def to_python(self, value: Any) -> tuple[str, ...]:
        return tuple(str(each) for each in value or ())


class ChoicesForm(ReaderForm):
    """What to be told. Nothing ticked among the components means everything."""

    about = forms.ChoiceField(
        label=_("Tell me about"),
        required=False,
        initial=EVERYTHING,
        widget=forms.RadioSelect,
        choices=[
            (EVERYTHING, _("Incidents and planned maintenance")),
            (INCIDENTS, _("Incidents only")),
            (MAINTENANCES, _("Planned maintenance only")),
        ],
    )
    invitations = forms.BooleanField(
        label=_("With planned maintenance, an invitation for my calendar"),
        required=False,
        help_text=_("By e-mail. It moves with the window, and goes when the work is cancelled."),
    )
    asks_invitations = forms.BooleanField(required=False, initial=True, widget=forms.HiddenInput)
    """Sent where the form has that box: an empty one says nothing in a form without it, as the one in place."""
    component_ids = IdsField(required=False)
    group_ids = IdsField(required=False)
    language = forms.CharField(label=_("Language"), required=False, widget=LanguageSelect)
    time_zone = forms.CharField(
        label=_("Time zone"),
        required=False,
        widget=forms.Select,
        help_text=_("Messages give every time in UTC and in this zone."),
    )

    def __init__(self, *arguments: Any, topics: list[Topic], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.topics = topics
        self.fields["language"].widget.choices = settings.LANGUAGES
        zone = known_time_zone(str(self["time_zone"].value() or ""))
        self.fields["time_zone"].widget.choices = places.zone_choices(zone)

    @property
    def chosen(self) -> set[str]:
        """The ids that are ticked."""
        return {str(each) for name in ("component_ids", "group_ids") for each in self[name].value() or ()}

    def clean_language(self) -> str:
        return known_language(self.cleaned_data["language"])

    def clean_time_zone(self) -> str:
        return known_time_zone(self.cleaned_data["time_zone"])

    def clean(self) -> dict[str, Any]:
        """The choices must be possible; the first field that is wrong takes the focus."""
        try:
            self.choices().check()
        except InputRefused as refused:
            self.add_error(refused.field, str(refused.message))
        return self.cleaned_data

    def choices(self) -> Choices:
        """What was chosen, for `subscriptions`."""
        data = self.cleaned_data
        components, groups = data.get("component_ids", ()), data.get("group_ids", ())
        return Choices(
            all_components=not (components or groups),
            component_ids=components,
            group_ids=groups,
            wants_incidents=data.get("about") != MAINTENANCES,
            wants_maintenances=data.get("about") != INCIDENTS,
            wants_invitations=data.get("invitations") or (False if data.get("asks_invitations") else None),
            language=data.get("language", ""),
            time_zone=data.get("time_zone", UTC),
        )


def initial_of(choices: Choices) -> dict[str, Any]:
    """What a ChoicesForm shows for choices that are in force. About nothing: single incidents are followed."""
    both = choices.wants_incidents and choices.wants_maintenances
    only = (INCIDENTS, choices.wants_incidents), (MAINTENANCES, choices.wants_maintenances)
    return {
        "about": EVERYTHING if both else next((name for name, is_wanted in only if is_wanted), ""),
        "invitations": choices.wants_invitations,
        "component_ids": choices.component_ids,
        "group_ids": choices.group_ids,
        "language": choices.language,
        "time_zone": choices.time_zone,
    }


class SubscribeForm(ChoicesForm):
    """Where to be told, by mail, by text or by webhook, and what."""

    email = forms.CharField(
        label=_("E-mail address"),
        required=False,
        strip=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "maxlength": addresses.EMAIL_LENGTH}),
    )
    phone_country = forms.ChoiceField(label=_("Country"), required=False)
    phone_number = forms.CharField(
        label=_("Mobile number"),
        required=False,
        strip=False,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "maxlength": addresses.PHONE_TYPED_LENGTH}),
    )
    endpoint = forms.CharField(
        label=_("Address to post to"),
        required=False,
        strip=False,
        widget=forms.URLInput(attrs={"autocomplete": "off", "maxlength": addresses.ENDPOINT_LENGTH}),
        help_text=_("A public https address. Example: https://hooks.example.com/status"),
    )
    endpoint_email = forms.CharField(
        label=_("Its owner's e-mail address"),
        required=False,
        strip=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "maxlength": addresses.EMAIL_LENGTH}),
        help_text=_("Gets the link to confirm, and a word when the calls fail."),
    )
    website = forms.CharField(
        label=_("Leave this empty"),
        required=False,
        widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}),
    )
    """The honeypot: no person sees it, programs that fill in every field do."""

    field_order = ["email", "phone_country", "phone_number", "endpoint", "endpoint_email"]

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["phone_country"].choices = places.countries()
        if not settings.WEBHOOKS:
            del self.fields["endpoint"], self.fields["endpoint_email"]
        if not self.is_bound:
            self.fields["time_zone"].widget.attrs["data-guess"] = True
        self.fields["phone_country"].initial = next(iter(settings.SMS_COUNTRIES), "")

    @property
    def is_trapped(self) -> bool:
        """Whether a program filled it in."""
        return bool(self.data.get("website"))

    def clean(self) -> dict[str, Any]:
        super().clean()
        for name in ("email", "phone_number"):
            self.normalise(name)
        self.normalise_endpoint()
        if not (self.errors or self.addresses() or self.webhook()):
            self.add_error("email", _("Give an e-mail address, a mobile number or both."))
        return self.cleaned_data

    def normalise(self, name: str) -> None:
        """Put the Address in the place of what was typed."""
        typed = self.cleaned_data.get(name, "")
        if not typed.strip(" "):
            return
        try:
            self.cleaned_data[name] = (
                addresses.email(typed)
                if name == "email"
                else addresses.phone(typed, self.cleaned_data.get("phone_country") or "")
            )
        except InputRefused as refused:
            self.add_error(name, str(refused.message))

    def normalise_endpoint(self) -> None:
        """The same for a webhook: its owner's address first, since it belongs to the endpoint's."""
        typed = self.cleaned_data.get("endpoint", "")
        owner = self.cleaned_data.get("endpoint_email", "")
        if not (typed.strip(" ") or owner.strip(" ")):
            return
        try:
            self.cleaned_data["endpoint"] = addresses.endpoint(typed, addresses.email(owner))
        except InputRefused as refused:
            self.add_error("endpoint" if refused.field == "endpoint" else "endpoint_email", str(refused.message))

    def webhook(self) -> Address | None:
        """The webhook that was asked for, once the form is valid."""
        value = self.cleaned_data.get("endpoint")
        return value if isinstance(value, Address) else None

    def addresses(self) -> list[Address]:
        """Where links are to be sent, once the form is valid."""
        return list(self._addresses())

    def _addresses(self) -> Iterator[Address]:
        for name in ("email", "phone_number"):
            if isinstance(value := self.cleaned_data.get(name), Address):
                yield value
