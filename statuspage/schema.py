"""A worker works only on the schema it was written for (fault 28).

Where a migration is under way, or was interrupted, it waits: half a schema must not be
written to. It waits as well for a database that does not answer.
"""

import logging
import time
from collections.abc import Callable
from typing import Any

from django.db import DatabaseError, connection, connections
from django.db.migrations.executor import MigrationExecutor

logger = logging.getLogger(__name__)

FIRST_WAIT_SECONDS = 1.0
LONGEST_WAIT_SECONDS = 15.0


def wait_until_current(sleep: Callable[[float], None] = time.sleep, **kwargs: Any) -> None:
    """Return once every migration of this program is applied; its connection is closed then."""
    pause = FIRST_WAIT_SECONDS
    while reason := reason_to_wait():
        logger.warning("worker: %s; it is looked at again in %.0f s", reason, pause)
        sleep(pause)
        pause = min(2 * pause, LONGEST_WAIT_SECONDS)


def reason_to_wait() -> str:
    """Why no work can be done yet; empty where it can."""
    try:
        missing = unapplied()
    except DatabaseError as error:
        return f"the database does not answer ({type(error).__name__})"
    finally:
        connections.close_all()  # the pool's processes are forked from this one
    return f"{missing} migrations are to be applied first (manage.py migrate)" if missing else ""


def unapplied() -> int:
    """How many migrations this program has and the database has not."""
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
