"""Fault 84: who may do what, over every address of the console, every role and every method."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from notifications.models import Delivery, OutboxEvent, Subscriber, Subscription, Suppression
from statuspage import audit
from statuspage.actions import client_reports, report_steps, statements
from statuspage.actions.api_keys import create_api_key
from statuspage.actions.report_details import Said
from statuspage.models import (
    AuditEntry,
    Component,
    Contract,
    CreditClaim,
    Draft,
    EmergencyApproval,
    Incident,
    IncidentUpdate,
    IncomingHook,
    Maintenance,
    Outage,
    Publication,
    Template,
)
from statuspage.roles import ROLES, Ability
from statuspage.statements import due
from tests.notifications.given import subscribers
from tests.statuspage.contracting import contract, redundant
from tests.statuspage.given import NOON, component, group, incident, recurring, scheduled
from tests.statuspage.remedies.given import failed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("publish_root"), pytest.mark.alike]

VIEW, DRAFT, PUBLISH, OWN = Ability.VIEW, Ability.DRAFT, Ability.PUBLISH, Ability.OWN
SUBSCRIBERS, SERVICE_LEVELS = Ability.SUBSCRIBERS, Ability.SERVICE_LEVELS
REPORTS = (PUBLISH, SERVICE_LEVELS)
NEVER = None
"""A method the address does not know."""
Needed = Ability | tuple[Ability, ...] | None
"""Of several abilities any one is enough."""

WINDOW = {"time_zone": "UTC", "starts": "2030-01-01T00:00", "ends": "2030-01-01T02:00", "confirmed": "yes"}
RECURRING = {"name": "x", "time_zone": "UTC", "starts": "2030-01-01T00:00", "minutes": "60", "rhythm": "weekly"}
TEMPLATE = {"kind": "incident", "name": "x", "title": "x", "body": "y"}
COVERED = "apiapiapiapi"
"""The component that contracts of these forms cover."""
AGREED = {"type": "enterprise", "starts_on": "2026-07-01", "time_zone": "UTC", "key": "k"}
AGREED |= {"service_0": "Platform", "service_0_components": COVERED}
NAMED = {"client_reference": "new-1", "name": "New"}
LATE = {"component": COVERED, "status": "major_outage", "cause": "own", "reason": "y", "key": "k"}
LATE |= {"started_at": "2026-11-02T09:00:00", "ended_at": "2026-11-02T10:00:00"}
LOOKS = {"position": "top-left", "incident_background_color": "#102030", "incident_text_color": "#FFFFFF"}
LOOKS |= {"maintenance_background_color": "#1F4E9E", "maintenance_text_color": "#FFFFFF"}
WORD = {"body": "y", "key": "k", "step": "publish"}


@dataclass(frozen=True)
class Room:
    """What an address takes: to look, to send, and a form that does something."""

    look: Needed
    send: Needed = NEVER
    form: dict[str, str] = field(default_factory=dict)
    changes: bool = True
    """Whether the form changes something."""


ROOMS = {
    "index": Room(VIEW),
    "progress": Room(VIEW),
    "recall": Room(NEVER, PUBLISH),
    "tell-after-all": Room(NEVER, PUBLISH, changes=False),
    "incidents": Room(VIEW),
    "incident-new": Room(VIEW, PUBLISH, {**WORD, "name": "x", "status": "investigating", "cause": "own"}),
    "incident": Room(VIEW, PUBLISH, {**WORD, "status": "identified", "was_open": "yes"}),
    "incident-edit": Room(PUBLISH, PUBLISH, {"name": "x", "impact": "minor", "cause": "own"}),
    "update-correct": Room(PUBLISH, PUBLISH, {"body": "y"}),
    "incident-withdrawal": Room(PUBLISH, PUBLISH, {"reason": "y", "version": "1"}),
    "maintenance-withdrawal": Room(PUBLISH, PUBLISH, {"reason": "y", "version": "1"}),
    "maintenance-quiet": Room(VIEW),
    "maintenance-notices": Room(PUBLISH, PUBLISH, {"start_by": "hand"}),
    "maintenance-emergency": Room(PUBLISH, PUBLISH, {"reason": "A cable burns."}),
    "maintenance-approval": Room(SERVICE_LEVELS, SERVICE_LEVELS),
    "maintenance-verdict": Room(VIEW),
    "maintenance-step-verdict": Room(VIEW),
    "maintenances": Room(VIEW),
    "maintenance-new": Room(VIEW, PUBLISH, {**WORD, **WINDOW, "name": "x"}),
    "maintenance": Room(VIEW),
    "maintenance-step": Room(VIEW, PUBLISH, WORD),
    "maintenance-evidence": Room(VIEW),
    "maintenance-notice": Room(NEVER, PUBLISH, {"shows": "yes"}),
    "notice": Room(VIEW),
    "notice-month": Room(VIEW),
    "series-list": Room(VIEW),
    "series-new": Room(VIEW, PUBLISH, {**WORD, **RECURRING}),
    "series": Room(VIEW),
    "series-change": Room(VIEW, PUBLISH, {**WORD, **RECURRING, "version": "1"}),
    "series-end": Room(VIEW, PUBLISH, {**WORD, "version": "1"}),
    "templates": Room(VIEW),
    "template-new": Room(PUBLISH, PUBLISH, TEMPLATE),
    "template": Room(PUBLISH, PUBLISH, TEMPLATE),
    "template-remove": Room(NEVER, PUBLISH),
    "components": Room(VIEW, PUBLISH, changes=False),
    "embedding": Room(VIEW, OWN, LOOKS),
    "components-order": Room(OWN, OWN, changes=False),
    "component-new": Room(OWN, OWN, {"name": "x", "position": "1"}),
    "component": Room(OWN, OWN, {"name": "x", "position": "1"}),
    "component-mirror": Room(OWN, OWN, {"step": "stop"}, changes=False),
    "hooks": Room(OWN),
    "hook-new": Room(OWN, OWN, {"name": "x", "mapping": '{"state": "x"}'}),
    "hook": Room(OWN, OWN, {"name": "x", "mapping": '{"state": "x"}'}),
    "component-mail": Room(NEVER, OWN),
    "component-archive": Room(NEVER, OWN),
    "component-restore": Room(NEVER, OWN, changes=False),
    "group-remove": Room(NEVER, OWN),
    "group-new": Room(OWN, OWN, {"name": "x", "position": "1"}),
    "group": Room(OWN, OWN, {"name": "x", "position": "1"}),
    "outages": Room(VIEW),
    "outage-new": Room(SERVICE_LEVELS, SERVICE_LEVELS, LATE),
    "withdrawal": Room(SERVICE_LEVELS, SERVICE_LEVELS, {"reason": "y"}),
    "outage": Room(
        VIEW, (PUBLISH, SERVICE_LEVELS), {"cause": "third_party", "reason": "y", "started_at": "2026-11-02T11:50:00"}
    ),
    "service-levels": Room(SERVICE_LEVELS),
    "contracts": Room(SERVICE_LEVELS),
    "contract-new": Room(SERVICE_LEVELS, SERVICE_LEVELS, {**AGREED, "client_name": "New"} | NAMED),
    "clients": Room(SERVICE_LEVELS),
    "client": Room(SERVICE_LEVELS, SERVICE_LEVELS, {"name": "x", "reference": "x", "version": "1"}),
    "contract-types": Room(SERVICE_LEVELS),
    "contract-type-new": Room(
        SERVICE_LEVELS,
        SERVICE_LEVELS,
        {"name": "x", "period": "month", "time_zone": "UTC", "target": "99.9", "key": "k"},
    ),
    "contract": Room(SERVICE_LEVELS),
    "contract-change": Room(SERVICE_LEVELS, SERVICE_LEVELS, {**AGREED, "version": "1", "step": "publish"}),
    "contract-end": Room(SERVICE_LEVELS, SERVICE_LEVELS, {"ends_on": "2030-01-01", "version": "1"}),
    "contract-void": Room(SERVICE_LEVELS, SERVICE_LEVELS, {"reason": "Another client's.", "version": "1"}),
    "contract-claim": Room(
        SERVICE_LEVELS, SERVICE_LEVELS, {"month": "2026-06", "received_at": "2026-07-02T10:00:00", "key": "k"}
    ),
    "statements": Room(SERVICE_LEVELS),
    "statement-links": Room(NEVER, SERVICE_LEVELS, {"step": "open"}),
    "statement": Room(SERVICE_LEVELS, SERVICE_LEVELS, {"number": "1", "reason": "y"}),
    "claims": Room(SERVICE_LEVELS),
    "claim": Room(SERVICE_LEVELS, SERVICE_LEVELS, {"note": "y", "grants": "no"}),
    "refunds": Room(SERVICE_LEVELS),
    "refund": Room(SERVICE_LEVELS, SERVICE_LEVELS, {"note": "y", "grants": "no"}),
    "reports": Room(VIEW),
    "report-list": Room(REPORTS),
    "report-new": Room(REPORTS, REPORTS, {"channel": "phone", "what": "x", "key": "k"}),
    "report": Room(REPORTS),
    "report-triage": Room(REPORTS, REPORTS, {"severity": "1", "version": "1"}),
    "report-step": Room(REPORTS, REPORTS, {"step": "response", "key": "k"}),
    "report-details": Room(REPORTS, REPORTS, {"channel": "phone", "what": "y", "version": "1"}),
    "report-decline": Room(REPORTS, REPORTS, {"reason": "y", "version": "1"}),
    "report-accept": Room(NEVER, REPORTS, changes=False),
    "report-step-back": Room(REPORTS, REPORTS, {"reason": "y"}),
    "audit": Room(VIEW),
    "draft": Room(NEVER, PUBLISH),
    "staff": Room(OWN),
    "staff-new": Room(OWN, OWN, {"username": "x", "role": "viewer"}),
    "staff-change": Room(OWN, OWN, {"username": "x", "role": "viewer", "is_active": "on"}),
    "staff-invite": Room(NEVER, OWN),
    "keys": Room(OWN),
    "key-new": Room(OWN, OWN, {"name": "x", "scopes": "read"}),
    "key-revoke": Room(OWN, OWN),
    "notifications_delivery_changelist": Room(VIEW),
    "notifications_delivery_evidence": Room((SUBSCRIBERS, SERVICE_LEVELS)),
    "notifications_delivery_event": Room(VIEW),
    "notifications_delivery_again": Room(NEVER, PUBLISH, {"all": "yes", "step": "again"}),
    "notifications_staffroute_changelist": Room(VIEW, VIEW, {"way": "email", "address": "a@b.example"}),
    "notifications_subscriber_changelist": Room(SUBSCRIBERS, SUBSCRIBERS, {"address": "a@b.example"}, changes=False),
    "notifications_subscriber_change": Room(SUBSCRIBERS),
    "notifications_subscriber_step": Room(SUBSCRIBERS, SUBSCRIBERS),
}
DJANGOS = {
    "login",
    "logout",
    "password_change",
    "password_change_done",
    "language",
    "autocomplete",
    "jsi18n",
    "view_on_site",
    "app_list",
    "None",
}
"""What every admin site has; nothing of ours is behind it."""
OPEN_TO_ALL = {"invitation"}


def addresses(patterns, prefix: str = "/") -> list[tuple[str, str]]:
    """Every address below `patterns` with its name."""
    found = []
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            found += addresses(pattern.url_patterns, path)
        elif isinstance(pattern, URLPattern):
            found.append((path, str(pattern.name)))
    return found


def console() -> dict[str, str]:
    """Name -> address, of the console's own rooms."""
    (own,) = [each for each in get_resolver().url_patterns if str(each.pattern) == "admin/"]
    return {name: path for path, name in addresses([own])}


