"""The refunds' rooms: what waits, its window as a drawing and a list, and a decision that stays."""

import re

import pytest

from statuspage.models import RefundDecision
from tests.statuspage.contracting import contract, redundant
from tests.statuspage.given import component
from tests.statuspage.remedies.given import failed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("publish_root")]


def test_a_refund_is_shown_with_its_window_and_decided(sign_in):
    officer = sign_in("service-level officer")
    assert "No client's reports come to a refund." in officer.get("/admin/refunds/").text
    paid = {"subscription_amount": "1250.00", "subscription_currency": "EUR"}
    held = contract(agreed=redundant(component("A"), component("B"), **paid))
    pks = failed(held, 0, 10, 20, 27)
    failed(held, 12, provider_caused=False)
    path = f"/admin/refunds/{pks[3]}/"
    assert path in officer.get("/admin/refunds/").text
    room = officer.get(path).text
    assert re.findall(r'<circle class="(\w+)"', room) == ["used", "used", "other", "used", "deciding"]
    for words in ("more than 3", "2026-03", "1250.00 EUR", "not caused by us", "Grant the refund of 2026-03"):
        assert words in room
    assert officer.post(path, {"grants": "yes", "note": ""}).status_code == 422
    sent = {"grants": "yes", "note": "Four in 28 days."}
    assert officer.post(path, sent).status_code == 302
    assert officer.post(path, sent).status_code == 302, "pressed twice"
    assert officer.post(path, sent | {"grants": "no"}).status_code == 409
    assert RefundDecision.objects.get().granted
    for place in ("/admin/refunds/", path):
        assert "Four in 28 days." in officer.get(place).text
    assert officer.get("/admin/refunds/nosuchreport/").status_code == 404
    for role, status in (("owner", 200), ("publisher", 403), ("viewer", 403)):
        assert sign_in(role).get("/admin/refunds/").status_code == status
