"""What staff write is shown as they meant it, and can do nothing to who reads it."""

from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from statuspage.markup import ATTRIBUTES, LINK_REL, SCHEMES, TAGS, render


class Elements(HTMLParser):
    """Every element and attribute of a rendered body, as a browser would read them."""

    def __init__(self, html):
        super().__init__()
        self.found = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))

    def handle_comment(self, data):
        self.found.append(("#comment", {}))

    def handle_decl(self, decl):
        self.found.append(("#declaration", {}))


def assert_harmless(html):
    for tag, attributes in Elements(html).found:
        assert tag in TAGS
        assert set(attributes) <= ATTRIBUTES.get(tag, set()) | ({"rel"} if tag == "a" else set())
        if "href" in attributes:
            assert attributes["href"].partition(":")[0].lower() in SCHEMES
            assert attributes["rel"] == LINK_REL


@pytest.mark.parametrize(
    ("body", "html"),
    [
        ("**API** is _slow_.", "<p><strong>API</strong> is <em>slow</em>.</p>"),
        ("one\ntwo", "<p>one<br>\ntwo</p>"),
        ("one<br /><br />two", "<p>one</p>\n<p>two</p>"),
        ("`<br>`", "<p><code>&lt;br&gt;</code></p>"),
        ("# Why\n\n## How", "<h4>Why</h4>\n<h5>How</h5>"),
        ("#### Only", "<h4>Only</h4>"),
        ("a < b && c", "<p>a &lt; b &amp;&amp; c</p>"),
        ("{{ settings.SECRET_KEY }}", "<p>{{ settings.SECRET_KEY }}</p>"),
        (
            "See https://example.com/a?b=1&c=2.",
            '<p>See <a href="https://example.com/a?b=1&amp;c=2" rel="nofollow noopener noreferrer">'
            "https://example.com/a?b=1&amp;c=2</a>.</p>",
        ),
        ("`https://example.com/`", "<p><code>https://example.com/</code></p>"),
        ("", ""),
    ],
)
def test_a_body_reads_as_it_was_meant(body, html):
    assert render(body) == html


def test_a_link_inside_a_link_is_not_made():
    html = render("[https://a.example/](https://b.example/)")
    assert [attributes["href"] for _, attributes in Elements(html).found if attributes] == ["https://b.example/"]


PAYLOADS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    "<a href='javascript:alert(1)'>x</a>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\nscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](javascript&colon;alert(1))",
    "[x](\x01javascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:x)",
    "[x](//evil.example)",
    "[x](/relative)",
    "![x](javascript:alert(1))",
    "![x](https://tracker.example/pixel.png)",
    '![x](https://a.example/"onerror=alert(1))',
    "<javascript:alert(1)>",
    '<https://a.example/" onclick=alert(1)>',
    'https://a.example/"onmouseover=alert(1)',
    "https://a.example/'onmouseover='alert(1)",
    '[x](https://a.example "\\" onmouseover=alert(1) \\"")',
    "[x][y]\n\n[y]: javascript:alert(1)",
    "[x][y]\n\n[y]: https://a.example '\" onclick=alert(1)'",
    "**<b onclick=alert(1)>**",
    "> <iframe srcdoc='<script>alert(1)</script>'>",
    "- <style>*{display:none}</style>",
    "```html\n</code></pre><script>alert(1)</script>\n```",
    "<!--><script>alert(1)</script>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?php x ?><!DOCTYPE x>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<form action=https://evil.example><input name=password>",
    "<base href=https://evil.example>",
    "<br onclick=alert(1) />",
    "[[x](javascript:alert(1))](https://a.example)",
    "[x](https://a.example)[y](<javascript:alert(1)>)",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "\u202e<script>alert(1)</script>",
    "[" * 500 + "x" + "](javascript:alert(1))" * 500,
]


@pytest.mark.parametrize("body", PAYLOADS)
def test_fault_68_a_payload_stays_text(body):
    assert_harmless(render(body))


FRAGMENTS = [
    *("<script>", "</a>", "<svg", "<!--", "-->", "<", ">", "/", "onclick=", "="),
    *("[", "](", ")", "![", "javascript:", "data:", "https://a.example", '"', "'", "\\"),
    *("`", "*", "_", "#", "1.", "-", "\n", "\t", " ", "&", "&#106;", "&colon;"),
]


@given(st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=5)).map("".join))
@example("https://a.example/[x](javascript:alert(1))")
def test_fault_68_whatever_is_written_only_allowed_elements_come_out(body):
    assert_harmless(render(body))


def test_fault_68_a_long_hostile_body_is_rendered_quickly():
    for piece in ("[", "*", "_", "`", "> ", "https://.", "<", "![", "[a]("):
        render(piece * (25_000 // len(piece)))