@pytest.fixture
def things(sign_in, settings):
    """One of each, for the addresses that name one."""
    settings.UNDO_SECONDS = 30
    opened = incident({component(group=group(), pk=COVERED): "major_outage"})
    signed = contract(Component.objects.get(pk=COVERED))
    statements.freeze(due.Due("2026-11", (signed.pk,)), timezone.now())
    planned = scheduled(component("Web"), start=timezone.now() + timedelta(days=30))
    person = sign_in("viewer").get("/admin/").context["user"]
    asked = {"reason": "A cable burns.", "requested_by": person, "requested_at": NOON}
    EmergencyApproval.objects.create(maintenance=planned, **asked)
    return {
        "incident": opened.pk,
        "maintenance": planned.pk,
        "update_id": opened.updates.get().pk,
        "step": "say",
        "key": "2026-11",
        "component": Component.objects.get(name="API").pk,
        "group": Component.objects.get(name="API").group_id,
        "outage": Outage.objects.get().pk,
        "withdrawal": unseen(opened.components.get()).pk,
        "staff": person.pk,
        "key-revoke": create_api_key(name="Monitor", scopes=["read"], actor=audit.SYSTEM)[0].pk,
        "hook": IncomingHook.objects.create(
            name="Grafana", mapping={"state": "x"}, created_at=NOON, updated_at=NOON
        ).pk,
        "template": Template.objects.create(
            kind="incident", name="Slow", title="Slow", body="Slow.", created_at=NOON, updated_at=NOON
        ).pk,
        "series": recurring(component("Disks"), notify=False).pk,
        "contract": signed.pk,
        "void": contract(component("Fax"), name="Another client's", client=signed.client).pk,
        "client": signed.client_id,
        "statement": signed.pk,
        "statements": signed.pk,
        "claim": CreditClaim.objects.create(contract=signed, month="2026-06", received_at=NOON, created_at=NOON).pk,
        "refund": failed(four_times(signed), 0, 1, 2, 3)[-1],
        "draft": Draft.objects.create(kind="incident", payload={}, created_at=opened.created_at).pk,
        **a_report(),
        **told_in_vain(),
    }


