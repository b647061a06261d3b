"""What stands in somebody's way on a page: what axe finds under WCAG 2.0, 2.1 and 2.2, A and AA, in both themes."""

from pathlib import Path

from playwright.sync_api import Page

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
"""axe's names. Its rules of 2.2 are looked at only where they are asked for by name; it has none of level A."""
OF_COLOURS = ["color-contrast", "link-in-text-block"]
"""The rules that a theme can change the answer of."""
TEMPLATES = Path(__file__).resolve().parent.parent / "templates"
OTHER_THEME = {"light": "dark", "dark": "light"}
NOTHING_ELSE = {"resultTypes": ["violations"], "selectors": False}
"""Of what breaks no rule axe is to say nothing, nor where it stands: that takes longer than to look for it."""

Found = list[tuple[str, str, list[str]]]
"""Theme, rule, and the elements that break it."""


def violations(page: Page, axe: str) -> Found:
    """Whatever axe, whose source is given, finds on the page as it is, and then in the other theme."""
    page.evaluate(axe)
    theme = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'")
    found = broken(page, theme, {"type": "tag", "values": WCAG})
    page.emulate_media(color_scheme=OTHER_THEME[theme])
    found += broken(page, OTHER_THEME[theme], {"type": "rule", "values": OF_COLOURS})
    page.emulate_media(color_scheme=theme)
    return found


def pages_below(*folders: str) -> set[str]:
    """The names of templates in these folders that are whole pages: they extend another."""
    files = [file for folder in folders for file in (TEMPLATES / folder).glob("*.html")]
    return {str(file.relative_to(TEMPLATES)) for file in files if file.read_text().startswith("{% extends")}


def broken(page: Page, theme: str, rules: dict[str, object]) -> Found:
    answer = page.evaluate("options => axe.run(options)", {"runOnly": rules, **NOTHING_ELSE})
    return [(theme, each["id"], [node["html"] for node in each["nodes"]]) for each in answer["violations"]]
