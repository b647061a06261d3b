"""The pages' measures on a real page's history: STATUSPAGE_HISTORY names a folder with its /api/v2 as JSON."""

import os
from pathlib import Path

from benchmarks import page_history, page_rate, page_visit, sites
from benchmarks.table import Row

HISTORY = "STATUSPAGE_HISTORY"


def run(database: str, quick: bool) -> list[Row]:
    named = os.environ.get(HISTORY)
    if not named:
        return [Row("page, real history", "", f"skipped: {HISTORY} names no folder", None, "", database)]
    few, real = sites.site("few", page_history.FEW), sites.site("real", Path(named))
    with real.served() as served:
        visits = page_visit.rows_of(served, "real history", database)
    return [
        *page_rate.against_nginx(real, "real history", 1 if quick else page_rate.SECONDS, database),
        *visits,
        *page_history.rows_of(few, real, "real history", database),
    ]
