"""`/report`: a reader says what fails, after the page has said what is known.

The form is a published document, so it is there with the database down; its POST is taken
here. Answers are published documents too, whose addresses name nobody.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from statuspage import selectors
from statuspage.actions import report_claims, reports
from statuspage.actions.base import NAME_MAX
from statuspage.actions.report_details import MOST_MESSAGES
from statuspage.models import Publication
from statuspage.publishing import capture, html, languages
from statuspage.publishing.documents import Document, key_of, register_hot
from statuspage.publishing.languages import Language
from statuspage.publishing.snapshot import Component, Snapshot

from .forms import ReaderForm, StaffsSelect
from .strangers import client_network, is_same_origin

FORM = "/report"
RECEIVED = "/report/received"
SINCE: list[tuple[str, Promise]] = [
    ("0", _("Just now")),
    ("15", _("A quarter of an hour ago")),
    ("60", _("An hour ago")),
    ("240", _("Four hours ago")),
    ("1440", _("A day ago or longer")),
]
"""Minutes, as people remember them; to the minute nobody knows at 3 a.m."""


CLIENTS = ("contact_email", "client_reference", "affected_messages", "total_messages")
"""Fields for who has a contract; one of them makes it a client's report."""


class ReportForm(ReaderForm):
    """What fails, where, and since when; and for a client who it is, and how many messages it hits."""

    what = forms.CharField(
        label=_("What does not work?"),
        widget=forms.Textarea(attrs={"rows": 4, "maxlength": reports.WHAT_MAX}),
        error_messages={"required": _("Say in a sentence what does not work.")},
    )
    component = forms.ChoiceField(label=pgettext_lazy("of a problem", "Where?"), required=False, widget=StaffsSelect)
    since = forms.ChoiceField(label=_("Since when?"), choices=SINCE, required=False)
    contact_email = forms.EmailField(
        label=_("Your e-mail address"),
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text=_("The one that your contract names as a contact. The number of your report is sent there."),
    )
    known = forms.ChoiceField(label=_("Is it what we know already?"), required=False, widget=StaffsSelect)
    client_reference = forms.CharField(label=_("Your reference as a client"), required=False, max_length=NAME_MAX)
    affected_messages = forms.IntegerField(
        label=_("Messages affected"), required=False, min_value=0, max_value=MOST_MESSAGES
    )
    total_messages = forms.IntegerField(
        label=_("Messages sent in that time"), required=False, min_value=0, max_value=MOST_MESSAGES
    )
    website = forms.CharField(
        label=_("Leave this empty"),
        required=False,
        widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}),
    )
    """The honeypot: no person sees it, programs that fill in every field do."""

    def __init__(self, *arguments: Any, snapshot: Snapshot, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["component"].choices = [("", _("I do not know")), *places(snapshot)]
        self.fields["known"].choices = [("", _("No, or I do not know")), *known(snapshot)]

    @property
    def is_a_clients(self) -> bool:
        """Whether something was typed where clients say who they are, or is wrong there."""
        return any(self.data.get(name) or name in self.errors for name in CLIENTS)


def places(snapshot: Snapshot) -> Iterator[tuple[str, Any]]:
    """Components in the page's order, those of a group under its name."""
    for top in snapshot.tops():
        if isinstance(top, Component):
            yield top.id, top.name
        elif members := snapshot.members(top):
            yield top.name, [(each.id, each.name) for each in members]


def known(snapshot: Snapshot) -> list[tuple[str, str]]:
    """The incidents that the form shows above its fields."""
    shown = (story for story in html.happening(snapshot) if not story.is_maintenance)
    return [(story.entry.id, story.entry.name) for story in shown]


# --- Documents ----------------------------------------------------------------------------------


@register_hot
def documents(snapshot: Snapshot) -> Iterator[Document]:
    """The form with what is known, and the words after it, in every language."""
    facts = key_of(snapshot.page.time_zone, list(places(snapshot)), list(briefly(snapshot)))
    for language in languages.published():
        yield html.spoken(language, FORM, lambda: page_of(snapshot), facts)
        yield html.spoken(language, RECEIVED, lambda: received(snapshot), "settings alone")


def briefly(snapshot: Snapshot) -> Iterator[tuple[object, ...]]:
    """What the form says of each thing that is known: not the words of its updates."""
    for story in html.happening(snapshot):
        entry = story.entry
        yield entry.id, entry.name, entry.status, entry.impact, entry.component_names, story.tone


def page_of(snapshot: Snapshot, form: ReportForm | None = None) -> bytes:
    context = {
        **html.shared(FORM, str(_("Report a problem")), str(_("Tell us what does not work for you."))),
        "form": form or ReportForm(snapshot=snapshot),
        "known": html.happening(snapshot),
    }
    return html.rendered("report.html", snapshot.page, context)


def received(snapshot: Snapshot) -> bytes:
    return html.rendered("report_received.html", snapshot.page, {})


# --- Doors --------------------------------------------------------------------------------------


@csrf_exempt
@require_POST
def report(request: HttpRequest) -> HttpResponse:
    """The form's POST, and the button "This is it" beside a known incident."""
    language = spoken_by(request)
    with translation.override(language.code):
        try:
            return taken(request, language)
        except (OperationalError, InterfaceError):
            return words(_("Reports cannot be taken just now. Please try again in a few minutes."), 503)


def taken(request: HttpRequest, language: Language) -> HttpResponse:
    """One report stored, or why not. The page's facts are read only where the form is shown again."""
    if not is_same_origin(request):
        return words(_("Forms are taken from this site's own pages only. Please use the form here."), 403)
    if request.POST.get("website"):
        return go_to(language.place(RECEIVED))
    try:
        store(request)
    except ValidationError as error:
        return again(request, error)
    except reports.TooMany as many:
        return words(str(many), 429)
    return go_to(language.place(RECEIVED))


def store(request: HttpRequest) -> None:
    """Through the action, which checks what it is given."""
    now, network = selectors.database_now(), client_network(request)
    if incident := request.POST.get("incident"):
        reports.confirm_failure(incident=incident[:32], network=network, now=now)
        return
    facts = words_of(request, now)
    if any(request.POST.get(name, "").strip() for name in CLIENTS):
        report_claims.claim_report(claim=claim_of(request, facts, network), now=now)
        return
    reports.report_failure(**facts, network=network, now=now)


def words_of(request: HttpRequest, now: datetime) -> dict[str, Any]:
    """What fails, where and since when, as the form has it."""
    since = request.POST.get("since", "")
    if since not in {"", *(value for value, _label in SINCE)}:
        raise ValidationError({"since": _("Choose one of these.")})
    began = now - timedelta(minutes=int(since or 0))
    return {"what": request.POST.get("what", ""), "component": request.POST.get("component", "")[:32], "since": began}


def claim_of(request: HttpRequest, facts: dict[str, Any], network: str) -> report_claims.Claim:
    return report_claims.Claim(
        **facts,
        email=request.POST.get("contact_email", ""),
        reference=request.POST.get("client_reference", ""),
        incident=request.POST.get("known", "")[:32],
        affected_messages=count(request, "affected_messages"),
        total_messages=count(request, "total_messages"),
        network=network,
        language=spoken_by(request).code,
    )


def count(request: HttpRequest, name: str) -> int | None:
    """A number as typed; the action says how large it may be."""
    text = request.POST.get(name, "").strip()
    if text and not (text.isascii() and text.isdecimal() and len(text) < 20):
        raise ValidationError({name: _("Give a number of messages.")})
    return int(text) if text else None


def again(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """The form with the reader's words in it, and what is wrong beside its field."""
    snapshot = capture.take(Publication.objects.current(), as_of=timezone.now(), months={})
    form = ReportForm(request.POST, snapshot=snapshot)
    for field, messages in error.message_dict.items():
        if field not in form.errors:
            form.add_error(field if field in form.fields else None, messages)
    return answer(page_of(snapshot, form), 422)


def spoken_by(request: HttpRequest) -> Language:
    """The language of the page that was filled in."""
    known = list(languages.published())
    return next((each for each in known if each.code == request.POST.get("language")), known[0])


def words(text: str | Promise, status: int) -> HttpResponse:
    page = html.page_from_settings()
    context = html.layout_context(page) | {"said": text}
    return answer(render_to_string("public/said.html", context).encode(), status)


def answer(body: bytes, status: int) -> HttpResponse:
    return HttpResponse(body, status=status, headers=headers())


def go_to(path: str) -> HttpResponse:
    """303: the browser fetches a page whose address names nobody."""
    return HttpResponse(status=303, headers={"Location": path, **headers()})


def headers() -> dict[str, str]:
    return {"Content-Security-Policy": html.csp(), "Cache-Control": "no-store", "X-Robots-Tag": "noindex"}
