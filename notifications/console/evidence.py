"""Evidence: what a client was told, to look at and to take along as a table or JSON."""

from datetime import UTC, datetime, time, timedelta
from itertools import islice
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from notifications import evidence, labels
from notifications.evidence import Wanted
from notifications.models import Subscriber
from statuspage.roles import Ability

from . import doors

SHOWN = 50
"""Rows on the page; the file has all."""

CLIENTS = 500
"""Names that the field suggests."""


def day() -> forms.DateField:
    return forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}))


class EvidenceForm(forms.Form):
    """Whose, and from which day to which; both days are whole days in UTC."""

    client = forms.CharField(label=_("Client"), required=False, max_length=255)
    subscription = forms.UUIDField(required=False, widget=forms.HiddenInput)
    since = day()
    until = day()

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, label_suffix="", **options)
        self.fields["since"].label, self.fields["until"].label = _("First day"), _("Last day")
        self.fields["client"].widget.attrs |= {"list": "clients", "autocomplete": "off"}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not (cleaned.get("client") or cleaned.get("subscription")) and not self.errors:
            self.add_error("client", _now("Name the client, as it stands on its subscribers' pages."))
        if cleaned.get("since") and cleaned.get("until") and cleaned["until"] < cleaned["since"]:
            self.add_error("until", _now("The last day is before the first."))
        return cleaned

    def wanted(self) -> Wanted:
        since, until = self.cleaned_data["since"], self.cleaned_data["until"]
        midnight = time(tzinfo=UTC)
        return Wanted(
            client="" if self.cleaned_data["subscription"] else self.cleaned_data["client"],
            subscription=self.cleaned_data["subscription"],
            since=datetime.combine(since, midnight) if since else None,
            until=datetime.combine(until + timedelta(days=1), midnight) if until else None,
        )


@require_safe
def room(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """The form, the first rows, and the file. Names no address."""
    actor = doors.actor(request)
    if Ability.SUBSCRIBERS not in actor.abilities:
        actor.require(Ability.SERVICE_LEVELS)
    asked = request.GET if request.GET.get("client") or request.GET.get("subscription") else None
    form = EvidenceForm(asked)
    context = {"title": _now("Evidence"), "form": form, "clients": clients()}
    if asked is None or not form.is_valid():
        return doors.page(request, "evidence.html", context, status=422 if form.errors else 200)
    if request.GET.get("format") in evidence.FORMATS:
        return file(form.wanted(), request.GET["format"])
    return doors.page(request, "evidence.html", {**context, **found(form.wanted())})


def found(wanted: Wanted) -> dict[str, Any]:
    """The first rows, and how many there are."""
    rows = list(islice(evidence.rows(wanted), SHOWN))
    for row in rows:
        row["by"] = labels.CHANNEL.get(row["channel"], row["channel"])
        row["what"] = doors.KIND.get(row["kind"], row["kind"])
        row["lead"] = timedelta(seconds=row["lead_seconds"]) if row["lead_seconds"] is not None else None
    return {"rows": rows, "count": wanted.deliveries().count(), "is_asked": True}


def file(wanted: Wanted, kind: str) -> StreamingHttpResponse:
    """All of it, as it is read from the database."""
    write, content_type = evidence.FORMATS[kind]
    name = f"evidence-{timezone.now():%Y-%m-%d}.{kind}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return StreamingHttpResponse(write(evidence.rows(wanted)), content_type=content_type, headers=headers)


def clients() -> list[str]:
    """The clients that subscribers have, for the field to suggest."""
    named = Subscriber.objects.exclude(client_reference="").order_by("client_reference")
    return list(named.values_list("client_reference", flat=True).distinct()[:CLIENTS])
