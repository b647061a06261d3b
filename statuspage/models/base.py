"""What the models share: public ids and the constraint that keeps a column in its vocabulary."""

import secrets
from enum import Enum

from django.db import models
from django.db.models import Q

ID_LENGTH = 12
ID_CHARACTERS = "0123456789abcdefghijklmnopqrstuvwxyz"


def new_id() -> str:
    """12 random lower-case letters and digits, as Statuspage's ids: 62 bits, opaque."""
    return "".join(secrets.choice(ID_CHARACTERS) for _ in range(ID_LENGTH))


def public_id() -> models.CharField:
    """The primary key of everything the public can name."""
    return models.CharField(primary_key=True, max_length=ID_LENGTH, default=new_id, editable=False)


def only(field: str, values: type[Enum], name: str) -> models.CheckConstraint:
    """A check that `field` holds one of `values`, in the database itself."""
    allowed = [value.value for value in values]
    return models.CheckConstraint(condition=Q(**{f"{field}__in": allowed}), name=name)
