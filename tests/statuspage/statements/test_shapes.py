"""How a statement writes times."""

from zoneinfo import ZoneInfo

import pytest

from statuspage.statements.shapes import Clock


@pytest.mark.parametrize(
    ("zone", "stamp", "expected"),
    [
        ("Europe/Berlin", "2026-04-01T04:00:00Z", "2026-04-01 06:00:00 +02:00"),
        ("America/New_York", "2026-04-01T04:00:00Z", "2026-04-01 00:00:00 -04:00"),
        ("America/St_Johns", "2026-04-01T04:00:00.250000Z", "2026-04-01 01:30:00.250000 -02:30"),
        ("UTC", "2026-04-01T04:00:00Z", "2026-04-01 04:00:00 +00:00"),
        ("UTC", "", ""),
    ],
)
def test_an_instant_stands_with_its_offset_apart(zone, stamp, expected):
    assert Clock(ZoneInfo(zone))(stamp) == expected
