"""The look for barriers itself, and the pages that stand alone because there is nothing to stand in."""

import pytest
from django.template.loader import render_to_string
from django.utils import translation

from tests.barriers import violations

POOR = """<!doctype html><html lang="en"><title>Poor</title><style>
body { background: #fff; color: #000 } a { display: block; width: 9px; height: 9px; overflow: hidden }
@media (prefers-color-scheme: dark) { body { background: #222 } p { color: #444 } }
</style><main><h1>Poor</h1><p>Words</p><a href="/a">a</a><a href="/b">b</a></main></html>"""

ALONE = ["403.html", "500.html", "503.html", "console/crowded.html"]


@pytest.fixture
def page(chromium):
    with chromium.new_page() as page:
        yield page


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_targets_too_small_to_hit_are_found_and_words_too_pale_in_either_theme(page, axe, theme):
    page.emulate_media(color_scheme=theme)
    page.set_content(POOR)
    found = {(theme, rule) for theme, rule, _ in violations(page, axe)}
    assert found >= {(theme, "target-size"), ("dark", "color-contrast")}
    assert ("light", "color-contrast") not in found
    assert page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches") is (theme == "dark")


@pytest.mark.parametrize("language", ["en", "ar"])
def test_pages_that_stand_alone_have_no_barrier(page, axe, language):
    with translation.override(language):
        for name in ALONE:
            page.goto("about:blank")  # otherwise something of the page before stays, its theme for one
            page.set_content(render_to_string(name))
            if name == "403.html":  # in the console's frame
                page.add_style_tag(path="static/console/console.css")
            assert (name, violations(page, axe)) == (name, [])
            assert page.evaluate("document.documentElement.dir") == {"en": "ltr", "ar": "rtl"}[language]
