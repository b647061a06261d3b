"""Files in place of a relay: never silently nowhere."""

import os
from datetime import UTC, datetime

import pytest

from notifications.channels.base import Accepted, Mail, Message, Text, Unavailable
from notifications.channels.outgoing import NullChannel, OutgoingChannel

NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)


def test_a_mail_is_a_file_that_mail_programs_open(tmp_path):
    outcome = OutgoingChannel(tmp_path).send(Mail("id-1", "reader@example.org", b"Subject: x\r\n\r\nx\r\n"))
    assert isinstance(outcome, Accepted) and outcome.reference.endswith("-id-1.eml")
    assert (tmp_path / outcome.reference).read_bytes() == b"Subject: x\r\n\r\nx\r\n"


def test_a_text_has_its_number_above_it(tmp_path):
    outcome = OutgoingChannel(tmp_path).send(Text("id-2", "+31612345678", "Resolved: ✓", "", NOON))
    assert isinstance(outcome, Accepted)
    assert (tmp_path / outcome.reference).read_text() == "To: +31612345678\n\nResolved: ✓\n"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere; a file in the way does for both")
def test_a_folder_that_takes_no_file_is_trouble_that_passes(tmp_path):
    (tmp_path / "mail").mkdir(mode=0o500)
    assert isinstance(OutgoingChannel(tmp_path).send(Mail("id", "x", b"")), Unavailable)


def test_a_file_in_the_folders_place_is_trouble_that_passes(tmp_path):
    (tmp_path / "mail").write_text("in the way")
    outcome = OutgoingChannel(tmp_path).send(Mail("id", "x", b""))
    assert isinstance(outcome, Unavailable) and not outcome.counts


def test_what_goes_nowhere_is_taken():
    channel = NullChannel()
    assert channel.send(Message("id", "")) == Accepted("") and channel.find(Message("id", ""), NOON) == []
