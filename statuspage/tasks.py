"""Celery's door: fetch, call an action. No rule lives here."""

import logging

from celery import shared_task

from . import selectors
from .actions import (
    alerts,
    api_answers,
    clock_alarms,
    due,
    emergencies,
    hook_calls,
    report_retention,
    reports,
    series,
    standings,
    statements,
)
from .mirroring import rounds
from .publishing import publish, store

logger = logging.getLogger(__name__)


@shared_task(name="statuspage.tasks.see_where_contracts_stand")
def see_where_contracts_stand() -> None:
    """Keep the figures of the console's list of contracts up to date."""
    standings.refresh()


@shared_task(name="statuspage.tasks.tend")
def tend() -> None:
    """Store what was published in an emergency, announce windows that recur, start and complete those that are due,
    say of alerts what waited, keep the page up to date, go on with old pages that are to look as new ones do.

    Staff are alarmed of limits that run out. What readers reported long ago is forgotten, and what programs were
    answered yesterday. Statements of periods that are over are frozen.
    """
    now = selectors.database_now()
    emergencies.merge()
    series.extend_series(now)
    due.run_due(now)
    alerts.settle_due(now)
    publish.publish(refresh=publish.refresh_due(now))
    store.beat(store.root())
    clock_alarms.look(now)
    publish.catch_up()
    reports.forget_old(now)
    hook_calls.forget_old(now)
    alerts.forget_old(now)
    report_retention.forget_old(now)
    api_answers.forget(now)
    statements.freeze_due(now)


@shared_task(name="statuspage.tasks.ask_providers", expires=60)
def ask_providers() -> None:
    """Ask the providers' pages that components follow, those whose turn it is."""
    rounds.ask_due()
