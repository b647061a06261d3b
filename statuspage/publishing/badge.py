"""`/badge.svg`: the page's status for a README or a footer, in one small picture."""

from collections.abc import Iterator
from html import escape

from django.conf import settings
from django.utils import translation
from django.utils.translation import pgettext

from statuspage.labels import COMPONENT_STATUS

from .assets import FAVICON_COLOURS, NEUTRAL, readable_on
from .documents import SVG, Document, register_hot
from .sentences import tone
from .snapshot import Snapshot

HEIGHT = 20
PADDING = 8
CHARACTER = 7
"""Pixels of a letter in an 11 px sans serif; `textLength` makes whatever font there is fit."""

BADGE = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" role="img" aria-label="{label}">'
    '<title>{label}</title><clipPath id="r"><rect width="{width}" height="{height}" rx="3"/></clipPath>'
    '<g clip-path="url(#r)"><rect width="{width}" height="{height}" fill="#2b323a"/>'
    '<rect x="{left}" width="{right}" height="{height}" fill="{colour}"/></g>'
    '<g font-family="system-ui,Verdana,sans-serif" font-size="11">'
    '<text x="{padding}" y="14" fill="#fff" textLength="{name_length}">{name}</text>'
    '<text x="{said_at}" y="14" fill="{ink}" textLength="{said_length}">{said}</text></g></svg>\n'
)


@register_hot
def documents(snapshot: Snapshot) -> Iterator[Document]:
    status = tone(snapshot)
    yield Document("/badge.svg", SVG, lambda: badge(status), key=f"{settings.LANGUAGE_CODE}-{status}")


def badge(status: str) -> bytes:
    """The picture of one status; the words beside the colour, and for whoever hears the page."""
    with translation.override(settings.LANGUAGE_CODE):
        name, said = pgettext("badge", "status"), str(COMPONENT_STATUS[status])
    left, right = width_of(name), width_of(said)
    colour = FAVICON_COLOURS.get(status, NEUTRAL)
    picture = BADGE.format(
        width=left + right,
        height=HEIGHT,
        label=escape(f"{name}: {said}"),
        left=left,
        right=right,
        colour=colour,
        ink=readable_on(colour),
        padding=PADDING,
        name=escape(name),
        name_length=left - 2 * PADDING,
        said=escape(said),
        said_at=left + PADDING,
        said_length=right - 2 * PADDING,
    )
    return picture.encode()


def width_of(text: str) -> int:
    return CHARACTER * len(text) + 2 * PADDING
