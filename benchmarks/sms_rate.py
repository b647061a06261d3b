"""Texts a second against a stand-in for Twilio that allows 10, 100 and 1,000 and answers 429 beyond.

As many processes send as a fan-out rings for, each with one text in flight. The rate is the
stand-in's own count between the first text and the last.
"""

import json
import os
import statistics
import subprocess
from dataclasses import dataclass
from typing import IO

from django.utils import timezone

from benchmarks import people
from benchmarks.events import event, told
from benchmarks.rounds import ROUNDS
from benchmarks.table import Row
from benchmarks.twilio import ACCOUNT_SID, AUTH_TOKEN, Counts, counts_of, stand_in
from deploy.processes import ROOT, python
from notifications import providers
from notifications.models import Delivery, Pace
from notifications.states import State

ALLOWED = (10, 100, 1_000)
SECONDS = 10
READERS = ALLOWED[-1] * SECONDS


@dataclass(frozen=True)
class Sample:
    """One round at one rate. `cpu_seconds` are the senders'."""

    counts: Counts
    cpu_seconds: float

    @property
    def cpu_micros(self) -> float:
        return self.cpu_seconds / self.counts.taken * 1e6


def run(database: str, quick: bool) -> list[Row]:
    people.subscribe(1, READERS, "sms")
    rounds = 1 if quick else ROUNDS
    return [row for allowed in ALLOWED for row in rows_of(allowed, rounds, database)]


def rows_of(allowed: int, rounds: int, database: str) -> list[Row]:
    """The rate and the refusals, medians of so many rounds."""
    samples = [measured(allowed) for _ in range(rounds)]
    rate = statistics.median(sample.counts.per_second for sample in samples)
    cpu = statistics.median(sample.cpu_micros for sample in samples)
    refused = sum(sample.counts.refused for sample in samples)
    share = refused / (refused + sum(sample.counts.taken for sample in samples))
    what = f"texts a second, {providers.hands(allowed)} processes, {allowed:,} a second allowed"
    ours = f"{rate:,.1f}/s, {cpu:,.0f} us CPU"
    return [
        Row(what, f"{allowed:,}/s", ours, rate / allowed, ">= 0.97", database),
        Row(f"429s at {allowed:,} a second", "all texts", f"{refused}", share, "<= 0.001", database),
    ]


def measured(allowed: int) -> Sample:
    """One update to as many readers as are told in SECONDS, by all processes at once."""
    told(event())
    keep_only(allowed * SECONDS)
    with stand_in(allowed) as url:
        texters = [Texter(url, allowed) for _ in range(providers.hands(allowed))]
        for texter in texters:
            texter.wait_until_ready()
        Pace.objects.all().delete()
        for texter in texters:
            texter.go()
        for texter in texters:
            texter.wait()
        return Sample(counts_of(url), sum(texter.cpu_seconds for texter in texters))


def keep_only(count: int) -> None:
    """Of what is queued: the rest is of no use to anybody."""
    queued = Delivery.objects.filter(state=State.QUEUED).order_by("pk").values_list("pk", flat=True)
    rest = list(queued[count:])
    for first in range(0, len(rest), 500):
        Delivery.objects.filter(pk__in=rest[first : first + 500]).update(state=State.EXPIRED, final_at=timezone.now())


class Texter:
    """A process that sends texts."""

    def __init__(self, url: str, allowed: int) -> None:
        environment = os.environ | {
            "TWILIO_API_URL": url,
            "TWILIO_ACCOUNT_SID": ACCOUNT_SID,
            "TWILIO_AUTH_TOKEN": AUTH_TOKEN,
            "TWILIO_FROM": "+15005550006",
            "SMS_PER_SECOND": str(allowed),
            "SMS_DAILY_LIMIT": "1000000",
        }
        argv = python("benchmarks.texter")
        self.cpu_seconds = 0.0
        self._process = subprocess.Popen(
            argv, env=environment, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def wait_until_ready(self) -> None:
        assert self._out.readline() == "ready\n"

    def go(self) -> None:
        assert self._process.stdin
        self._process.stdin.write("go\n")
        self._process.stdin.flush()

    def wait(self) -> None:
        self.cpu_seconds = json.loads(self._out.readline())["cpu_seconds"]
        self._process.communicate()

    @property
    def _out(self) -> IO[str]:
        assert self._process.stdout
        return self._process.stdout
