"""Clients: whom contracts are with."""

from django.db import models

from .base import public_id


class Client(models.Model):
    """Somebody with contracts. `reference` is what subscribers carry as theirs: evidence joins by it."""

    id = public_id()
    name = models.CharField(max_length=255)
    reference = models.CharField(max_length=255, unique=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        ordering = ["name"]
        indexes = [models.Index(fields=["-created_at", "-id"], name="client_newest")]
        constraints = [
            models.CheckConstraint(condition=~models.Q(reference=""), name="client_has_reference"),
        ]

    def __str__(self) -> str:
        return self.name
