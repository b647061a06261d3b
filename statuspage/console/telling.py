"""A publishing form on its way: form -> review -> action, and back with nothing lost.

It is sent three times at the most: `review` shows who will be told, `edit` goes back,
`publish` calls the action. `draft` keeps it for a publisher.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.forms import Form
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from statuspage import markup, ports
from statuspage.events import Event
from statuspage.models import Incident, Maintenance, MaintenanceSeries
from statuspage.publishing.store import FolderUnusable
from statuspage.roles import Ability

from . import audience, doors, drafts, filling
from .forms import new_key

FIELD_OF = {
    "scheduled_for": "starts",
    "scheduled_until": "ends",
    "next_update_by": "next_update",
    "length": "minutes",
    "agreed_interval": "interval",
    "provider_caused": "caused",
    "contract": "covered",
    "service": "covered",
}
"""An action's word for an input -> the form's field."""
OF_THE_PRESS = {"step", "csrfmiddlewaretoken"}
CONFIRMED = "yes"
SLOT = "slot_"


@dataclass
class Telling:
    """How one form looks, what it announces and what it does."""

    request: HttpRequest
    make: Callable[[Any], Any]
    """The form for this input, None for an empty one."""
    template: str
    context: Callable[[], dict[str, Any]]
    event: Callable[[Any], Event]
    act: Callable[[Any], Any]
    target: Callable[[Any], str]
    subject: Incident | Maintenance | MaintenanceSeries | None = None
    draft_kind: str = ""
    review_context: Callable[[Any], dict[str, Any]] = lambda form: {}
    beside: Callable[[Any], dict[str, Any]] = lambda form: {}
    """What stands beside the form and hangs on what is in it."""

    def answer(self) -> HttpResponse:
        """The page that follows from what was pressed."""
        pressed = self.request.POST.get("step", "")
        self.form = self.make(self.request.POST or drafts.opened(self.request, self.draft_kind, self.subject))
        if self.request.method != "POST":
            return self.fill(self.request.GET) if "template" in self.request.GET else self.show()
        doors.actor(self.request).require(Ability.DRAFT if self.draft_kind else Ability.PUBLISH)
        steps = {"edit": self.show, "draft": self.keep, "publish": self.publish}
        steps |= {"template": self.fill, "slot": self.take_slot}
        return steps.get(pressed, self.review)()

    def show(self, status: int = 200, **extra: Any) -> HttpResponse:
        """The form, with what was typed."""
        context = {
            **self.context(),
            **self.beside(self.form),
            "form": self.form,
            "draft_kind": self.draft_kind,
            **extra,
        }
        return doors.page(self.request, self.template, context, status=status)

    def fill(self, data: QueryDict | None = None) -> HttpResponse:
        """The form with the words of a template, and nothing lost that was typed."""
        if "template" not in self.form.fields:
            return self.show()
        filled = filling.from_template(self.make, data or self.request.POST)
        self.form = filled.form
        return self.show(filled=filled if self.form.initial.get("filled_from") else None)

    def take_slot(self) -> HttpResponse:
        """The form with the times that were suggested beside it."""
        sent = self.request.POST.items()
        slot = {name.removeprefix(SLOT): value for name, value in sent if name.startswith(SLOT)}
        times = {name: value for name, value in slot.items() if name in self.form.fields}
        self.form = filling.with_values(self.make, self.request.POST, times)
        return self.show()

    def review(self, status: int = 200, **extra: Any) -> HttpResponse:
        """Who will be told, before anybody is; what would be refused is refused here."""
        if not self.form.is_valid():
            return self.show(422)
        if Ability.PUBLISH in doors.actor(self.request).abilities and (refused := self.attempt(self.rehearse)):
            return refused
        event = self.event(self.form)
        context = {
            **self.context(),
            "event": event,
            "rendered": markup.render(event.body),
            "posted": [(name, value) for name, values in typed(self.request, self.form).items() for value in values],
            "audience": audience.of(event),
            "texts": ports.texts(event) if event.notify else [],
            "draft_kind": self.draft_kind,
            **self.review_context(self.form),
            **extra,
        }
        return doors.page(self.request, "console/review.html", context, status=status)

    def publish(self) -> HttpResponse:
        """Do it, then show where it stands."""
        doors.actor(self.request).require(Ability.PUBLISH)
        if not self.form.is_valid():
            return self.show(422)
        if said := drafts.withdrawn(self.form.cleaned_data):
            return self.conflict(said)
        if self.must_be_confirmed():
            return self.review(422, is_unconfirmed=True)
        if refused := self.attempt(self.do):
            return refused
        drafts.published(self.request, self.form.cleaned_data)
        doors.say_published(self.request)
        return redirect(self.target(self.done))

    def must_be_confirmed(self) -> bool:
        """Whether this costs something that the review names (`confirm`), and nobody ticked that they mean it."""
        is_meant = self.request.POST.get("confirmed") == CONFIRMED
        return not is_meant and bool(self.review_context(self.form).get("confirm"))

    def do(self) -> None:
        self.done = self.act(self.form)

    def rehearse(self) -> None:
        """Do it and take it back: whatever the action would refuse, it refuses now."""
        with transaction.atomic():
            self.act(self.form)
            transaction.set_rollback(True)
        if self.subject:
            self.subject.refresh_from_db()

    def attempt(self, step: Callable[[], None]) -> HttpResponse | None:
        """Every refusal comes back with the form and nothing lost; None where there was none."""
        try:
            step()
        except ValidationError as refused:
            return self.refuse(refused)
        except doors.CONFLICTS as conflict:
            return self.conflict(str(conflict))
        except FolderUnusable as trouble:
            return self.show(503, trouble=str(trouble))
        return None

    def refuse(self, refused: ValidationError) -> HttpResponse:
        add_errors(self.form, refused)
        return self.show(422)

    def conflict(self, said: str) -> HttpResponse:
        """What others did meanwhile, and the form with one's own text, ready to be sent again."""
        seen = self.form.cleaned_data.get("version")
        data = self.request.POST.copy()
        data["key"] = new_key()
        if self.subject:
            self.subject.refresh_from_db()
            data["version"] = str(self.subject.version)
            data["was_open"] = "yes" if getattr(self.subject, "is_open", False) else ""
        self.form = self.make(data)
        missed = doors.missed(self.subject, seen) if self.subject else []
        return self.show(409, conflict=said, missed=missed)

    def keep(self) -> HttpResponse:
        """A draft may lack anything; what is there is kept as it was typed."""
        drafts.keep(self.request, self.form, typed(self.request, self.form), self.draft_kind, self.subject)
        messages.success(self.request, _("The draft is kept; a publisher finds it on the console's first page."))
        return redirect("admin:index")


def add_errors(form: Form, refused: ValidationError) -> None:
    """An action's refusal at the field it is about, or above the form."""
    for name, said in refused.message_dict.items():
        field = FIELD_OF.get(name, name)
        form.add_error(field if field in form.fields else None, said)


def typed(request: HttpRequest, form: Form) -> dict[str, list[str]]:
    """What was typed in the form's own fields, without what belongs to the press itself."""
    data: QueryDict = request.POST
    return {name: values for name, values in data.lists() if name in form.fields and name not in OF_THE_PRESS}
