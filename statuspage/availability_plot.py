"""The availability of components by month as one SVG: a square a month, in light and dark, told by number and colour.

Pure: cells in, text out. The same cells give the same bytes.
"""

from collections.abc import Iterator, Sequence
from html import escape

from .availability_history import Cell
from .sla.statement import Statement

SIDE, GAP, ROW, LABEL, HEAD, FOOT = 17, 2, 16, 176, 44, 46
"""Drawing units: a month's square and what is between two, a row, the names' column, above and below."""
LONGEST = 26
"""Characters of a name that the column holds."""

STYLE = """
text{font:11px system-ui,sans-serif;fill:#24292f}.dim{fill:#57606a}.days{font-size:9px;text-anchor:middle}
.paper{fill:#fff}.met{fill:#dfe7e1}.d3{fill:#f0c24b}.d7{fill:#e5823a}.d15{fill:#a4261d}text.d15{fill:#fff}text.d3,text.d7{fill:#24292f}
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.dim{fill:#9aa4af}.paper{fill:#0d1117}.met{fill:#26352b}.d15{fill:#c9352b}}
"""
KEY = {0: "target met", 3: "3 days of credit", 7: "7 days", 15: "15 days"}


def as_svg(cells: Sequence[Cell]) -> Iterator[str]:
    """Two rows for each component: a major outage alone interrupts; a partial one too."""
    months = sorted({each.month for each in cells})
    rows = by_component(cells)
    width = LABEL + len(months) * SIDE + GAP
    height = HEAD + len(rows) * (2 * ROW + GAP) + FOOT
    yield f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    yield ' role="img" aria-labelledby="title">\n<title id="title">Availability by component and month</title>'
    yield f"<style>{STYLE}</style>\n"
    yield f'<rect class="paper" width="{width}" height="{height}"/>\n'
    yield from years(months)
    for number, held in enumerate(rows.values()):
        yield from component(held, months, HEAD + number * (2 * ROW + GAP))
    yield from key(height - FOOT + ROW)
    yield "</svg>\n"


def by_component(cells: Sequence[Cell]) -> dict[str, list[Cell]]:
    found: dict[str, list[Cell]] = {}
    for each in cells:
        found.setdefault(each.component.pk, []).append(each)
    return found


def years(months: Sequence[str]) -> Iterator[str]:
    yield words(8, 18, "Each first row: a major outage alone interrupts. Each second row: a partial one too.", "dim")
    for place, month in enumerate(months):
        if month.endswith("-01"):
            yield words(LABEL + place * SIDE, HEAD - 8, month[:4])


def component(cells: Sequence[Cell], months: Sequence[str], top: int) -> Iterator[str]:
    name = cells[0].component.name
    yield words(8, top + ROW - 4, name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…")
    yield words(8, top + 2 * ROW - 4, "with partial outages", "dim")
    for place, found in enumerate(([each.major for each in cells], [each.partial for each in cells])):
        lefts = [LABEL + months.index(each.month) * SIDE for each in cells]
        yield from row(list(zip(lefts, found, strict=True)), top + place * ROW)


def row(squares: Sequence[tuple[int, Statement]], top: int) -> Iterator[str]:
    """Months that met the target are one path; the others carry the days of credit they came to."""
    met = "".join(f"M{left} {top}h{SIDE - GAP}v{ROW - GAP}h-{SIDE - GAP}z" for left, found in squares if found.is_met)
    yield f'<path class="met" d="{met}"/>\n'
    for left, found in squares:
        if not found.is_met:
            minutes = f"{found.inputs.period_key}: {float(found.counted_seconds / 60):.2f} min"
            yield from square(left, top, found.credit_days, minutes)


def square(left: int, top: int, days: int, told: str = "") -> Iterator[str]:
    title = f"<title>{told}</title>" if told else ""
    yield f'<rect class="{band(days)}" x="{left}" y="{top}" width="{SIDE - GAP}" height="{ROW - GAP}">{title}</rect>'
    if days:
        yield words(left + (SIDE - GAP) // 2, top + ROW - 5, str(days), f"days {band(days)}")


def key(top: int) -> Iterator[str]:
    left = LABEL
    for days, text in KEY.items():
        yield from square(left, top, days)
        yield words(left + SIDE + 3, top + ROW - 5, text, "dim")
        left += 130


def band(days: int) -> str:
    return f"d{days}" if days else "met"


def words(left: int, top: int, text: str, kind: str = "") -> str:
    of_kind = f' class="{kind}"' if kind else ""
    return f'<text{of_kind} x="{left}" y="{top}">{escape(text)}</text>\n'
