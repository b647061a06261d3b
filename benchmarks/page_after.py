"""The first publication after an emergency, and after a release: when staff have their answer, and when readers see it.

Both make the folder something that the next publication cannot simply build on. Beside the
web server, in which staff publish, runs the program that keeps the copy up to date: it wants
the same folder at the same time. A release changes how every page looks; here the colour
does. Readers are to see what staff say within two seconds, however long the history: the
slowest of some rounds counts.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from benchmarks import histories
from benchmarks.built import site
from benchmarks.histories import History
from benchmarks.sites import PATIENCE_SECONDS, STAFFED, Published, Served, Site
from benchmarks.table import Row

ROUNDS = 3
WITHIN_SECONDS = 2.0
WORDS = ("--title", "Power is lost in one building", "--body", "Most of what is there does not answer.")


def run(database: str, quick: bool) -> list[Row]:
    return [row for each in histories.all_of(quick) for row in rows_of(each, database)]


def rows_of(history: History, database: str) -> list[Row]:
    """Two rows each."""
    made = site(history)
    with up(made) as served:
        served.update()
        usual = [served.update() for _ in range(ROUNDS)]
        emergency = [after_emergency(made, served) for _ in range(ROUNDS)]
    release = [after_release(made, number) for number in range(ROUNDS)]
    return [
        *rows(f"first publication after an emergency, {history.words}", usual, emergency, database),
        *rows(f"first publication after a release, {history.words}", usual, release, database),
    ]


@contextmanager
def up(site: Site) -> Iterator[Served]:
    """Both programs."""
    with site.followed(), site.served(STAFFED) as served:
        yield served


def after_emergency(site: Site, served: Served) -> Published:
    """As soon as the database is back."""
    site.manage("post_emergency", *WORDS)
    return served.update()


def after_release(site: Site, number: int) -> Published:
    """As soon as the web server is back."""
    released = replace(site, environment=site.environment | {"BRAND_COLOUR": f"#00{number + 1}0a0"})
    with up(released) as served:
        return served.update()


def rows(what: str, usual: list[Published], found: list[Published], database: str) -> list[Row]:
    """The slowest of each, against what it may take; beside it the slowest of the usual ones."""
    moments: dict[str, Callable[[Published], float]] = {
        "staff's answer": lambda each: each.answered,
        "visible": lambda each: each.visible,
    }
    return [
        Row(
            f"{what}: {moment}",
            f"{WITHIN_SECONDS:g} s",
            f"{words(max(map(seconds, found)))} (any other: {words(max(map(seconds, usual)))})",
            max(map(seconds, found)) / WITHIN_SECONDS,
            "<= 1",
            database,
        )
        for moment, seconds in moments.items()
    ]


def words(seconds: float) -> str:
    return f"{seconds * 1e3:,.0f} ms" if seconds < PATIENCE_SECONDS else f"not within {PATIENCE_SECONDS} s"
