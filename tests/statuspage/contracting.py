"""Contracts for tests: Olga is the service-level officer who records them."""

from datetime import date
from typing import Any

from statuspage import audit
from statuspage.actions import contracts
from statuspage.actions.agreed import Agreed, Service
from statuspage.models import Client, Component, Contract
from statuspage.roles import ROLES

from .given import NOON

OLGA = audit.Actor(name="olga", source="console", abilities=ROLES["service-level officer"])
NEW_YEAR = date(2026, 1, 1)


def client(name: str = "Acme") -> Client:
    return Client.objects.create(name=name, reference=f"{name.lower()}-1", created_at=NOON, updated_at=NOON)


def agreed(*components: Component, **facts: Any) -> Agreed:
    """The enterprise contract on one service, unless the test says otherwise."""
    service = Service(name="Platform", components=[each.pk for each in components])
    return Agreed(**{"type": "enterprise", "services": [service]} | facts)


def redundant(primary: Component, secondary: Component, *others: Component, **facts: Any) -> Agreed:
    """The platform contract on two gateways, and on solutions beside them."""
    services = [
        Service(name="Gateway A", components=[primary.pk], kind="primary"),
        Service(name="Gateway B", components=[secondary.pk], kind="secondary"),
        *(Service(name=each.name, components=[each.pk]) for each in others),
    ]
    return Agreed(**{"type": "platform", "redundancy": "redundant", "services": services} | facts)


def contract(*components: Component, name: str = "Acme", **facts: Any) -> Contract:
    """In force since New Year, with a client of its own."""
    terms = facts.pop("agreed", None) or agreed(*components)
    facts = {"client": facts.pop("client", None) or client(name), "starts_on": NEW_YEAR, "actor": OLGA} | facts
    return contracts.create_contract(name=name, agreed=terms, now=NOON, **facts)
