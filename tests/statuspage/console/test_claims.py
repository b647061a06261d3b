"""The claims' rooms: a claim is recorded on its contract's page, judged in words, and decided once."""

import pytest

from statuspage.models import CreditClaim
from tests.statuspage.contracting import contract
from tests.statuspage.given import component
from tests.statuspage.remedies.given import closed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("publish_root")]


@pytest.fixture
def officer(sign_in):
    return sign_in("service-level officer")


def test_a_claim_is_recorded_judged_and_granted(officer):
    held = contract(component())
    closed(held, "2026-09", 3)
    assert "Nobody has claimed a credit yet." in officer.get("/admin/claims/").text
    path = f"/admin/contracts/{held.pk}/claim/"
    assert path in officer.get(f"/admin/contracts/{held.pk}/").text
    sent = {"month": "2026-09", "received_at": "2026-10-02T10:00:00", "words": "By mail.", "key": "k"}
    refused = officer.post(path, sent | {"month": "September"})
    assert (refused.status_code, "is not a month" in refused.text, "By mail." in refused.text) == (422, True, True)
    answer = officer.post(path, sent)
    claim = CreditClaim.objects.get()
    assert answer["Location"] == f"/admin/claims/{claim.pk}/"
    room = officer.get(answer["Location"]).text
    for words in ("The contract grants it.", "3 days of service", "2026-10-31", "Grant 3 days", "worth 3 days"):
        assert words in room
    unsaid = officer.post(answer["Location"], {"grants": "yes", "note": "", "version": "1"})
    assert unsaid.status_code == 422
    granted = {"grants": "yes", "note": "In time.", "version": "1"}
    assert officer.post(answer["Location"], granted).status_code == 302
    assert officer.post(answer["Location"], granted).status_code == 302, "pressed twice"
    late = officer.post(answer["Location"], granted | {"grants": "no"})
    assert (late.status_code, "decided in the meantime" in late.text) == (409, True)
    assert "Credits add 3 days of service at its end." in officer.get(f"/admin/contracts/{held.pk}/").text
    assert "granted: 3 days" in officer.get("/admin/claims/").text
    assert "None waits for a decision." in officer.get("/admin/claims/?show=waiting").text


def test_a_claim_that_came_too_late_is_refused_with_the_reason(officer):
    held = contract(component())
    closed(held, "2026-09", 3)
    sent = {"month": "2026-09", "received_at": "2026-11-01T00:00:00", "key": "k"}
    path = officer.post(f"/admin/contracts/{held.pk}/claim/", sent)["Location"]
    room = officer.get(path).text
    assert "It came after the last day." in room and 'value="yes"' not in room
    forced = officer.post(path, {"grants": "yes", "note": "Please.", "version": "1"})
    assert (forced.status_code, CreditClaim.objects.get().decision) == (422, "")
    officer.post(path, {"grants": "no", "note": "Two days late.", "version": "1"})
    assert "Two days late." in officer.get("/admin/claims/").text
