"""Text that is huge, invisible, or code: what of it is stored, and what becomes of it on its way out."""

import ast
import unicodedata
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from notifications.messages.composer import mail_of
from notifications.messages.mail import Recipient
from statuspage.models import Incident
from statuspage.text import BIDI, clean_line, clean_text
from tests.notifications.conftest import quick
from tests.notifications.test_messages_texts import event

from .given import component, incident, scheduled
from .test_markup import PAYLOADS, Elements

__all__ = ["quick"]

ROOT = Path(__file__).resolve().parents[2]
CODE = "{{ settings.SECRET_KEY }}{% debug %}{% load i18n %}"
RECIPIENT = Recipient("0b5c1a9e-8b1d-4a6e-9c55-1f0e6f2d9a10", "reader@example.org", "https://x.example/unsubscribe/abc")


# --- Huge, or not to be seen (fault 67) ------------------------------------------------------------------------------


@given(st.text(alphabet=st.characters(codec=None)))
def test_fault_67_whatever_is_typed_is_stored_composed_and_reads_in_its_own_order(text):
    for cleaned in (clean_text(text), clean_line(text)):
        assert cleaned == unicodedata.normalize("NFC", cleaned)
        assert not BIDI.search(cleaned)


@pytest.mark.django_db
@pytest.mark.parametrize("huge", ["x" * 1_000_000, "e\u0301" * 500_000, "\u202e" + "é" * 25_001, "x " * 500_000])
def test_fault_67_a_text_beyond_its_length_is_refused_in_words_and_nothing_is_stored(publish_root, huge):
    for facts in ({"body": huge}, {"name": huge}):
        with pytest.raises(ValidationError, match="too long"):
            incident({component(): "major_outage"}, **facts)
        with pytest.raises(ValidationError, match="too long"):
            scheduled(**facts)
    assert not Incident.objects.exists()


@pytest.mark.django_db
def test_fault_67_what_is_cut_by_cleaning_counts_for_nothing(publish_root):
    """Twenty-five thousand characters and a million that nobody sees."""
    opened = incident(body="é" * 25_000 + "\u200b" * 1_000_000)
    assert len(opened.updates.get().body) == 25_000


# --- Code (faults 68 and 69) -----------------------------------------------------------------------------------------


def html_of(row) -> str:
    """A mail's second face."""
    message = message_from_bytes(mail_of(row, "en", "Etc/UTC").fill(RECIPIENT), policy=policy.default)
    return message.get_body(("html",)).get_content()


@pytest.mark.parametrize("payload", PAYLOADS)
def test_fault_68_a_payload_is_as_harmless_in_a_mail_as_on_the_page(quick, payload):
    found = Elements(html_of(event(body=payload, name=payload[:200]))).found
    calm = {tag for tag, _ in Elements(html_of(event(body="Calm.", name="Calm"))).found}
    assert {tag for tag, _ in found} <= calm | {"a", "blockquote", "br", "code", "em", "h4", "h5", "h6", "hr", "li",
                                                "ol", "p", "pre", "strong", "ul"}  # fmt: skip
    for _tag, attributes in found:
        assert not [name for name in attributes if name.startswith("on")]
        assert attributes.get("href", "https:").partition(":")[0].lower() in {"http", "https", "mailto"}


def test_fault_69_code_in_a_body_is_text_in_a_mail_too(quick):
    row = event(body=CODE, name=CODE)
    message = message_from_bytes(mail_of(row, "en", "Etc/UTC").fill(RECIPIENT), policy=policy.default)
    assert CODE in message["Subject"]
    assert CODE in message.get_body(("plain",)).get_content().replace("\r\n", "\n")


COMPILERS = {"Template", "Engine", "engines"}
"""Of django.template: what makes a template of a string."""


def test_fault_69_no_line_of_the_program_compiles_a_text():
    """Templates are files; what is typed is only ever handed to them."""
    guilty = []
    for folder in ("statuspage", "notifications"):
        for file in (ROOT / folder).rglob("*.py"):
            guilty += [f"{file}:{node.lineno}" for node in ast.walk(ast.parse(file.read_text())) if compiles(node)]
    assert guilty == []


def compiles(node: ast.AST) -> bool:
    """Whether this is, or brings in, something that runs a text."""
    if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("django.template"):
        return not COMPILERS.isdisjoint(alias.name for alias in node.names)
    if isinstance(node, ast.Call):
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        return called == "from_string" or (isinstance(node.func, ast.Name) and called in {"eval", "exec", "compile"})
    return False
