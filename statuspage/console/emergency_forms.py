"""Forms for work of which notice was not reasonably possible: the reason, and its approval."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from statuspage.actions.approvals import REASON_MAX

from .fields import Text


def reason_field(**kwargs: Any) -> Text:
    return Text(
        label=_("Why notice was not reasonably possible"),
        max_length=REASON_MAX,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("A second person, a service-level officer, must approve it before the start."),
        **kwargs,
    )


class EmergencyForm(forms.Form):
    reason = reason_field()


class ApprovalForm(forms.Form):
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)

    def clean_seen(self) -> datetime | None:
        """When what was on the page had been asked for."""
        try:
            return datetime.fromisoformat(self.cleaned_data["seen"]) if self.cleaned_data["seen"] else None
        except ValueError:
            raise forms.ValidationError(_now("Open the page again.")) from None
