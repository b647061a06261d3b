"""What staff were told is wrong: one row a trouble while it lasts, so that any number of watchers tell it once."""

from django.db import models


class Alarm(models.Model):
    """One trouble, from when a watcher first saw it until staff were told that it is over."""

    key = models.CharField(max_length=300, unique=True)
    words = models.TextField()
    advice = models.TextField(blank=True)
    opened_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField()
    """When it is to be told, or told again, or told to be over. Moving it on is the right to tell."""

    def __str__(self) -> str:
        return self.key
