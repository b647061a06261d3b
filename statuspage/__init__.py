"""What happened, and what the public may read: the status page itself."""

from .celery import app as celery_app

__all__ = ["celery_app"]
