"""The console's room for other sites: the tags are there to copy, owners choose how the widget looks."""

import pytest

from statuspage import selectors
from statuspage.models import AuditEntry

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("publish_root")]

ROOM = "/admin/embedding/"
LOOKS = {
    "position": "top-right",
    "incident_background_color": "#102030",
    "incident_text_color": "#FFFFFF",
    "maintenance_background_color": "#1F4E9E",
    "maintenance_text_color": "#FFFFFF",
}


def test_staff_copy_the_tags_and_owners_choose_how_the_widget_looks(sign_in):
    viewer, owner = sign_in("viewer"), sign_in("owner")
    seen = viewer.get(ROOM).text
    for tag in ("/embed/status.js&quot; async", "/embed/&quot; title=", "/badge.svg&quot; alt="):
        assert f"http://127.0.0.1:8000{tag}" in seen
    assert "incident_background_color" not in seen and "incident_background_color" in owner.get(ROOM).text
    wrong = owner.post(ROOM, LOOKS | {"incident_text_color": "white", "position": "middle"})
    assert wrong.status_code == 422 and "Give a colour" in wrong.text
    assert owner.post(ROOM, LOOKS).status_code == 302
    assert (selectors.embed_config().position, selectors.embed_config().incident_background_color) == (
        "top-right",
        "#102030",
    )
    assert AuditEntry.objects.get(action="set_embed_config").actor_name == "owner"
