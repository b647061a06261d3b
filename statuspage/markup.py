"""What staff write (CommonMark) becomes HTML that is safe wherever it is shown.

Called by the page, the feeds and the mails, so a body means the same everywhere. Two
walls: the parser knows no raw HTML and no other scheme than SCHEMES, and what it wrote
passes an allow-list. Never sees a template: a body is data.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

SCHEMES = frozenset({"http", "https", "mailto"})
TAGS = frozenset(
    [
        "a",
        "blockquote",
        "br",
        "code",
        "em",
        "h4",
        "h5",
        "h6",
        "hr",
        "li",
        "ol",
        "p",
        "pre",
        "strong",
        "ul",
    ]
)
"""No images: a remote one would tell a third party who reads."""
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
LINK_REL = "nofollow noopener noreferrer"
BARE_ADDRESS = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]]")
STATUSPAGE_BREAK = re.compile(r"<br ?/>")
"""How Statuspage keeps a line break in a body: imported bodies are full of it."""
KEPT_BODIES = 512
"""A page is rendered every minute from mostly the same bodies; parsing costs most of it."""


class Markdown(MarkdownIt):
    """CommonMark's parser with a shorter list of links."""

    def validateLink(self, url: str) -> bool:
        """Only whole addresses of SCHEMES; anything else stays the text it was."""
        scheme, colon, rest = url.partition(":")
        return bool(colon and rest) and scheme.lower() in SCHEMES


def lower_headings(state: StateCore) -> None:
    """The body's headings become h4 to h6, so that they sit below the page's own."""
    headings = [token for token in state.tokens if token.type.startswith("heading_")]
    levels = sorted({token.tag for token in headings})
    for token in headings:
        token.tag = f"h{min(4 + levels.index(token.tag), 6)}"


def link_bare_addresses(state: StateCore) -> None:
    """`https://...` in running text becomes a link, as everybody who types one expects."""
    for block in state.tokens:
        if block.type == "inline" and block.children and "://" in block.content:
            block.children = list(with_links(block.children))


def with_links(tokens: list[Token]) -> Iterator[Token]:
    """The same inline tokens, with bare addresses outside of links made links."""
    depth = 0
    for token in tokens:
        depth += {"link_open": 1, "link_close": -1}.get(token.type, 0)
        if token.type == "text" and not depth:
            yield from split_addresses(token.content)
        else:
            yield token


def split_addresses(text: str) -> Iterator[Token]:
    """Text tokens, and three tokens for each address in `text`."""
    end = 0
    for match in BARE_ADDRESS.finditer(text):
        yield text_token(text[end : match.start()])
        yield Token("link_open", "a", 1, attrs={"href": match[0]})
        yield text_token(match[0])
        yield Token("link_close", "a", -1)
        end = match.end()
    yield text_token(text[end:])


def text_token(text: str) -> Token:
    return Token("text", "", 0, content=text)


def parser() -> MarkdownIt:
    """CommonMark without raw HTML and images; a typed line break stays one."""
    markdown = Markdown("commonmark", {"html": False, "breaks": True})
    markdown.disable(["html_block", "html_inline", "image"])
    markdown.core.ruler.push("lower_headings", lower_headings)
    markdown.core.ruler.push("link_bare_addresses", link_bare_addresses)
    return markdown


PARSER = parser()


@lru_cache(maxsize=KEPT_BODIES)
def render(body: str) -> SafeString:
    """`body` as HTML: only TAGS and ATTRIBUTES, links only to SCHEMES."""
    text = STATUSPAGE_BREAK.sub("\n", body).encode("utf-8", "replace").decode()
    html = nh3.clean(
        PARSER.render(text),
        tags=set(TAGS),
        attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
        url_schemes=set(SCHEMES),
        link_rel=LINK_REL,
    )
    return mark_safe(html.strip())  # nosec B308 B703 - nh3 has just cleaned it
