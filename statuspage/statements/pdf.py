"""A statement as PDF (reportlab): the same headings, sentences and tables as the page, and the same drawing.

The same statement gives the same bytes: no date of its making, no random id.
"""

import io
from functools import cache
from importlib.resources import files
from typing import Any
from xml.sax.saxutils import escape  # nosec B406: it writes text, nothing is parsed

from django.utils.translation import gettext as _
from reportlab.graphics.shapes import Drawing, Line, Rect, String
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import LongTable, Paragraph, SimpleDocTemplate, Spacer, TableStyle

from .figures import Figures
from .plot import Plot
from .shapes import Document, Section, Table

FONT = "NotoSans"
MARGIN = 14 * mm
WIDTH = landscape(A4)[0] - 2 * MARGIN
INK, DIM, RULE, COUNTED, EXCLUDED = (HexColor(each) for each in ("#1a1a1a", "#555555", "#bbbbbb", "#b3261e", "#9aa5b1"))
SMALL = 6.8
PADDING = (2, 4)
"""Of a cell, at its start and its end."""


@cache
def font() -> Any:
    """Registered once a process."""
    path = files("fontpkg_noto_sans") / "files" / "NotoSans[wdth,wght].ttf"
    found = TTFont(FONT, str(path))
    pdfmetrics.registerFont(found)
    return found


def style(size: float, **options: Any) -> ParagraphStyle:
    facts = {"fontName": FONT, "fontSize": size, "leading": size * 1.3, "textColor": INK} | options
    return ParagraphStyle(f"size-{size}", **facts)


def pdf(document: Document, plot: Plot | None, figures: Figures) -> bytes:
    font()
    target = io.BytesIO()
    name = f"{figures['contract']['name']} {figures['period']['key']}"
    paper = SimpleDocTemplate(
        target,
        pagesize=landscape(A4),
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=MARGIN,
        bottomMargin=MARGIN,
        title=f"{document.title}: {name}",
        author="",
        invariant=1,
    )
    foot = f"{name} · {figures['digest'][:16]}"
    paper.build(story(document, plot), onFirstPage=footing(foot), onLaterPages=footing(foot))
    return target.getvalue()


def footing(words: str) -> Any:
    """What stands below every page: whose statement it is, and the page's number."""

    def draw(canvas: Any, paper: Any) -> None:
        canvas.setFont(FONT, 7)
        canvas.setFillColor(DIM)
        canvas.drawString(MARGIN, 8 * mm, known(words))
        canvas.drawRightString(MARGIN + WIDTH, 8 * mm, str(paper.page))

    return draw


def story(document: Document, plot: Plot | None) -> list[Any]:
    found = [text(document.title, style(17)), Spacer(0, 2 * mm), text(document.standing, style(10))]
    if lacks("".join(document.texts())):
        found.append(
            text(_("This PDF’s font lacks some letters: they are printed as “?”. The page has them."), style(8))
        )
    found += [Spacer(0, 2 * mm), grid(Table([], [list(each) for each in document.facts]))]
    for section in document.sections:
        found += told(section, plot)
    return found


def told(section: Section, plot: Plot | None) -> list[Any]:
    found = [text(section.heading, style(11.5, spaceBefore=5 * mm, spaceAfter=1.5 * mm, keepWithNext=1))]
    found += [text(each, style(8, spaceAfter=1.5 * mm)) for each in section.said]
    if section.plot and plot:
        found += [drawing(plot), text(key(plot), style(7, textColor=DIM, spaceAfter=2 * mm))]
    if section.table and section.table.rows:
        found.append(grid(section.table))
    return found


def key(plot: Plot) -> str:
    said = _("Below: counted. Above, paler: not counted. The whole height is %(minutes)s minutes.")
    return said % {"minutes": plot.most}


# --- Text and tables ----------------------------------------------------------------------------------


def text(words: str, look: ParagraphStyle) -> Paragraph:
    return Paragraph(escape(known(words)), look)


def known(words: str) -> str:
    """What the font cannot draw is a question mark; the page has it as it is."""
    lacking = lacks(words)
    return "".join("?" if each in lacking else each for each in words) if lacking else words


def lacks(words: str) -> set[str]:
    """The letters of a text that the font cannot draw."""
    shapes = font().face.charToGlyph
    return {each for each in set(words) if ord(each) not in shapes and not each.isspace()}


def grid(table: Table) -> LongTable:
    look, widths = style(SMALL, wordWrap="LTR"), columns(table)
    rows = [[text(each, style(SMALL, textColor=DIM)) for each in table.heads]] if table.heads else []
    rows += [[cell(*each, look) for each in zip(row, widths, strict=True)] for row in table.rows]
    lines = [("LINEBELOW", (0, 0), (-1, -1), 0.25, RULE), ("VALIGN", (0, 0), (-1, -1), "TOP")]
    lines += [("FONT", (0, 0), (-1, -1), FONT, SMALL, SMALL * 1.3), ("TEXTCOLOR", (0, 0), (-1, -1), INK)]
    lines += [("LEFTPADDING", (0, 0), (-1, -1), PADDING[0]), ("RIGHTPADDING", (0, 0), (-1, -1), PADDING[1])]
    lines += [("TOPPADDING", (0, 0), (-1, -1), 1.5), ("BOTTOMPADDING", (0, 0), (-1, -1), 1.5)]
    if table.strong:
        lines.append(("LINEABOVE", (0, -1), (-1, -1), 0.8, INK))
    heads = 1 if table.heads else 0
    return LongTable(rows, colWidths=widths, repeatRows=heads, splitInRow=1, style=TableStyle(lines), hAlign="LEFT")


def cell(words: str, width: float, look: ParagraphStyle) -> str | Paragraph:
    """Words of one line as they are: a paragraph is laid out four times, and most cells are a number or a time."""
    said = known(words)
    if "\n" not in said and pdfmetrics.stringWidth(said, FONT, SMALL) <= width - sum(PADDING):
        return said
    return text(said, look)


def columns(table: Table) -> list[float]:
    """Widths by what stands in the columns: the longest word and the longest text each take part."""
    rows = ([table.heads] if table.heads else []) + table.rows
    wanted = [max(min(max(len(row[number]) for row in rows), 60), 5) for number in range(len(rows[0]))]
    return [WIDTH * each / sum(wanted) for each in wanted]


# --- The drawing --------------------------------------------------------------------------------------


def drawing(plot: Plot) -> Drawing:
    """As the page draws it; y grows upwards here."""
    found = Drawing(plot.width, plot.height)
    for each in plot.bars:
        add(found, plot, each.x, each.counted_y, each.counted, COUNTED)
        add(found, plot, each.x, each.excluded_y, each.excluded, EXCLUDED)
        if each.label:
            place = String(each.middle, 4, each.label, fontName=FONT, fontSize=7, textAnchor="middle", fillColor=DIM)
            found.add(place)
    low = plot.height - plot.foot
    found.add(Line(0, low, plot.width, low, strokeColor=RULE))
    return found


def add(found: Drawing, plot: Plot, x: int, top: int, high: int, colour: Any) -> None:
    if high:
        found.add(Rect(x, plot.height - top - high, plot.bar_width, high, fillColor=colour, strokeColor=None))
