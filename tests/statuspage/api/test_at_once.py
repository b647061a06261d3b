"""Two hundred programs that send the same incident at the same moment, to a running site on PostgreSQL."""

import json
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from threading import Barrier

import pytest

MANY = 200

COUNT = """
from notifications.models import OutboxEvent
from statuspage.models import AuditEntry, Incident, IncidentUpdate
opened = AuditEntry.objects.filter(action="open_incident")
told = OutboxEvent.objects.filter(subject_kind="incident")
print(Incident.objects.count(), IncidentUpdate.objects.count(), told.count(), opened.count())
"""


def all_at_once(site, path: str, headers: dict[str, str], body: str) -> list[tuple[int, str, dict]]:
    """Status, replayed or not, and body of each answer."""
    start = Barrier(MANY)

    def ask(_number: int) -> tuple[int, str, dict]:
        connection = HTTPConnection("127.0.0.1", site.port, timeout=60)
        connection.connect()
        start.wait(60)
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        said = answer.status, answer.headers.get("Idempotency-Replayed", ""), json.loads(answer.read())
        connection.close()
        return said

    with ThreadPoolExecutor(MANY) as pool:
        return list(pool.map(ask, range(MANY)))


@pytest.mark.serial
def test_two_hundred_identical_posts_make_one_incident_named_or_not(make_site):
    site = make_site("postgres", API_RATE="0")
    secret = site.manage("create_api_key", "monitor").stdout.strip()
    headers = {"Authorization": f"OAuth {secret}", "Content-Type": "application/json"}
    page_id = site.get("/v1/pages", Authorization=secret).json()[0]["id"]
    path = f"/v1/pages/{page_id}/incidents"
    rounds = [
        ({"Idempotency-Key": "alert-17"}, {"incident": {"name": "Payments are slow", "body": "We look into it."}}),
        ({}, {"incident": {"name": "Mail is late", "body": "We look into it."}}),
    ]
    for number, (named, asked) in enumerate(rounds, 1):
        said = all_at_once(site, path, headers | named, json.dumps(asked))
        assert {status for status, _replayed, _body in said} == {201}, site.logs("web")
        assert len({body["id"] for _status, _replayed, body in said}) == 1
        assert [replayed for _status, replayed, _body in said].count("true") == MANY - 1
        assert site.manage("shell", "-c", COUNT).stdout.split()[-4:] == [str(number)] * 4
