"""/hooks/alertmanager: what Alertmanager sends becomes one incident that tells the truth, and staff stay in charge."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from django.db import connection
from django.test import Client

from statuspage import audit, selectors
from statuspage.actions import alerts, components, incidents
from statuspage.models import (
    AlertGroup,
    AlertNote,
    AuditEntry,
    Component,
    Draft,
    HookCall,
    Incident,
    IncidentUpdate,
    Outage,
)
from tests.statuspage.alerting.payloads import alert, group
from tests.statuspage.console.conftest import person
from tests.statuspage.given import ALICE, component

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("publish_root")]

HOOK = "/hooks/alertmanager"


@pytest.fixture
def prometheus(api):
    return api("alerts")


@pytest.fixture
def clock(monkeypatch):
    """The database's clock, put forward by so many minutes."""
    ahead, real = [timedelta()], selectors.database_now
    monkeypatch.setattr(selectors, "database_now", lambda: real() + ahead[0])
    return lambda minutes: ahead.__setitem__(0, ahead[0] + timedelta(minutes=minutes))


def call(program, *fired: dict, hook: str = HOOK, **facts) -> str:
    answer = program.post(hook, group(*fired, **facts))
    assert answer.status_code == 200, answer.text
    return answer.json()["did"]


def test_characters_that_no_database_takes_stop_no_alert(prometheus):
    hostile = "a\0b\ud800"
    fired = alert(hostile, statuspageComponentId=hostile, statuspageComponentName=hostile, statuspageSummary=hostile)
    assert call(prometheus, fired, groupKey=hostile) == "opened"


def test_a_group_is_one_incident_from_the_first_alert_to_the_last(prometheus, clock):
    checkout, other = component("Checkout"), component("Other")
    slow = alert("Slow", checkout, statuspageComponentStatus="degraded_performance", statuspageImpactOverride="minor",
                 statuspageComponentName="Checkout (Customer)", statuspageSummary="Checkout is slow.",
                 description="db-7.internal is on fire", minutes=3)  # fmt: skip
    down = alert("Down", checkout, statuspageComponentStatus="major_outage", statuspageImpactOverride="critical",
                 statuspageStatus="investigating", statuspageSummary="Nobody can pay.")  # fmt: skip
    assert call(prometheus, slow) == "opened"
    opened = Incident.objects.get()
    assert (opened.name, opened.status, opened.impact) == ("Problem with Checkout (Customer)", "identified", "minor")
    assert "Checkout is slow." in opened.updates.get().body
    outage = Outage.objects.get()
    assert (outage.started_at, outage.status) == (opened.started_at, "degraded_performance")
    assert opened.created_at - opened.started_at > timedelta(minutes=2), "it began when the alert did"
    clock(1)
    assert [call(prometheus, slow, down), call(prometheus, slow, down)] == ["updated", "nothing"]
    opened.refresh_from_db()
    checkout.refresh_from_db()
    assert (opened.impact, opened.status, checkout.status) == ("critical", "identified", "major_outage")
    clock(1)
    assert call(prometheus, slow, down | {"status": "resolved", "endsAt": now()}) == "updated"
    checkout.refresh_from_db()
    assert checkout.status == "degraded_performance"
    clock(1)
    assert call(prometheus, slow | {"status": "resolved", "endsAt": now()}) == "resolved"
    checkout.refresh_from_db()
    assert (checkout.status, Component.objects.get(pk=other.pk).status) == ("operational", "operational")
    assert [each.status for each in Incident.objects.all()] == ["resolved"]
    assert "db-7" not in str(list(IncidentUpdate.objects.values())), "what is not meant for readers stays inside"
    acts = AuditEntry.objects.filter(object_kind="incident").values_list("actor_name", "source").distinct()
    assert set(acts) == {("API key program 0", "api")}
    assert list(HookCall.objects.values_list("did", flat=True)) == [
        "resolved",
        "updated",
        "nothing",
        "updated",
        "opened",
    ]


def now() -> str:
    return selectors.database_now().isoformat()


def test_what_comes_back_soon_reopens_and_its_end_waits_until_it_is_quiet(prometheus, clock):
    fired = alert("Down", component("API"))
    for _each in range(4):
        call(prometheus, fired | {"startsAt": now()})
        clock(1)
        call(prometheus, fired | {"status": "resolved", "endsAt": now()})
        clock(1)
    opened = Incident.objects.get()
    assert (opened.status, opened.updates.count()) == ("identified", 3), "opened, over, back; then silence"
    assert alerts.settle_due(selectors.database_now()) == 0
    clock(10)
    assert alerts.settle_due(selectors.database_now()) == 1
    assert alerts.settle_due(selectors.database_now()) == 0
    opened.refresh_from_db()
    assert (opened.status, opened.updates.count(), Component.objects.get().status) == ("resolved", 4, "operational")


