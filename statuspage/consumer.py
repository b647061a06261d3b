"""The worker's ear: a broker that dies never ends the worker."""

import logging

from celery.worker import consumer

logger = logging.getLogger(__name__)


class Consumer(consumer.Consumer):
    """Celery's own, which gets over whatever happens while a lost connection is cleared away.

    Kombu puts tasks that nobody has begun back into the broker when it closes a connection.
    Where the broker is gone for good, that raises what Celery does not expect, and the worker
    would end: nobody else on the machine would send until a service manager started it again.
    """

    def on_connection_error_after_connected(self, exc: Exception) -> None:
        """The connection is given up, whatever is left of it; `start` opens another."""
        try:
            super().on_connection_error_after_connected(exc)
        except Exception:
            # Its tasks were doorbells: the database has the work.
            logger.warning("the broker's lost connection could not be closed", exc_info=True)
