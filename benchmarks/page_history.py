"""What a long history costs: the time until an update can be read, and the web process's memory.

Two sites with the same page in front, one with 10 incidents, one with 10,000. Staff publish
in the web process, as in the console; a reader asks until the new page is there.
"""

import time
from contextlib import ExitStack

from benchmarks import sites
from benchmarks.rounds import ROUNDS, Sample, interleaved, ratio
from benchmarks.sites import Served, Site
from benchmarks.table import Row
from statuspage.publishing import store

FEW, MANY = 10, 10_000
PUBLICATIONS = 5
READ = 300
"""Pages of incidents and months that are read before memory is looked at."""
LARGEST_BYTES = 150_000_000


def run(database: str, quick: bool) -> list[Row]:
    many = MANY // 10 if quick else MANY
    few_site, many_site = sites.site("few", FEW), sites.site("many", many)
    return rows_of(few_site, many_site, f"{many:,} incidents", database)


def rows_of(few_site: Site, many_site: Site, what: str, database: str) -> list[Row]:
    """The rows of a long history against a short one."""
    with ExitStack() as stack:
        few, many = (stack.enter_context(each.served(sites.STAFFED)) for each in (few_site, many_site))
        publish(few), publish(many)
        times = interleaved([lambda: publish(few), lambda: publish(many)], ROUNDS)
        read_much(few, few_site), read_much(many, many_site)
        small, large = few.peak_bytes, many.peak_bytes
    theirs, ours = (median_of(each) for each in times)
    memory = f"{large / 1e6:,.0f} MB"
    return [
        Row(
            f"publication visible, {what}",
            f"{FEW}: {theirs:,.0f} ms",
            f"{ours:,.0f} ms",
            ratio(times[0], times[1]),
            "<= 1.2",
            database,
        ),
        Row(f"web process memory, {what}", f"{FEW}: {small / 1e6:,.0f} MB", memory, large / small, "<= 1.3", database),
        Row(f"web process memory, {what}", "150 MB", memory, large / LARGEST_BYTES, "<= 1", database),
    ]


def median_of(samples: list[Sample]) -> float:
    """Milliseconds a publication."""
    return sorted(1e3 / each.per_second for each in samples)[len(samples) // 2]


def publish(served: Served) -> Sample:
    """Some updates, each from staff's press of the button to the reader's new page; seconds in all."""
    return Sample(PUBLICATIONS, sum(until_visible(served) for _ in range(PUBLICATIONS)), 0)


def until_visible(served: Served) -> float:
    began, revision = served.update()
    while served.get("/").headers["x-revision"] != revision:
        assert time.monotonic() < began + 60, "not published"
    return time.monotonic() - began


def read_much(served: Served, site: Site) -> None:
    """Read everything of the hot set in every encoding, and many pages of the history."""
    manifest = store.read_manifest(site.published)
    assert manifest
    pages = [f"/{path.removesuffix('.html')}" for path in sorted(store.page_files(site.published))]
    for path in [*manifest.documents, *pages[:: max(1, len(pages) // READ)]]:
        served.get(path)
