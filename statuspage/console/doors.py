"""What the console's views share: form -> review -> action, and every refusal in words.

A publishing form is sent three times at the most: `review` shows who will be told,
`edit` goes back with nothing lost, `publish` calls the action.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from statuspage import audit, markup, ports
from statuspage.actions import drafts
from statuspage.actions.base import FormUsed, IncidentClosed, MaintenanceClosed, StaleEdit
from statuspage.events import Event
from statuspage.models import Draft
from statuspage.publishing import publish
from statuspage.publishing.store import FolderUnusable
from statuspage.roles import Ability

from .forms import new_key

CONFLICTS = (StaleEdit, FormUsed, IncidentClosed, MaintenanceClosed)
TROUBLES = (*CONFLICTS, FolderUnusable)
"""What an action refuses though the input is right."""

NOT_KEPT = {"key", "version"}
"""What belongs to one showing of a form, not to a draft of it."""
BY = {"email": gettext_lazy("by e-mail"), "sms": gettext_lazy("by SMS"), "webhook": gettext_lazy("by webhook")}


@dataclass
class Telling:
    """One publishing form on its way: how it looks, what it announces and what it does."""

    request: HttpRequest
    form: Any
    template: str
    event: Callable[[], Event]
    act: Callable[[], Any]
    target: Callable[[Any], str]
    context: dict[str, Any] = field(default_factory=dict)
    subject: Any = None
    draft_kind: str = ""
    verdict: Callable[[], dict[str, Any] | None] | None = None
    claims: Callable[[], list[str]] | None = None

    def answer(self) -> HttpResponse:
        """The page that follows from what was pressed."""
        pressed = self.request.POST.get("step", "")
        if self.request.method != "POST" or pressed == "edit":
            return self.show()
        if not self.form.is_valid():
            return self.show(status=422)
        if pressed == "draft" and self.draft_kind:
            return self.keep_draft()
        actor(self.request).require(Ability.PUBLISH)
        return self.publish() if pressed == "publish" else self.review()

    def show(self, *, status: int = 200, **extra: Any) -> HttpResponse:
        """The form, with what was typed."""
        return page(self.request, self.template, {**self.context, "form": self.form, **extra}, status=status)

    def review(self) -> HttpResponse:
        """Who will be told, before anybody is; what would be refused is refused here."""
        try:
            self.rehearse()
            event = self.event()
        except ValidationError as refused:
            return self.refuse(refused)
        except TROUBLES as trouble:
            self.renew()
            return self.show(**told(trouble))
        context = {
            "event": event,
            "rendered": markup.render(event.body),
            "posted": [(name, value) for name, values in typed(self.request).items() for value in values],
            "audience": audience(event),
            "verdict": self.verdict() if self.verdict else None,
            "claims": self.claims() if self.claims else [],
            **self.context,
        }
        return page(self.request, "console/review.html", context)

    def rehearse(self) -> None:
        """Do it and take it back: whatever the action would refuse, it refuses now."""
        with transaction.atomic():
            self.act()
            transaction.set_rollback(True)
        if self.subject is not None:
            self.subject.refresh_from_db()

    def publish(self) -> HttpResponse:
        """Do it; every refusal comes back with the form and nothing lost."""
        try:
            done = self.act()
        except ValidationError as refused:
            return self.refuse(refused)
        except TROUBLES as trouble:
            self.renew()
            return self.show(**told(trouble))
        discard(self.request)
        say_published(self.request)
        return redirect(self.target(done))

    def renew(self) -> None:
        """After a refusal the form can be sent again: by somebody who has now seen what changed."""
        self.form.data = self.form.data.copy()
        self.form.data["key"] = new_key()
        if self.subject is not None:
            self.subject.refresh_from_db()
            self.form.data["version"] = self.subject.version

    def refuse(self, refused: ValidationError) -> HttpResponse:
        for name, said in refused.message_dict.items():
            own = FIELD_OF.get(name, name)
            self.form.add_error(own if own in self.form.fields else None, said)
        return self.show(status=422)

    def keep_draft(self) -> HttpResponse:
        payload = {name: values for name, values in typed(self.request).items() if name not in NOT_KEPT}
        drafts.save_draft(kind=self.draft_kind, payload=payload, actor=actor(self.request))
        discard(self.request)
        messages.success(self.request, _("The draft is kept; a publisher finds it on the console's first page."))
        return redirect("admin:index")


FIELD_OF = {"scheduled_for": "starts", "scheduled_until": "ends", "next_update_by": "next_update"}
"""An action's word for an input -> the form's field."""


def typed(request: HttpRequest) -> dict[str, list[str]]:
    """What was typed, field by field, without what belongs to the press itself."""
    return {name: values for name, values in request.POST.lists() if name not in {"step", "csrfmiddlewaretoken"}}


def told(trouble: Exception) -> dict[str, Any]:
    """How a page says it: 409 for what somebody else did, 503 for what the machine cannot."""
    if isinstance(trouble, FolderUnusable):
        return {"status": 503, "trouble": str(trouble)}
    return {"status": 409, "conflict": str(trouble)}


def discard(request: HttpRequest) -> None:
    """The draft that the form came from has served its purpose."""
    named = request.POST.get("draft", "")
    draft = Draft.objects.filter(pk=int(named)).first() if named.isdigit() else None
    if draft:
        drafts.discard_draft(draft=draft, actor=actor(request))


def actor(request: HttpRequest) -> audit.Actor:
    return audit.staff(request.user)


def page(request: HttpRequest, template: str, context: Mapping[str, Any], status: int = 200) -> HttpResponse:
    """A console page with what the admin site puts around it."""
    return render(request, template, {**admin.site.each_context(request), **context}, status=status)


def audience(event: Event) -> dict[str, str]:
    """For the review: a sentence with the counts by channel, and the words on the button."""
    counts = ports.audience(event)
    if counts is None:
        return {"text": _("No notifications are installed: nobody is told."), "button": _("Publish")}
    if not event.notify:
        return {"text": _("Nobody is told: this only changes the page."), "button": _("Publish, tell nobody")}
    total = sum(counts.values())
    if not total:
        return {"text": _("Nobody has subscribed to this yet."), "button": _("Publish")}
    text = ngettext(
        "This will tell %(people)s subscriber: %(parts)s.", "This will tell %(people)s subscribers: %(parts)s.", total
    )
    button = ngettext("Publish and tell %(people)s subscriber", "Publish and tell %(people)s subscribers", total)
    words = {"people": f"{total:,}", "parts": ", ".join(by_channel(counts))}
    return {"text": text % words, "button": button % words}


def by_channel(counts: Mapping[str, int]) -> list[str]:
    """ "1,234 by e-mail", "56 by SMS"."""
    return [f"{count:,} {BY.get(channel, channel)}" for channel, count in sorted(counts.items()) if count]


def say_published(request: HttpRequest) -> None:
    if publish.is_current():
        messages.success(request, _("Published: readers see it now."))
    else:
        messages.warning(
            request, _("Stored, but the page was not regenerated yet; it is tried again every few seconds.")
        )
