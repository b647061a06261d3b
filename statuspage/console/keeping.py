"""A form that is stored at once, without a review: it tells nobody. Every refusal keeps what was typed."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import Promise

from statuspage.publishing.store import FolderUnusable

from . import doors
from .telling import add_errors


@dataclass
class Keeping:
    """How one form looks, what it does and where that leads."""

    request: HttpRequest
    form: Any
    template: str
    context: dict[str, Any]
    act: Callable[[], Any]
    target: Callable[[Any], str]
    said: str | Promise = ""
    """What is said when it is done; empty: that readers see it now."""
    subject: doors.Versioned | None = None
    """What the form is about, where it has versions."""
    is_done: Callable[[], bool] = field(default=lambda: False)
    """Whether an earlier press of the same button did it already."""

    def answer(self) -> HttpResponse:
        """The form, or where it leads."""
        if self.request.method != "POST" or not self.form.is_valid():
            return self.show(422 if self.form.errors else 200)
        try:
            done = self.act()
        except ValidationError as refused:
            add_errors(self.form, refused)
            return self.show(422)
        except FolderUnusable as trouble:
            return self.show(503, trouble=str(trouble))
        except doors.CONFLICTS as conflict:
            if not self.is_done():
                return self.conflict(str(conflict))
            done = None
        self.say()
        return redirect(self.target(done))

    def show(self, status: int = 200, **extra: Any) -> HttpResponse:
        return doors.page(self.request, self.template, {**self.context, "form": self.form, **extra}, status=status)

    def say(self) -> None:
        if self.said:
            messages.success(self.request, self.said)
        else:
            doors.say_published(self.request)

    def conflict(self, said: str) -> HttpResponse:
        """What others did meanwhile, and one's own input, ready to be sent again."""
        if self.subject is None:
            return self.show(409, conflict=said)
        seen = self.form.cleaned_data["version"]
        self.subject.refresh_from_db()
        self.form.data = self.form.data.copy()
        self.form.data["version"] = str(self.subject.version)
        return self.show(409, conflict=said, missed=doors.missed(self.subject, seen))
