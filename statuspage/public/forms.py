"""What the forms of all public pages have in common."""

from typing import Any

from django import forms


class ReaderForm(forms.Form):
    """A form that readers fill in: labels as they are written; the first field that is wrong takes the focus."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, label_suffix="", **options)

    def full_clean(self) -> None:
        super().full_clean()
        wrong = next((name for name in self.fields if self.is_bound and name in self.errors), None)
        if wrong:
            self.fields[wrong].widget.attrs["autofocus"] = True