def a_report() -> dict[str, object]:
    """Of a client nobody knows yet, and what was recorded of it."""
    said = Said(channel="phone", what="Nothing is sent.")
    report = client_reports.take_report(said=said, actor=audit.SYSTEM)
    step = report_steps.record_step(report=report, step="response", actor=audit.SYSTEM)
    return {"report": report.pk, "number": step.pk}


def unseen(row: Component) -> Outage:
    """An hour that was recorded afterwards."""
    return Outage.objects.create(
        component=row,
        status="major_outage",
        started_at=NOON - timedelta(hours=2),
        ended_at=NOON - timedelta(hours=1),
        created_at=NOON,
        reason="A client saw it.",
    )


def four_times(signed: Contract) -> Contract:
    """A contract under which four failures come to a refund."""
    gateways = component("Gateway A"), component("Gateway B")
    return contract(agreed=redundant(*gateways), name="Twice", client=signed.client)


def told_in_vain() -> dict[str, object]:
    """A dead letter that is of use, and whose it is; not of the update that is taken back, which nobody has yet."""
    (reader,) = subscribers(email=1)
    event, now = OutboxEvent.objects.get(voided_at=None, kind="maintenance_scheduled"), timezone.now()
    OutboxEvent.objects.filter(pk=event.pk).update(published_at=now, expires_at=now + timedelta(hours=1))
    Delivery.objects.create(
        event=event,
        subscription=reader,
        channel="email",
        state="failed",
        priority=4,
        not_before=now,
        not_after=now + timedelta(hours=1),
        next_attempt_at=now,
        final_at=now,
    )
    return {"notifications_delivery": event.pk, "notifications_subscriber": reader.pk}