def test_a_component_returns_to_what_others_say_and_alerts_name_it_by_name_too(prometheus, clock):
    api, web = component("API"), component("Web")
    incidents.open_incident(name="Cable", body="Cut.", actor=ALICE, components={web.pk: "partial_outage"})
    both = alert("Both", api, web, statuspageComponentStatus="major_outage")
    named = alert("Named", statuspageComponentName="API", statuspageComponentStatus="degraded_performance")
    call(prometheus, both, named)
    clock(1)
    assert call(prometheus, both | {"status": "resolved", "endsAt": now()}, named) == "updated"
    assert dict(Component.objects.values_list("name", "status")) == {
        "API": "degraded_performance",
        "Web": "partial_outage",
    }


def test_staff_who_take_over_are_told_and_not_overruled(prometheus, clock, sign_in_publisher):
    api = component("API")
    down, more = alert("Down", api), alert("More", api, statuspageSummary="More fails.")
    call(prometheus, down)
    opened = Incident.objects.get()
    incidents.publish_update(incident=opened, status="monitoring", body="We replaced the cable.", actor=ALICE)
    clock(1)
    assert [call(prometheus, down, more), call(prometheus, down, more)] == ["noted", "nothing"]
    incidents.publish_update(incident=opened, status="resolved", body="False alarm.", actor=ALICE)
    clock(1)
    assert call(prometheus, down, more, alert("Third", api, statuspageSummary="Third.")) == "noted"
    opened.refresh_from_db()
    api.refresh_from_db()
    assert (opened.status, api.status, opened.updates.count()) == ("resolved", "operational", 3)
    assert list(AlertNote.objects.values_list("firing", flat=True)) == [3, 2]
    room, home = (sign_in_publisher.get(path).text for path in (f"/admin/incident/{opened.pk}/", "/admin/"))
    assert "3 alerts fire. You said the last word here, so nothing was published." in room and "More fails." in room
    assert f"3 alerts fire though <bdi>{opened.name}</bdi> is resolved" in home
    clock(1)
    over = [each | {"status": "resolved", "endsAt": now()} for each in (down, more)]
    assert call(prometheus, *over) == "noted"
    clock(20)
    assert call(prometheus, down | {"startsAt": now()}) == "opened"
    assert Incident.objects.count() == 2


def test_draft_first_waits_for_staff_and_goes_by_itself(prometheus, clock, sign_in_publisher):
    api, mode = component("API"), {"hook": f"{HOOK}?mode=draft"}
    slow = alert("Slow", api, statuspageComponentStatus="degraded_performance", statuspageSummary="Slow.")
    down = alert("Down", api, statuspageComponentStatus="major_outage", statuspageSummary="Down.")
    assert [call(prometheus, slow, **mode), call(prometheus, slow, **mode)] == ["drafted", "nothing"]
    clock(1)
    assert call(prometheus, slow | {"status": "resolved", "endsAt": now()}, **mode) == "withdrawn"
    assert not Draft.objects.exists() and not Incident.objects.exists()
    clock(1)
    slow["startsAt"] = now()
    assert call(prometheus, slow, **mode) == "drafted"
    assert call(prometheus, slow, down, **mode) == "drafted", "the draft says the newest"
    assert Draft.objects.count() == 1
    press(sign_in_publisher)
    opened = Incident.objects.get()
    api.refresh_from_db()
    assert (opened.status, api.status, Draft.objects.count()) == ("identified", "major_outage", 0)
    clock(1)
    assert call(prometheus, slow, down, **mode) == "nothing"
    over = [each | {"status": "resolved", "endsAt": now()} for each in (slow, down)]
    assert call(prometheus, *over, **mode) == "drafted"
    press(sign_in_publisher)
    opened.refresh_from_db()
    api.refresh_from_db()
    assert (opened.status, api.status) == ("resolved", "operational")


def test_a_draft_that_staff_throw_away_is_not_offered_again(prometheus, clock, sign_in_publisher):
    down, mode = alert("Down", component("API")), {"hook": f"{HOOK}?mode=draft"}
    call(prometheus, down, **mode)
    sign_in_publisher.post(f"/admin/drafts/{Draft.objects.get().pk}/")
    assert call(prometheus, down, **mode) == "nothing"
    clock(1)
    assert call(prometheus, down, alert("More", statuspageSummary="More."), **mode) == "noted"
    assert not Draft.objects.exists()


