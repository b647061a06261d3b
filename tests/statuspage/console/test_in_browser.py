"""The console in a real browser: what its policy, a screen of 360 px and a keyboard make of it."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import Group
from django.contrib.sessions.models import Session
from django.utils import timezone

from statuspage import audit
from statuspage.actions import reports, standings
from statuspage.actions.api_keys import create_api_key
from statuspage.actions.withdrawals import withdraw
from statuspage.console import invitations
from statuspage.models import (
    AlertGroup,
    AlertNote,
    ComponentMirror,
    Contract,
    ContractStanding,
    CreditClaim,
    Draft,
    EmergencyApproval,
    HookCall,
    Incident,
    IncomingHook,
    Outage,
    RefundDecision,
)
from tests.barriers import pages_below, violations
from tests.notifications.given import subscribers
from tests.statuspage.console.conftest import person
from tests.statuspage.console.test_templates import template, upgrade
from tests.statuspage.contracting import contract, redundant
from tests.statuspage.given import ALICE, NOON, component, group, incident, recurring, scheduled
from tests.statuspage.remedies.given import closed, failed

pytestmark = pytest.mark.django_db(transaction=True)

PASSWORD = "a long enough passphrase"
SCREENS = [(1280, "light"), (360, "dark")]


@pytest.fixture(params=SCREENS, ids=["wide and light", "narrow and dark"])
def page(request, chromium, live_server, settings, tmp_path):
    """An owner's page that complains of whatever it is refused."""
    settings.STATIC_ROOT = tmp_path
    settings.PAGE_TIME_ZONE = "Europe/Amsterdam"
    settings.SITE_URL = live_server.url
    settings.CSRF_TRUSTED_ORIGINS = [live_server.url]
    width, scheme = request.param
    owner = person("owner")
    owner.set_password(PASSWORD)
    owner.save()
    context = chromium.new_context(
        base_url=live_server.url, viewport={"width": width, "height": 900}, color_scheme=scheme
    )
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert [each for each in complaints if "server responded with a status of" not in each] == []


@pytest.fixture
def signed_in(page):
    return sign_in(page)


