"""Reports of failure (RFC 3464), read from mails that anybody may have written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.channels import mail_codes
from notifications.channels.base import Blame, Scope
from notifications.channels.dsn import failure_in
from statuspage.handed_mail import header_words
from tests.notifications.returned import FAILURES, NOTHING, mail

TO = "bounce+x@b.example.com"


@pytest.mark.parametrize(("name", "code"), FAILURES.items(), ids=FAILURES)
def test_a_failure_is_known_by_its_code(name, code):
    assert failure_in(mail(name, TO)) == code


@pytest.mark.parametrize("name", NOTHING)
def test_whatever_else_comes_back_reports_none(name):
    assert failure_in(mail(name, TO)) is None


def test_every_fixture_is_used():
    assert {path.stem for path in (mail.__globals__["FOLDER"]).glob("*.eml")} == {*FAILURES, *NOTHING}


@pytest.mark.parametrize("ends", ["\r\n", "\n"])
def test_lines_may_end_either_way(ends):
    """Postfix pipes a mail with bare line feeds."""
    raw = mail("exim_no_such_mailbox", TO).replace(b"\r\n", ends.encode())
    assert failure_in(raw) == "550 5.1.1"


def report(*lines: str) -> bytes:
    head = ["Content-Type: multipart/report; report-type=delivery-status; boundary=b", "", "--b"]
    body = ["Content-Type: message/delivery-status", "", "Reporting-MTA: dns; x", "", *lines, "", "--b--", ""]
    return "\r\n".join([*head, *body]).encode("utf-8", "surrogatepass")


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        (["Action: failed", "Status: 5.1.1"], "5.1.1"),
        (["Action: FAILED (no such user)", "Status: 5.1.1 (bad mailbox)"], "5.1.1"),
        (["ACTION: failed", "status: 5.1.1"], "5.1.1"),
        (["Action: failed", "Status: 5.1.1", "Diagnostic-Code: smtp; 550 5.7.1 spam"], "550 5.7.1"),
        (["Action: failed", "Status: 5.4.7", "Diagnostic-Code: smtp; 451 4.7.1 greylisted"], "5.4.7"),
        (["Action: failed", "Status: 5.0.0", "Diagnostic-Code: smtp; host 5.1.1.12 refused"], "5.0.0"),
        (["Action: failed", "Status: 5.2.2", "Diagnostic-Code: X-Unix; 550 5.1.1 x"], "5.2.2"),
        (["Action: failed"], None),
        (["Status: 5.1.1"], None),
        (["Action: failed", "Status: 2.1.1"], None),
        (["Action: failed", "Status: very bad"], None),
        (["Action: delayed", "Status: 5.1.1"], None),
        (["Action: expanded", "Status: 5.1.1"], None),
        (["Action: ", "Status: 5.1.1"], None),
        (["Action: failed", "Status: 5.1.1", "", "Action: failed", "Status: 5.2.2"], "5.1.1"),
        (["Action: failed", "Status: 5.1.1", "", "Action: relayed", "Status: 2.1.9"], None),
    ],
)
def test_the_fields_of_a_report(lines, code):
    assert failure_in(report(*lines)) == code


@given(st.binary(max_size=2000))
def test_any_bytes_are_read_without_complaint(raw):
    assert failure_in(raw) is None or failure_in(raw)
    list(header_words(raw, "To"))


@given(st.lists(st.text(max_size=60), max_size=8))
def test_any_fields_are_read_without_complaint(lines):
    code = failure_in(report(*lines))
    assert code is None or mail_codes.ENHANCED.search(code)


def test_parts_within_parts_without_end_are_nothing():
    head = "".join(f"Content-Type: multipart/report; boundary=b{n}\n\n--b{n}\n" for n in range(5000))
    assert failure_in(head.encode()) is None


# --- What a code means ---------------------------------------------------------------------------

VERDICTS = {
    "550 5.1.1": (Blame.ADDRESS, Scope.MESSAGE),
    "5.1.2": (Blame.ADDRESS, Scope.MESSAGE),
    "550 5.1.10": (Blame.ADDRESS, Scope.MESSAGE),
    "550 5.1.8": (Blame.SENDER, Scope.PLACE),
    "552 5.2.2": (Blame.SOFT, Scope.MESSAGE),
    "452 4.2.2": (Blame.SOFT, Scope.MESSAGE),
    "5.4.4": (Blame.SOFT, Scope.MESSAGE),
    "5.4.7": (Blame.SOFT, Scope.MESSAGE),
    "550 5.0.0": (Blame.SOFT, Scope.MESSAGE),
    "550 5.7.1": (Blame.SENDER, Scope.SUSPECTED),
    "550 5.7.133": (Blame.SENDER, Scope.SUSPECTED),
    "550 5.7.26": (Blame.SENDER, Scope.PLACE),
    "553 5.7.9": (Blame.SENDER, Scope.PLACE),
    "550 5.7.515": (Blame.SENDER, Scope.PLACE),
    "554 5.6.0": (Blame.MESSAGE, Scope.MESSAGE),
    "5.0.0": (Blame.MESSAGE, Scope.MESSAGE),
}


@pytest.mark.parametrize(("code", "expected"), VERDICTS.items(), ids=VERDICTS)
def test_a_code_is_blamed_on_whom_it_speaks_of(code, expected):
    verdict = mail_codes.verdict_on(code)
    assert verdict and (verdict.blame, verdict.scope) == expected and verdict.code == code


@pytest.mark.parametrize("code", ["4.4.1", "451 4.7.1", "421 4.7.28"])
def test_a_trouble_that_outlasted_the_relay_says_nothing_of_the_recipient(code):
    assert mail_codes.verdict_on(code) is None
