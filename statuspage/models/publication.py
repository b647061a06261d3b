"""The one row that numbers publications. Its lock puts all writers in one order."""

from django.db import models
from django.db.models import F
from django.utils import timezone

from .base import ID_LENGTH, new_id


class PublicationManager(models.Manager["Publication"]):
    def current(self) -> "Publication":
        """The row, made on first use."""
        return self.get_or_create(pk=1)[0]

    def lock(self) -> "Publication":
        """The row, locked until the transaction ends: one writer at a time."""
        self.current()
        return self.select_for_update().get(pk=1)


class Publication(models.Model):
    """`revision` is what is stored, `published_revision` what readers have."""

    page_id = models.CharField(max_length=ID_LENGTH, default=new_id)
    revision = models.PositiveBigIntegerField(default=0)
    published_revision = models.PositiveBigIntegerField(default=0)
    changed_at = models.DateTimeField(default=timezone.now)
    """When something readers can see last changed: the page's `updated_at`."""
    published_at = models.DateTimeField(null=True)
    epoch = models.CharField(max_length=ID_LENGTH, default=new_id)
    """Changes when the revision is raised above a folder that was ahead: that folder's pages are of another past."""
    audit_count = models.PositiveBigIntegerField(default=0)
    audit_head = models.CharField(max_length=64, blank=True)
    """How long the audit chain is and its last hash, so that entries cut off its end are missed."""

    objects = PublicationManager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(pk=1), name="publication_single_row"),
            models.CheckConstraint(
                condition=models.Q(published_revision__lte=F("revision")),
                name="publication_not_ahead",
            ),
        ]

    def __str__(self) -> str:
        return f"revision {self.revision}"
