"""What a new site starts with: the example page, and somebody who can sign in.

Called by `seed_example`, thus by `make run`. Each does nothing where there is anything already.
"""

import secrets
from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import transaction

from statuspage import audit, example, selectors
from statuspage.models import Component, Publication
from statuspage.vocabulary import ReportChannel

from .agreed import Agreed, Contact, Service
from .contracts import sign_contract
from .importing import import_history

OWNER = "owner"
"""The first person's name, and the role that may do everything (roles.py)."""
PASSPHRASE_CHARACTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""No character that is taken for another when it is copied from a screen."""
PASSPHRASE_PARTS, PART_LENGTH = 4, 5
"""20 characters of 31: 99 bits, and longer than the 15 that passwords must have."""


def seed_example(*, actor: audit.Actor, now: datetime | None = None) -> bool:
    """Store the example page, and two contracts, on a site without components; True when stored. Tells nobody."""
    now = now or selectors.database_now()
    if Component.objects.exists():
        return False
    import_history(history=example.history(now), actor=actor, now=now)
    for signed in example.CONTRACTS:
        sign(signed, actor, now)
    return True


def sign(signed: example.Signed, actor: audit.Actor, now: datetime) -> None:
    """Record one of the example's contracts, from the day its components are in service."""
    sign_contract(
        client_name=signed.client,
        client_reference=signed.reference,
        name=signed.name,
        starts_on=(now - example.AGE).date(),
        agreed=Agreed(
            type=signed.preset,
            services=[Service(name=name, components=ids(covers)) for name, covers in signed.services.items()],
            report_channels=[each.value for each in ReportChannel],
            contacts=[Contact(email=signed.contact)],
            **signed.facts,
        ),
        actor=actor,
        now=now,
    )


def ids(names: Iterable[str]) -> list[str]:
    return [example.component_id(name) for name in names]


@transaction.atomic
def create_first_owner(*, actor: audit.Actor, now: datetime | None = None) -> str | None:
    """Make the first account, which may do everything; its passphrase, stored nowhere in clear.

    None where anybody has an account already, also when two of these run at once.
    """
    Publication.objects.lock()
    users = get_user_model().objects
    if users.exists():
        return None
    passphrase = new_passphrase()
    user = users.create_superuser(username=OWNER, password=passphrase)
    user.groups.add(Group.objects.get_or_create(name=OWNER)[0])
    audit.record(
        actor=actor,
        action="create_first_owner",
        kind="user",
        object_id=str(user.pk),
        at=now or selectors.database_now(),
        after={"username": OWNER},
    )
    return passphrase


def new_passphrase() -> str:
    """Such as "kq7mx-w3nvd-8hpta-c5yrz"."""
    parts = (
        "".join(secrets.choice(PASSPHRASE_CHARACTERS) for _ in range(PART_LENGTH)) for _ in range(PASSPHRASE_PARTS)
    )
    return "-".join(parts)
