"""What the form to subscribe in place offers: by the settings alone, so that it stands in every published page."""

from typing import Any

from django import template
from django.conf import settings

from notifications import places

register = template.Library()

FEW = 12
"""More countries than this would weigh on every page; texts are then asked for in the whole form."""


@register.simple_tag
def ways() -> dict[str, Any]:
    """`countries` that are texted, where they are few, else `texts_elsewhere`; the operator's `first`; `webhooks`."""
    countries = places.countries()
    is_few = len(countries) <= FEW
    return {
        "countries": countries if is_few else [],
        "first": next(iter(settings.SMS_COUNTRIES), ""),
        "texts_elsewhere": not is_few,
        "webhooks": settings.WEBHOOKS,
    }