def press(client: Client) -> None:
    """The one button on the console's first page."""

    class Forms(HTMLParser):
        found, action = [], ""

        def handle_starttag(self, tag, attributes):
            facts = dict(attributes)
            if tag == "form":
                self.action, self.fields = facts.get("action", ""), {}
            if tag in {"input", "button"} and facts.get("name"):
                self.fields[facts["name"]] = facts.get("value", "")

        def handle_endtag(self, tag):
            if tag == "form" and self.fields.get("step") == "publish":
                self.found.append((self.action, self.fields))

    forms = Forms()
    forms.found = []
    forms.feed(client.get("/admin/").text)
    [(action, fields)] = forms.found
    answer = client.post(action, fields)
    assert answer.status_code == 302, answer.text


def test_a_withdrawn_draft_that_still_stands_on_somebodys_screen_is_not_published(prometheus, clock, sign_in_publisher):
    down, mode = alert("Down", component("API")), {"hook": f"{HOOK}?mode=draft"}
    call(prometheus, down, **mode)
    draft = Draft.objects.get()
    form = {name: values[0] for name, values in draft.payload.items()}
    form |= {"key": draft.key, "draft": str(draft.pk), "step": "publish"}
    clock(1)
    assert call(prometheus, down | {"status": "resolved", "endsAt": now()}, **mode) == "withdrawn"
    answer = sign_in_publisher.post("/admin/incident/new/", form)
    assert answer.status_code == 409
    assert "is over" in answer.text
    assert not Incident.objects.exists()


def test_one_alert_in_two_groups_is_one_incident_and_ends_wherever_its_end_is_told(prometheus, clock):
    down = alert("Down", component("API"))
    assert call(prometheus, down, groupKey="first") == "opened"
    clock(1)
    assert call(prometheus, down, groupKey="second") == "nothing"
    clock(1)
    assert call(prometheus, down | {"status": "resolved", "endsAt": now()}, groupKey="second") == "nothing"
    assert [each.status for each in Incident.objects.all()] == ["resolved"]
    assert AlertGroup.objects.filter(firing__gt=0).count() == 0


def test_a_group_of_which_nothing_is_heard_is_forgotten_unless_it_fires(prometheus, clock):
    fired = alert("Down", component("API"))
    call(prometheus, fired)
    clock(60 * 24 * 40)
    assert alerts.forget_old(selectors.database_now()) == 0
    call(prometheus, fired | {"status": "resolved", "endsAt": now()})
    clock(60 * 24 * 40)
    assert alerts.forget_old(selectors.database_now()) == 1
    assert call(prometheus, fired | {"startsAt": now()}) == "opened"


def test_what_cannot_be_read_is_refused_in_words_and_kept_for_staff(prometheus, api):
    good = group(alert("Down"))
    for wrong, words in [
        ({"version": "3"}, "version"),
        ({"groupKey": ""}, "groupKey"),
        ({"alerts": []}, "alerts"),
        ({"alerts": [{"status": "on", "startsAt": now()}]}, "status"),
        ({"alerts": [alert("Down", statuspagePageId="another")]}, "statuspagePageId"),
    ]:
        refused = prometheus.post(HOOK, good | wrong)
        assert (refused.status_code, words in refused.json()["message"]) == (422, True)
    assert prometheus.post(HOOK, b"{", content_type="application/json").status_code == 400
    assert prometheus.get(HOOK).status_code == 405
    assert api("read").post(HOOK, good).status_code == 403
    assert Client().post(HOOK, good, content_type="application/json").status_code == 401
    assert sorted(HookCall.objects.values_list("status", flat=True)) == [400, 403, 405, *[422] * 5]
    assert not Incident.objects.exists()


def test_a_component_that_was_archived_meanwhile_holds_nothing_up(prometheus, clock):
    api = component("API")
    down = alert("Down", api)
    call(prometheus, down)
    components.archive_component(component=api, actor=audit.SYSTEM)
    clock(1)
    assert call(prometheus, down | {"status": "resolved", "endsAt": now()}) == "resolved"


@pytest.fixture
def sign_in_publisher(db) -> Client:
    client = Client()
    client.force_login(person("publisher"))
    return client


@pytest.mark.django_db(transaction=True)
def test_two_hundred_equal_reports_at_once_make_one_incident(prometheus, settings):
    settings.API_RATE = 0
    payload = group(alert("Down", component("API")))

    def one(_number: int) -> str:
        try:
            return prometheus.post(HOOK, payload).json()["did"]
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as threads:
        did = sorted(threads.map(one, range(200)))
    assert did == ["nothing"] * 199 + ["opened"]
    assert (Incident.objects.count(), IncidentUpdate.objects.count()) == (1, 1)
