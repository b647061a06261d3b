"""Requests a second for the front page from one web process, as `make run` starts it.

In full, compressed and unchanged (304), against nginx with one worker on the same bytes; and
against a Django view of the same page, and a callable that looks at nothing. With 10
incidents, with 10,000 and with the real history.
"""

from collections.abc import Callable
from contextlib import ExitStack

from benchmarks import histories, load, nginx
from benchmarks.built import site
from benchmarks.histories import History
from benchmarks.load import Load
from benchmarks.rounds import ROUNDS, Sample, figure, interleaved, ratio
from benchmarks.sites import Served, Site
from benchmarks.table import Row
from deploy import commands

SECONDS = 2
SLOW = 2
"""Times as long for the view, which answers so few."""
FEWER_ROUNDS = 3
"""For all but the first history against nginx: what a history changes is the page's size."""

COMPRESSED = {"Accept-Encoding": "gzip"}
TARGETS = {"in full": ">= 0.3", "compressed": ">= 0.25", "unchanged, 304": ">= 0.25"}
DJANGO = ">= 300"

Measures = dict[str, Callable[[], Sample]]


def run(database: str, quick: bool) -> list[Row]:
    seconds = 1 if quick else SECONDS
    found = [row for each in histories.all_of(quick) for row in rows_of(each, seconds, database)]
    return found + histories.not_measured(database)


def rows_of(history: History, seconds: float, database: str) -> list[Row]:
    """One history's."""
    rounds = ROUNDS if history == histories.few() else FEWER_ROUNDS
    made = site(history)
    return [
        *against_nginx(made, history.words, seconds, rounds, database),
        *against_others(made, history.words, seconds, database),
    ]


# --- nginx -----------------------------------------------------------------------------------


def against_nginx(site: Site, what: str, seconds: float, rounds: int, database: str) -> list[Row]:
    """One row for each way of asking."""
    with ExitStack() as stack:
        ours = stack.enter_context(site.served())
        theirs = stack.enter_context(nginx.served(site, ours.get("/").headers))
        if theirs is None:
            return [Row(f"page, {what}", "no nginx here", "not measured", None, ">= 0.3", database)]
        asked = [ask(server, way, seconds) for way in TARGETS for server in (theirs, ours)]
        found = interleaved(asked, rounds)
        sizes = [len(ours.get("/", headers_for(ours, way)).body) for way in TARGETS]
    return [
        Row(
            f"page, {what}, {way} ({size} bytes), by {load.name()}",
            f"nginx, one worker: {figure(found[2 * place])}",
            figure(found[2 * place + 1]),
            ratio(found[2 * place + 1], found[2 * place]),
            TARGETS[way],
            database,
        )
        for place, (way, size) in enumerate(zip(TARGETS, sizes, strict=True))
    ]


def ask(server: Served, way: str, seconds: float) -> Callable[[], Load]:
    """A measure of one server, asked one way."""
    headers = headers_for(server, way)
    return lambda: load.asked(server, seconds, headers)


def headers_for(server: Served, way: str) -> dict[str, str]:
    """What readers send: those who were here before have a tag of this server's own."""
    if way == "in full":
        return {}
    if way == "compressed":
        return COMPRESSED
    return {**COMPRESSED, "If-None-Match": server.get("/", COMPRESSED).headers["etag"]}


# --- Other programs in Python ----------------------------------------------------------------


def against_others(site: Site, what: str, seconds: float, database: str) -> list[Row]:
    """The page in full against the view, and against what granian can do at all."""
    site.environment["BENCHMARK_BODY"] = str(site.published / "current" / "index.html")
    with ExitStack() as stack:
        ours = stack.enter_context(site.served())
        others = [on_another_port(site, stack, name) for name in ("benchmarks.viewed", "benchmarks.bare")]
        assert_same_page(ours, others[0])
        view, bare, found = interleaved(
            [
                # As many readers as there are threads: more would only wait.
                lambda: load.asked(others[0], seconds * SLOW, connections=commands.WEB_THREADS),
                ask(others[1], "in full", seconds),
                ask(ours, "in full", seconds),
            ],
            FEWER_ROUNDS,
        )
    what = f"page, {what}, in full"
    return [
        Row(what, f"a Django view: {figure(view)}", figure(found), ratio(found, view), DJANGO, database),
        Row(what, f"a callable with constant bytes: {figure(bare)}", figure(found), ratio(found, bare), "", database),
    ]


def on_another_port(site: Site, stack: ExitStack, module: str) -> Served:
    """Another application with the site's database, under the same web server."""
    beside = Site(site.folder, site.environment)
    return stack.enter_context(beside.served(f"{module}:application"))


def assert_same_page(ours: Served, view: Served) -> None:
    """They differ in the time alone."""
    sizes = [len(server.get("/").body) for server in (ours, view)]
    assert max(sizes) - min(sizes) < 500, sizes
