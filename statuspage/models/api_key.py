"""Keys of programs that write, and the answers they were given, kept for a day so that a repeat gets the same one."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Scope(models.TextChoices):
    """What a key may do. Whoever may write may read, and an owner's key may do all of it."""

    READ = "read", _("look at everything but subscribers")
    INCIDENTS = "incidents", _("write incidents and maintenances")
    COMPONENTS = "components", _("change components, groups and the page")
    SUBSCRIBERS = "subscribers", _("see, add and change subscribers")
    ALERTS = "alerts", _("send alerts")
    OWNER = "owner", _("all of this, and subscribe people without asking them")


class ApiKey(models.Model):
    """A program's key. The key itself is stored nowhere: its SHA-256 finds the row."""

    name = models.CharField(max_length=100, unique=True)
    prefix = models.CharField(max_length=8, editable=False)
    """Its first characters, so that whoever holds several can tell which one this is."""
    digest = models.CharField(max_length=64, unique=True, editable=False)
    scopes = models.JSONField()
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    spent_until = models.FloatField(default=0, editable=False)
    """Until when, in seconds of the epoch, the requests made so far use up its rate (`actions.api_keys.take`)."""
    hooks_spent_until = models.FloatField(default=0, editable=False)
    """The same for what calls `/hooks/`, so that a storm of alerts leaves the key's other requests alone."""

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def may(self) -> list[str]:
        """Its scopes in words."""
        return [str(Scope(each).label) for each in self.scopes if each in Scope.values]

    def is_over(self, now: datetime) -> bool:
        """Whether it opens nothing any more."""
        return self.revoked_at is not None or (self.expires_at is not None and self.expires_at <= now)

    def allows(self, scope: Scope) -> bool:
        """Whether one of its scopes is this one or includes it."""
        return scope in self.scopes or Scope.OWNER in self.scopes or (scope == Scope.READ and bool(self.scopes))


class ApiAnswer(models.Model):
    """What one write was answered, under what the client calls it or under its own content."""

    key = models.ForeignKey(ApiKey, on_delete=models.CASCADE, related_name="answers")
    slot = models.CharField(max_length=64)
    """SHA-256 of the Idempotency-Key, or of the request where it had none."""
    request = models.CharField(max_length=64)
    """SHA-256 of method, path and body: the same name for another request is refused."""
    status = models.PositiveSmallIntegerField()
    body = models.TextField()
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "slot"], name="api_answer_once")]

    def __str__(self) -> str:
        return f"{self.status} of {self.created_at:%Y-%m-%d %H:%M:%S}"
