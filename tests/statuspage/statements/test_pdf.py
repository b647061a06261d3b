"""A statement on paper: nothing of it is cut, and what the font cannot draw is said."""

import io

import pypdf
import pytest

from statuspage.statements.pdf import pdf
from statuspage.statements.shapes import Document, Section, Table

FIGURES = {"contract": {"name": "Acme"}, "period": {"key": "2026-04"}, "digest": "0" * 64}
REASON_MAX = 2_000
MISSING = "This PDF’s font lacks some letters"


def pages(*reasons: str) -> list[str]:
    """What stands on each page of a statement with these corrections."""
    rows = [[str(number), "2026-05-01 01:00:00 +00:00", "Olga", each] for number, each in enumerate(reasons, 1)]
    table = Table(["Version", "Frozen at", "Author", "Reason"], rows)
    document = Document("Statement", "Frozen.", False, [("Client", "Acme")], [Section("Versions", [], table)])
    paper = pypdf.PdfReader(io.BytesIO(pdf(document, None, FIGURES)))
    return [each.extract_text() for each in paper.pages]


@pytest.mark.parametrize("before", [0, 1, 20, 38, 39, 40, 41, 42, 43, 44, 80])
@pytest.mark.parametrize("reason", ["why " * (REASON_MAX // 4), "why\n" * (REASON_MAX // 4), "why" * (REASON_MAX // 3)])
def test_a_long_reason_is_whole_wherever_it_stands(before, reason):
    found = "".join(pages(*["short"] * before, reason + "end", *["short"] * 3))
    said = "".join(found.split())
    assert (said.count("why"), said.count("short")) == (reason.count("why"), before + 3)
    assert "end" in said


def test_a_text_longer_than_a_page_goes_on_over_the_next():
    found = pages("why " * 8_000 + "end")
    assert len(found) > 2
    assert sum(each.count("why") for each in found) == 8_000


def test_letters_that_are_missing_are_said_and_only_then():
    assert MISSING not in pages("Große Ωμέγα Жук")[0]
    assert MISSING in pages("Große 客户")[0]