def sign_in(page):
    page.goto("/admin/")
    page.fill("[name=username]", "owner")
    page.fill("[name=password]", PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("link", name="Open an incident").wait_for()
    return page


def faults(page, axe) -> list:
    """What axe finds, and whatever is wider than the screen."""
    wider = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    return [*violations(page, axe), *(["too wide"] if wider else [])]


def rooms() -> list[str]:
    """Every room that is entered by its address, with something in it."""
    core = group("Core")
    api, web = component("API", group=core), component("Web")
    opened = incident({api: "major_outage", web: "degraded_performance"})
    planned, carol = scheduled(api), person("publisher")
    reports.report_failure(what="Nothing loads.", network="n", now=timezone.now())
    found = ["", "incident/", "incident/new/", f"incident/{opened.pk}/", f"incident/{opened.pk}/edit/"]
    gone = withdraw(entry=incident({api: "major_outage"}, name="A false alarm " * 9), actor=ALICE)
    found += [f"incident/{gone.pk}/", f"incident/{gone.pk}/withdrawal/", f"maintenance/{planned.pk}/withdrawal/"]
    found += ["maintenance/", "maintenance/new/", f"maintenance/{planned.pk}/", f"maintenance/{planned.pk}/move/"]
    weekly = recurring(api)
    found += ["series/", "series/new/", *(f"series/{weekly.pk}/{step}" for step in ("", "change/", "end/"))]
    found += [f"maintenance/{planned.pk}/evidence/", "notice/", f"notice/{planned.scheduled_for:%Y-%m}/"]
    found += ["components/", "components/order/", "components/new/", f"components/{api.pk}/", f"groups/{core.pk}/"]
    found += [f"components/{component('Fax', archived_at=NOON).pk}/"]
    found += ["outages/", f"outages/{Outage.objects.first().pk}/", "audit/", "reports/", "staff/", "staff/new/"]
    found += ["outages/new/", f"outages/{unseen(web).pk}/", f"outages/{unseen(api).pk}/withdraw/"]
    found += [f"components/{followed(component('Cloud')).pk}/mirror/"]
    signed = contract(agreed=redundant(api, web, component("Cloud")))
    found += ["contracts/", "contracts/clients/", f"contracts/clients/{signed.client_id}/", "contracts/types/"]
    found += ["contracts/new/", "contracts/types/new/?preset=platform"]
    found += [f"contracts/{signed.pk}/{step}" for step in ("", "change/", "end/", "void/")]
    found += owed(signed)
    found += [f"update/{opened.updates.get().pk}/", "password_change/", "password_change/done/"]
    found += ["templates/", "templates/new/", f"templates/{template().pk}/"]
    person_asked = {"requested_by": carol, "requested_at": timezone.now()}
    EmergencyApproval.objects.create(maintenance=planned, reason="A cable burns.", **person_asked)
    key, _secret = create_api_key(name="a-monitor-" * 9, scopes=["incidents", "owner"], actor=audit.SYSTEM)
    found += ["keys/", "keys/new/", f"keys/{key.pk}/revoke/", "../api", "embedding/"]
    found += called(opened)
    found += [f"maintenance/{planned.pk}/{room}/" for room in ("emergency", "approval", "notices")]
    found += [f"invitation/{invitations.token_for(carol)}/", "invitation/void/", f"staff/{carol.pk}/"]
    return found


def followed(row):
    """A third party's component, whose page does not answer any more."""
    row.is_third_party = True
    row.save()
    ComponentMirror.objects.create(
        component=row, page_url="https://status.cloud.example", page_name="Cloud", remote_id="x", remote_name="SMS",
        said="operational", trouble="it answered 503", trouble_since=NOON, answered_at=NOON, created_at=NOON,
    )  # fmt: skip
    return row


def called(opened: Incident) -> list[str]:
    """The rooms of machines that call in: a call that was refused, alerts on an incident, a draft of theirs."""
    times = {"created_at": NOON, "heard_at": NOON}
    facts = {"source": "alertmanager", "actor_name": "API key x", "firing": 2, **times}
    held = AlertGroup.objects.create(digest="1", key="{}:" + "k" * 300, incident=opened, settle_at=NOON, **facts)
    AlertGroup.objects.create(digest="2", key="{}", **facts)
    AlertNote.objects.create(group=held, incident=opened, at=NOON, is_over=False, firing=2, lines=["x" * 300, "Down."])
    typed = {"name": ["Problem with API"], "body": ["Down."], "status": ["identified"], "cause": ["own"]}
    Draft.objects.create(kind="incident", payload=typed, key="alerts-9-1", created_at=NOON)
    hook = IncomingHook.objects.create(name="a-monitor-" * 9, mapping={"state": "x"}, created_at=NOON, updated_at=NOON)
    HookCall.objects.create(
        source="hook", hook=hook, at=NOON, status=422, caller="API key x", said="state: " + "x" * 400
    )
    return ["hooks/", "hooks/new/", f"hooks/{hook.pk}/"]


def owed(yearly: Contract) -> list[str]:
    """The rooms of what is owed: claims and refunds that wait and that are decided."""
    monthly = contract(component("Mail"), name="Mail", client=yearly.client)
    closed(monthly, "2026-08", 7, is_met=False, counted_seconds=90_000)
    closed(monthly, "2026-09", 3, is_met=False, counted_seconds=3_600)
    facts = {"contract": monthly, "created_at": NOON, "words": "By mail.", "author": person("owner")}
    waiting = CreditClaim.objects.create(month="2026-09", received_at=NOON - timedelta(days=20), **facts)
    decided = {"decided_at": NOON, "last_day": NOON.date(), "statement_number": 1, "asked": 7, "note": "In time."}
    granted = CreditClaim.objects.create(
        month="2026-08", received_at=NOON - timedelta(days=40), decision="granted", days=7, **facts, **decided
    )
    reports = failed(yearly, 0, 9, 20, 27), failed(yearly, 60, 61, 62, 63)
    refund = {"contract": yearly, "month": "2026-03", "rule": "severity_1", "granted": True, "amount": "12"}
    refund |= {
        "reports": reports[0],
        "deciding": reports[0][-1],
        "currency": "EUR",
        "note": "Four.",
        "decided_at": NOON,
    }
    RefundDecision.objects.create(**refund)
    standings.refresh()
    ContractStanding.objects.filter(contract=yearly).update(state="breached", left_per_mille=-20)
    found = ["service-levels/", "claims/", f"contracts/{monthly.pk}/claim/", f"contracts/{monthly.pk}/"]
    found += [f"claims/{each.pk}/" for each in (waiting, granted)]
    found += ["client-reports/", "client-reports/new/", f"client-reports/{reports[0][0]}/"]
    found += [f"client-reports/{reports[0][0]}/details/"]
    found += [f"contracts/{yearly.pk}/statements/", f"contracts/{yearly.pk}/statements/{timezone.now().year}/"]
    return [*found, "refunds/", *(f"refunds/{each[-1]}/" for each in reports)]


def unseen(row) -> Outage:
    """An outage recorded afterwards, with all that one can have."""
    hour = {"started_at": NOON - timedelta(hours=2), "ended_at": NOON - timedelta(hours=1), "created_at": NOON}
    said = {"id": "u", "status": "identified", "body": "A disk array " * 9, "created_at": NOON.isoformat()}
    seen = {"id": "abcdefghijkl", "name": "Disks fail", "impact": "major", "url": "https://status.cloud.example/x"}
    seen |= {"seen_at": NOON.isoformat(), "updates": [said]}
    whose = {"provider_name": "Cloud", "provider_url": seen["url"], "provider_evidence": {"incidents": [seen]}}
    return Outage.objects.create(
        component=row, status="major_outage", cause="third_party", reason="A client saw it.", **hour, **whose
    )


@pytest.mark.parametrize("page", SCREENS[1:], ids=["narrow"], indirect=True)
def test_no_room_has_a_barrier_or_is_too_wide(page, axe, shown):
    """Nor has what is shown where somebody presses in vain, has no right any more, or goes. On the screen with the
    least room alone: there are many rooms, and each is looked at in both themes.
    """
    found = {}
    page.goto("/admin/")
    found["sign in"] = faults(page, axe)
    sign_in(page)
    for room in rooms():
        page.goto(f"/admin/{room}")
        found[room] = faults(page, axe)
    for name, step in AFTERWARDS.items():
        step(page)
        found[name] = faults(page, axe)
    assert {room: each for room, each in found.items() if each} == {}
    assert pages_below("console", "registration") - shown == set()


def invite(page):
    """From the page of the one who is invited, where the rooms end."""
    page.locator("form[action$='/invite/'] button").click()
    page.locator("#id_link").wait_for()


def make_a_key(page):
    page.goto("/admin/keys/new/")
    page.fill("[name=name]", "Monitor")
    page.get_by_role("button", name="Make the key").click()
    page.locator("#id_key").wait_for()


def enter_without_the_right(page):
    owner, viewers = person("owner"), Group.objects.get_or_create(name="viewer")[0]
    owner.groups.set([viewers])
    page.goto("/admin/staff/new/")
    page.locator(".note.bad").wait_for()
    owner.groups.set([Group.objects.get(name="owner")])


def leave(page):
    page.get_by_role("button", name="Log out").click()
    page.get_by_role("link", name="Sign in again").wait_for()


def review_a_series(page):
    page.goto("/admin/series/new/")
    page.fill("[name=name]", "Database upgrade")
    page.fill("[name=body]", "Read-only.")
    page.fill("[name=starts]", "2199-01-06T02:00")
    page.get_by_role("button", name="Review").click()
    page.get_by_text("The next windows").wait_for()


def review(page):
    page.goto("/admin/incident/new/")
    page.fill("[name=name]", "Requests fail")
    page.fill("[name=body]", "One in ten.")
    page.get_by_role("button", name="Review").click()
    page.locator("#audience").wait_for()


def review_a_contract(page):
    """One that begins on another day, with another zone."""
    sign_in(page)
    page.goto(f"/admin/contracts/{Contract.objects.get(name='Acme').pk}/change/")
    page.fill("[name=starts_on]", "2027-01-01")
    page.select_option("[name=time_zone]", "Europe/Amsterdam")
    page.get_by_role("button", name="Review").click()
    page.get_by_role("button", name="Record the change").wait_for()


def press_without_a_session(page):
    page.get_by_role("button", name="Back").click()
    page.locator("[name=name]").wait_for()
    Session.objects.all().delete()
    page.get_by_role("button", name="Review").click()
    page.get_by_text("Your session ended").wait_for()


AFTERWARDS = {
    "invited": invite,
    "key": make_a_key,
    "refused": enter_without_the_right,
    "logged out": leave,
    "contract": review_a_contract,
    "series reviewed": review_a_series,
    "review": review,
    "signed out": press_without_a_session,
}


def test_an_incident_is_opened_reviewed_and_its_telling_stopped(signed_in, axe, settings):
    settings.UNDO_SECONDS = 300
    component("API")
    subscribers(email=3)
    signed_in.get_by_role("link", name="Open an incident").click()
    signed_in.locator("[name=name]:focus").wait_for()  # the next page, not the one just left
    signed_in.keyboard.type("Requests fail")
    signed_in.fill("[name=body]", "One in **ten**.")
    signed_in.get_by_label("API").select_option("partial_outage")
    signed_in.get_by_role("button", name="Review").click()
    assert "This will tell 3 subscribers: 3 by e-mail." in signed_in.inner_text("#audience")
    assert faults(signed_in, axe) == []
    signed_in.get_by_role("button", name="Back").click()
    assert signed_in.input_value("[name=body]") == "One in **ten**."
    signed_in.get_by_role("button", name="Review").click()
    signed_in.get_by_role("button", name="Publish and tell 3 subscribers").click()
    signed_in.get_by_text("Published: readers see it now.").wait_for()
    counts_down(signed_in)
    signed_in.get_by_role("button", name="Stop telling").click()
    signed_in.get_by_text("Stopped by owner").wait_for()
    assert faults(signed_in, axe) == []


def counts_down(page) -> None:
    """The number below the update goes down by the script's own counting, and the sentence beside it stays."""
    page.route("**/admin/progress/**", lambda route: route.fulfill(status=503))
    left = int(page.inner_text(".undo b"))
    page.wait_for_function("left => Number(document.querySelector('.undo b').textContent) < left", arg=left)
    assert page.inner_text(".undo .dim").startswith("Seconds until the first message leaves: ")
    page.unroute("**/admin/progress/**")


def test_what_is_wrong_is_named_beside_its_field(signed_in, axe):
    signed_in.goto("/admin/maintenance/new/")
    signed_in.fill("[name=name]", "New disks")
    signed_in.fill("[name=body]", "Read-only.")
    signed_in.select_option("[name=time_zone]", "Australia/Lord_Howe")
    signed_in.fill("[name=starts]", "2027-04-04T01:45")
    signed_in.fill("[name=ends]", "2027-04-04T05:00")
    signed_in.get_by_role("button", name="Review").click()
    signed_in.get_by_text("comes twice").first.wait_for()
    described = signed_in.get_attribute("[name=starts]", "aria-describedby")
    assert "comes twice" in signed_in.inner_text(f"#{described}")
    assert faults(signed_in, axe) == []
    signed_in.select_option("[name=starts_which]", "later")
    signed_in.get_by_role("button", name="Review").click()
    assert "15:15" in signed_in.inner_text(".review")
    assert "Australia/Lord_Howe" in signed_in.inner_text(".review")


def test_resolving_says_what_each_component_returns_to(signed_in):
    api = component("API")
    opened = incident({api: "major_outage"})
    incident({api: "partial_outage"}, name="Another one")
    signed_in.goto(f"/admin/incident/{opened.pk}/")
    assert not signed_in.get_by_text("When resolved:").is_visible()
    signed_in.select_option("[name=status]", "resolved")
    assert signed_in.get_by_text("When resolved: Partial outage").is_visible()


def test_a_window_is_planned_by_keyboard_from_a_template_and_a_slot(signed_in, axe):
    """The answer changes while it is typed; what falls short must be meant; nothing that was typed is lost."""
    api = component("API")
    incident({api: "degraded_performance"}, name="Slow")
    upgrade(minutes=90, components=[api.pk])
    page = signed_in
    page.goto("/admin/maintenance/new/")
    page.locator("[name=template]").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("Filled from the template.").wait_for()
    assert page.input_value("[name=name]") == "Database upgrade"
    page.select_option("[name=time_zone]", "Asia/Tokyo")
    soon = datetime.now(ZoneInfo("Asia/Tokyo")) + timedelta(hours=3)
    page.fill("[name=starts]", f"{soon:%Y-%m-%dT%H:%M}")
    page.fill("[name=ends]", f"{soon + timedelta(minutes=90):%Y-%m-%dT%H:%M}")
    page.locator("[aria-live]").get_by_text("These 90 minutes will count as downtime.").wait_for()
    assert "Asia/Tokyo" in page.inner_text("[aria-live]") and "Europe/Amsterdam" in page.inner_text("[aria-live]")
    assert faults(page, axe) == []
    page.locator("[data-slot]").focus()
    page.keyboard.press("Enter")
    page.locator("[name=starts]:focus").wait_for()
    page.locator("[aria-live]").get_by_text("excluded from availability").wait_for()
    page.fill("[name=starts]", f"{soon:%Y-%m-%dT%H:%M}")
    page.fill("[name=ends]", f"{soon + timedelta(minutes=90):%Y-%m-%dT%H:%M}")
    page.locator("[name=name]").focus()
    page.keyboard.press("Enter")
    page.locator("#id_confirmed").wait_for()
    assert faults(page, axe) == []
    page.get_by_role("button", name="Publish").press("Enter")
    assert page.locator("#id_confirmed").is_visible(), "the browser waits for the tick"
    page.locator("#id_confirmed").press("Space")
    page.get_by_role("button", name="Publish").press("Enter")
    page.get_by_text("Published: readers see it now.").wait_for()
    assert faults(page, axe) == []


def test_a_time_that_comes_twice_is_asked_while_it_is_typed(signed_in):
    signed_in.goto("/admin/maintenance/new/")
    signed_in.select_option("[name=time_zone]", "Australia/Lord_Howe")
    assert not signed_in.locator("[name=starts_which]").is_visible()
    signed_in.fill("[name=starts]", "2027-04-04T01:45")
    signed_in.fill("[name=ends]", "2027-04-04T05:00")
    signed_in.locator("[name=starts_which]").wait_for()
    assert not signed_in.locator("[name=ends_which]").is_visible()
    signed_in.select_option("[name=starts_which]", "later")
    signed_in.locator("[aria-live]").get_by_text("excluded from availability").wait_for()
    signed_in.fill("[name=starts]", "2027-10-03T02:15")
    signed_in.fill("[name=ends]", "2027-10-03T05:00")
    signed_in.locator("[aria-live]").get_by_text("Did you mean 2027-10-03 02:45?").wait_for()
