"""The one style and the one script, as they stand inside every page, and the site's brand.

Inlined, so that a first visit is one request; hashed, so that the browser runs nothing
else. `csp()` must go out with every page that was rendered with this style and script.
"""

import base64
import hashlib
import mimetypes
import re
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.utils.safestring import SafeString, mark_safe

CSS_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
CSS_SPACE = re.compile(r"\s+")
CSS_AROUND = re.compile(r" ?([{};,>]) ?|(?<=:) ")
JS_LEAD = re.compile(r"^\s*(?://.*)?\n?", re.MULTILINE)
COLOUR = re.compile(r"#(?:[0-9a-fA-F]{6})")
DARK, LIGHT = "#000000", "#ffffff"
POLICY = (
    "default-src 'none'; style-src {styles}; script-src {scripts}; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""docs/security.md 3. `img-src data:` is the icon and a logo given as a file."""

FAVICON_COLOURS = {
    "operational": "#17703a",
    "degraded_performance": "#b37f00",
    "partial_outage": "#d9661a",
    "major_outage": "#b3202c",
    "under_maintenance": "#3476c8",
}
"""An icon in a tab has no style sheet: these are `static/page.css`'s, and a test says so."""
NEUTRAL = "#545e69"
FAVICON = (
    "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'>"
    "<circle cx='4.5' cy='4.5' r='4' fill='{}'/></svg>"
)


@lru_cache
def source(name: str) -> str:
    """A file of `static/`; read once, since a release replaces the process too."""
    return (Path(settings.BASE_DIR) / "static" / name).read_text(encoding="utf-8")


@lru_cache
def minified_style(css: str) -> str:
    """Without comments and spare spaces. Knows only the CSS that `static/page.css` uses."""
    css = CSS_COMMENT.sub("", css)
    css = CSS_SPACE.sub(" ", css)
    return CSS_AROUND.sub(lambda match: match[1] or "", css).replace(";}", "}").strip()


@lru_cache
def minified_script(script: str) -> str:
    """Without indentation, empty lines and lines that are comments; nothing cleverer."""
    return JS_LEAD.sub("", script).strip()


def style() -> SafeString:
    """The style sheet with the brand's colour put in."""
    return mark_safe(minified_style(source("page.css")) + accent())  # nosec B308 B703 - ours


def script() -> SafeString:
    return mark_safe(minified_script(source("page.js")))  # nosec B308 B703 - ours


def csp(before: str = "") -> str:
    """The Content-Security-Policy of every page that extends `public/layout.html`.

    `before`: a policy whose styles and scripts it permits as well, where pages of both are about.
    """
    return POLICY.format(
        styles=sources("style-src", before, integrity(style())),
        scripts=sources("script-src", before, integrity(script())),
    )


def framable(policy: str) -> str:
    """The same policy for what any site may show in a frame."""
    return policy.replace("frame-ancestors 'none'", "frame-ancestors *")


def sources(directive: str, before: str, ours: str) -> str:
    """What a directive permitted before, in its order, and `ours`."""
    (permitted,) = re.findall(rf"{directive} ([^;]+);", before) or [""]
    return " ".join(dict.fromkeys([*permitted.split(), f"'{ours}'"]))


def integrity(text: str) -> str:
    """What CSP calls the text between the tags of an inlined style or script."""
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


def favicon(status: str = "") -> str:
    """A dot in the page's tone as a `data:` address, so that no browser asks for an icon."""
    return FAVICON.format(FAVICON_COLOURS.get(status, NEUTRAL).replace("#", "%23"))


def accent() -> str:
    """BRAND_COLOUR as custom properties, with whichever ink can be read on it."""
    colour = settings.BRAND["colour"]
    if not COLOUR.fullmatch(colour):
        return ""
    return f":root{{--accent:{colour};--on-accent:{readable_on(colour)}}}"


def readable_on(colour: str) -> str:
    """Dark or light ink: one of the two always has a contrast of at least 4.5."""
    return max(DARK, LIGHT, key=lambda ink: contrast(ink, colour))


def contrast(first: str, second: str) -> float:
    """WCAG 2.2's contrast ratio of two `#rrggbb` colours, 1 to 21."""
    lighter, darker = sorted((luminance(first), luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    """WCAG 2.2's relative luminance of a `#rrggbb` colour, 0 to 1."""
    channels = [int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    red, green, blue = (each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def logo() -> str:
    """BRAND_LOGO as the `src` of an image: a file is inlined, a path stays a path.

    Empty where it is neither: the page asks no other host for anything.
    """
    value = settings.BRAND["logo"]
    if value.startswith("data:image/"):
        return str(value)
    if value and Path(value).is_file():
        return inlined(Path(value))
    return str(value) if value.startswith("/") and not value.startswith("//") else ""


def inlined(path: Path) -> str:
    """A file on this machine as a `data:` address."""
    kind = mimetypes.guess_type(path.name)[0] or "image/svg+xml"
    return f"data:{kind};base64,{base64.b64encode(path.read_bytes()).decode()}"
