"""What a long history costs: the time until an update can be read, and the web process's memory.

Sites with the same page in front: one with 10 incidents, one with 10,000, and the real one.
Staff publish in the web process, as in the console; a reader asks until the new page is there.
"""

import math
from contextlib import ExitStack
from dataclasses import dataclass

from benchmarks import histories
from benchmarks.built import site
from benchmarks.histories import FEW, History
from benchmarks.rounds import Sample, interleaved, ratio
from benchmarks.sites import STAFFED, Served, Site
from benchmarks.table import Row
from statuspage.publishing import store

PUBLICATIONS = 5
READ = 300
"""Pages of incidents and months that are read before memory is looked at."""
LARGEST_BYTES = 150_000_000


@dataclass(frozen=True)
class Running:
    """A site and its web server."""

    history: History
    site: Site
    served: Served


def run(database: str, quick: bool) -> list[Row]:
    with ExitStack() as stack:
        found = [running(each, stack) for each in histories.all_of(quick)]
        for each in found:
            publish(each.served)
        times = interleaved([lambda each=each: publish(each.served) for each in found])
        peaks = [peak_after_reading(each) for each in found]
    return [
        row
        for each, ours, peak in list(zip(found, times, peaks, strict=True))[1:]
        for row in (
            visible(each.history.words, times[0], ours, database),
            *memory(each.history.words, peaks[0], peak, database),
        )
    ]


def running(history: History, stack: ExitStack) -> Running:
    made = site(history)
    return Running(history, made, stack.enter_context(made.served(STAFFED)))


def visible(what: str, few: list[Sample], ours: list[Sample], database: str) -> Row:
    """Until an update can be read."""
    theirs, here = median_of(few), median_of(ours)
    said = f"publication visible, {what}"
    return Row(said, f"{FEW}: {theirs:,.0f} ms", f"{here:,.0f} ms", ratio(few, ours), "<= 1.2", database)


def memory(what: str, few: int, ours: int, database: str) -> list[Row]:
    """The most that the web process ever had."""
    said, here = f"web process memory, {what}", f"{ours / 1e6:,.0f} MB"
    return [
        Row(said, f"{FEW}: {few / 1e6:,.0f} MB", here, ours / few, "<= 1.3", database),
        Row(said, "150 MB", here, ours / LARGEST_BYTES, "<= 1", database),
    ]


def median_of(samples: list[Sample]) -> float:
    """Milliseconds a publication."""
    return sorted(1e3 / each.per_second for each in samples)[len(samples) // 2]


def publish(served: Served) -> Sample:
    """Some updates, each from staff's press of the button to the reader's new page; seconds in all."""
    seconds = sum(served.update().visible for _ in range(PUBLICATIONS))
    assert seconds < math.inf, "not published"
    return Sample(PUBLICATIONS, seconds, 0)


def peak_after_reading(here: Running) -> int:
    """Bytes, after everything of the hot set was read in every encoding and many pages of the history."""
    manifest = store.read_manifest(here.site.published)
    assert manifest
    pages = [f"/{path.removesuffix('.html')}" for path in sorted(store.page_files(here.site.published))]
    for path in [*manifest.documents, *pages[:: max(1, len(pages) // READ)]]:
        here.served.get(path)
    return here.served.peak_bytes
