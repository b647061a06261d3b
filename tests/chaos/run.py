"""A storm from an empty folder to its line in the table."""

from pathlib import Path

from tests.chaos import plan
from tests.chaos.case import Case
from tests.chaos.checks import breaches
from tests.chaos.mutants import NAMED_BY
from tests.chaos.storm import SETTINGS, Storm, Weather
from tests.chaos.table import Line, Stopwatch
from tests.site import Site

WITHOUT_POSTGRESQL = plan.FAULTS_ON_THE_DATABASE


def storm(
    folder: Path,
    seed: int,
    *,
    database: str = "postgres",
    weather: Weather | None = None,
    mutant: str = "",
) -> Line:
    """One storm on a site of its own: two workers of four on PostgreSQL, one on SQLite. `mutant`: one of `mutants`."""
    watch = Stopwatch()
    is_postgres = database == "postgres"
    broken = {"DJANGO_SETTINGS_MODULE": "tests.chaos.mutated", NAMED_BY: mutant} if mutant else {}
    site = Site(folder, database, workers=2 if is_postgres else 1, concurrency=4, beats=2, **SETTINGS, **broken)
    try:
        site.start()
        if mutant == "no unique key":
            site.manage("shell", "-c", "from tests.chaos import mutants; mutants.drop_unique_key()")
        without = () if is_postgres else WITHOUT_POSTGRESQL
        case = Case(Storm(site, seed, weather or Weather(), without).run())
    finally:
        site.stop()
    return Line(mutant or database, seed, case, breaches(case), watch.seconds)
