"""What the public templates say in one word: times through the page's clock, icons, bodies."""

from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django import template
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from statuspage import own_words
from statuspage.labels import COMPONENT_STATUS, UPDATE_STATUS
from statuspage.markup import render
from statuspage.publishing.languages import Language, lang_of_site
from statuspage.publishing.stories import Past, Story
from statuspage.publishing.times import Clock, iso, short_day_text

register = template.Library()
register.filter("iso", iso)
register.simple_tag(lang_of_site)


@register.filter
def markup(body: str) -> SafeString:
    """A body as HTML; what the page said by itself in the reader's language."""
    return render(own_words.as_read(body))


@register.simple_tag
def lang_of_body(body: str) -> str:
    """The `lang` attribute of a body: what the page said by itself is in the language around it."""
    return "" if own_words.is_own(body) else lang_of_site()


@register.simple_tag
def icon(status: str) -> SafeString:
    """A status's icon from the sprite in `public/layout.html`; the word stands beside it."""
    return format_html('<svg class="icon" aria-hidden="true"><use href="#{}"/></svg>', status)


@register.simple_tag(takes_context=True)
def moment(context: dict[str, Any], at: datetime) -> SafeString:
    clock: Clock = context["clock"]
    return clock.moment(at)


@register.simple_tag(takes_context=True)
def window(context: dict[str, Any], start: datetime, end: datetime) -> SafeString:
    clock: Clock = context["clock"]
    return clock.window(start, end)


@register.simple_tag(takes_context=True)
def relative(context: dict[str, Any], at: datetime) -> SafeString | str:
    clock: Clock = context["clock"]
    return clock.relative(at)


@register.simple_tag
def past(story: Story, language: Language) -> SafeString:
    """One line of what is over."""
    return past_html(story.past, language, settings.LANGUAGE_CODE)


@lru_cache(maxsize=2048)
def past_html(past: Past, language: Language, _site_language: str) -> SafeString:
    """Kept from one publication to the next: a month holds a hundred, of which an update changes none or one."""
    return render_to_string("public/past.html", {"past": past, "prefix": language.prefix})


@register.filter
def status_label(status: str) -> str:
    """A component's status in the reader's language; as it came where it is unknown."""
    return str(COMPONENT_STATUS.get(status, status))


@register.filter
def update_label(status: str) -> str:
    return str(UPDATE_STATUS.get(status, status))


@register.filter
def is_past(at: datetime, clock: Clock) -> bool:
    """Whether the page speaks from a moment after `at`."""
    return clock.is_past(at)


@register.filter
def isolated(text: str) -> SafeString:
    """An address or a name inside a sentence, whose direction stays its own."""
    return format_html("<bdi>{}</bdi>", text)


@register.filter
def names(components: tuple[str, ...]) -> SafeString:
    """Names in a row, each with a direction of its own."""
    return format_html_join(_(", "), "<bdi{}>{}</bdi>", ((lang_of_site(), name) for name in components))


@register.filter
def day(value: date) -> str:
    return short_day_text(value, with_weekday=True)


@register.filter
def short_day(value: date) -> str:
    return short_day_text(value)