def filled(name: str, path: str, things) -> str:
    """An address with its places taken by things that exist."""
    of = "staff" if "staff/" in path else "draft" if "drafts/" in path else name.split("-")[0]
    of = name.rpartition("_")[0] if name.startswith("notifications_") else of
    of = name if name == "key-revoke" else of  # `key` is a month
    of = "void" if name == "contract-void" else of  # nothing rests on that one
    for place in ("str:pk", "int:pk", "uuid:pk"):
        path = path.replace(f"<{place}>", str(things.get(of, "")))
    if name == "notifications_subscriber_step":
        path = path.replace("<str:step>", "erase")
    path = path.replace("<int:number>", str(things["number"]))
    for place in ("update_id", "step", "key"):
        path = path.replace(f"<str:{place}>", things[place])
    return path


def may(role: str, needed: Needed) -> bool:
    held = ROLES.get(role, frozenset())
    return bool(held & set(needed)) if isinstance(needed, tuple) else needed in held


def state() -> tuple:
    """What an address could have changed."""
    counted = [model.objects.count() for model in (Incident, IncidentUpdate, Maintenance, Component, Draft, Outage)]
    ledger = [list(Delivery.objects.values_list("state")), list(Subscription.objects.values_list()), *subscribed()]
    return Publication.objects.current().revision, AuditEntry.objects.count(), *counted, *ledger


