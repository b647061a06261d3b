"""What the forms of all public pages have in common."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils import translation

from statuspage.publishing.languages import is_foreign


class ReaderForm(forms.Form):
    """A form that readers fill in: labels as they are written; the first field that is wrong takes the focus."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, label_suffix="", **options)

    def full_clean(self) -> None:
        super().full_clean()
        wrong = next((name for name in self.fields if self.is_bound and name in self.errors), None)
        if wrong:
            self.fields[wrong].widget.attrs["autofocus"] = True


class StaffsSelect(forms.Select):
    """Options in staff's words, which say what language they are in; an empty value's are the page's own."""

    def build_attrs(self, base_attrs: dict[str, Any], extra_attrs: dict[str, Any] | None = None) -> dict[str, Any]:
        spoken = {"lang": settings.LANGUAGE_CODE} if is_foreign() else {}
        return super().build_attrs(base_attrs, extra_attrs) | spoken

    def create_option(self, name: str, value: Any, *arguments: Any, **options: Any) -> dict[str, Any]:
        option: dict[str, Any] = super().create_option(name, value, *arguments, **options)
        if is_foreign() and not value:
            option["attrs"]["lang"] = translation.get_language()
        return option


class LanguageSelect(forms.Select):
    """Languages, each by its own name for itself."""

    def create_option(self, name: str, value: Any, *arguments: Any, **options: Any) -> dict[str, Any]:
        option: dict[str, Any] = super().create_option(name, value, *arguments, **options)
        option["attrs"]["lang"] = value
        return option
