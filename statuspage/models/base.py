"""What the models share: public ids and the constraint that keeps a column in its vocabulary."""

import secrets
from enum import Enum
from typing import Any

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


class Told(models.Manager[Any]):
    """What readers are told of: without what was withdrawn. `everything` beside it has that too."""

    def get_queryset(self) -> models.QuerySet[Any]:
        return super().get_queryset().filter(withdrawn_at=None)


def only(field: str, values: type[Enum], name: str) -> models.CheckConstraint:
    """A check that `field` holds one of `values`, in the database itself."""
    allowed = [value.value for value in values]
    return models.CheckConstraint(condition=Q(**{f"{field}__in": allowed}), name=name)