def subscribed() -> list[list[tuple]]:
    return [list(model.objects.order_by("pk").values_list()) for model in (Subscriber, Suppression)]


def test_every_address_of_the_console_is_in_the_matrix():
    assert set(console()) - DJANGOS - OPEN_TO_ALL == set(ROOMS)


def test_fault_84_looking(sign_in, things):
    """Everywhere, since looking changes nothing."""
    people, before, wrong = {role: sign_in(role) for role in [*ROLES, "nobody"]}, state(), []
    for name, address in console().items():
        if name not in ROOMS:
            continue
        needed = ROOMS[name].look
        for role, client in people.items():
            expected = 405 if needed is NEVER else 200 if may(role, needed) else 403
            found = client.get(filled(name, address, things)).status_code
            if found != (302 if role == "nobody" else expected):
                wrong.append((name, role, found))
    assert wrong == []
    assert state() == before


def test_fault_84_sending_what_one_may_not(sign_in, things):
    """Everywhere, since what is refused changes nothing."""
    people, before, wrong = {role: sign_in(role) for role in [*ROLES, "nobody"]}, state(), []
    for name, room in ROOMS.items():
        for role, client in people.items():
            if room.send is not NEVER and may(role, room.send):
                continue
            answer = client.post(filled(name, console()[name], things), room.form)
            expected = 302 if role == "nobody" else 405 if room.send is NEVER else 403
            if answer.status_code != expected or (expected == 403 and "it takes the right to" not in answer.text):
                wrong.append((name, role, answer.status_code))
    assert wrong == []
    assert state() == before


@pytest.mark.parametrize(
    ("role", "name"), [(role, name) for role in ROLES for name, room in ROOMS.items() if may(role, room.send)]
)
def test_fault_84_sending_what_one_may(sign_in, things, role, name):
    path, room, before = filled(name, console()[name], things), ROOMS[name], state()
    answer = sign_in(role).post(path, room.form)
    assert answer.status_code in {200, 302}, answer.text
    assert (state() != before) is room.changes, "it was done"


def test_somebody_who_is_not_signed_in_gets_no_further_than_the_sign_in(client, things):
    wrong = []
    for name in sorted(set(ROOMS) | DJANGOS - {"login", "None", "logout"}):
        path = filled(name, console().get(name, "/admin/"), things)
        for answer in (client.get(path), client.post(path, {"x": "y"})):
            if answer.status_code not in {302, 404} or "API is down" in answer.text:
                wrong.append((name, answer.status_code))
    assert wrong == []


def test_somebody_who_was_signed_out_while_writing_keeps_the_text(client):
    before = state()
    answer = client.post("/admin/incident/new/", {"name": "Down", "body": "Long & thoughtful.", "step": "publish"})
    assert answer.status_code == 401
    assert "Long &amp; thoughtful." in answer.text
    assert state() == before


def test_an_author_may_not_discard_the_draft_of_somebody_else(sign_in, things):
    assert sign_in("author").post(f"/admin/drafts/{things['draft']}/").status_code == 403


def test_a_form_takes_no_field_it_does_not_show(sign_in, things):
    """Mass assignment (docs/security.md 19): a revision or an id that is sent along is not taken."""
    sign_in("owner").post("/admin/components/new/", {"name": "New", "position": "1", "id": "mine", "status": "x"})
    made = Component.objects.get(name="New")
    assert (made.pk == "mine", made.status) == (False, "operational")
