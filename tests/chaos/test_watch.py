"""All workers are dead and nothing rings: a program apart from them tells staff, by a route apart from theirs."""

import json
import sys
from collections.abc import Callable

import pytest

from tests.notifications.pager import Pager
from tests.site import Site

pytestmark = pytest.mark.serial


@pytest.fixture
def pager():
    with Pager() as running:
        yield running


def alarms(pager: Pager) -> list[tuple[str, str]]:
    return [(said["alarm"], said["state"]) for said in (json.loads(body) for _headers, body in pager.heard)]


def test_with_every_worker_dead_staff_hear_of_the_silence(make_site: Callable[..., Site], pager):
    site = make_site("postgres", beats=0, concurrency=1, SWEEP_SECONDS="1", CANARY_SECONDS="5", ALARM_URL=pager.url)
    site.start_program("watch", [sys.executable, "manage.py", "watch", "--every", "1"])
    site.wait_for(lambda: "canary" in site.get("/metrics").text, 120, "a canary has sung")
    site.kill_workers()
    site.wait_for(lambda: ("canary", "raised") in alarms(pager), 120, "staff hear that it is silent")
