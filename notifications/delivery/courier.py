"""The courier: one group, from the premise through the calls to the record.

Between opening a group and recording it no transaction is open. What the provider's
answers mean for other messages (breakers, pace) is noted as soon as they are here.
"""

import logging
import time
import traceback
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from notifications import messages, providers
from notifications.channels.base import Accepted, Refused, Unavailable
from notifications.clock import Clock
from notifications.retry import Answer, Defect
from notifications.states import Channel

from . import breakers, pace, reconcile
from .claim import Claimed
from .look import Look
from .premise import Ready, close_again, open_group
from .record import GROUP, GROUP_SECONDS, Result, record
from .senders import Call, Job, senders_for

logger = logging.getLogger(__name__)


class Courier:
    """One channel's messages in this process."""

    def __init__(self, channel: str) -> None:
        self.channel = channel
        self.clock = Clock()
        self.troubles: dict[str, breakers.Trouble] = {}
        """Scopes that a provider refused us in."""
        self.is_too_fast = False
        """The provider said so: places that were reserved before are void."""
        self._is_forgiven = not providers.per_second(channel)
        """A call was taken since, or there is no pace to keep."""
        self.lease = providers.lease(channel)
        self._deadline = providers.deadline_seconds(channel)
        self._senders = senders_for(channel)
        self._composer = messages.Composer()
        self._look = Look()
        self._opened_at = 0.0
        self.calls = 0
        """Calls made so far, those included whose group came to nothing."""
        self._pending: list[Result] = []
        """Of one group, at the most: what it came to is written before the next one is called."""
        self.opening_seconds = 0.0
        """How long the last opening took."""
        self.started = self.answered = self.clock.now()
        """When the last call began and ended."""

    @property
    def group_size(self) -> int:
        """Texts one by one, so that a kill leaves one in doubt."""
        return 1 if self.channel == Channel.SMS else GROUP

    @property
    def stops_until(self) -> datetime | None:
        """When the provider is tried again, where it refuses everybody just now."""
        trouble = self.troubles.get(self.channel)
        is_ours = trouble and not trouble.receipt_at  # else one goes to see, and `premise` chooses it
        return trouble.retry_at if trouble and is_ours and trouble.retry_at > self.clock.now() else None

    def deliver(self, group: Sequence[Claimed], at: datetime | None = None) -> int:
        """Send what of a group still holds, at that time where one is given; how many calls were made.

        What came of it is recorded with the opening of the next group, in one transaction, or by `finish`.
        """
        # Before the lease begins: a process that is stopped here must not believe in more of it than there is.
        self._opened_at = time.monotonic()
        ready = self._open(group)
        self.opening_seconds = time.monotonic() - self._opened_at
        if not ready:
            return 0
        self.clock.set(ready[0].now)
        jobs, results = self._compose(ready)
        results += self._settled_by_asking(jobs)
        if at:
            self.clock.sleep_until(at)
        return self._call(jobs, results)

    def finish(self) -> None:
        """Record what is not recorded yet: call it before any wait, and at the end."""
        if self._pending:
            record(self._pending)
        self._pending = []

    def _open(self, group: Sequence[Claimed]) -> list[Ready]:
        """What came of the last group, and what of this one may go, in one transaction: half the commits."""
        with transaction.atomic():
            if self._pending:
                record(self._pending)
            ready = open_group(group, self.lease, self.troubles, self._look)
        # Not before: where that came to nothing, `finish` still has what the calls came to.
        self._pending = []
        return ready

    def _call(self, jobs: Sequence[Job], results: list[Result]) -> int:
        """The calls. What took longer than 50 ms is recorded at once, the rest as the next group opens.

        Where one call hangs, the answers of the others do not wait for it, as long as threads make the calls. A relay
        that answered within a millisecond until then is served by this very thread: nine mails may wait with it (I3).
        """
        unsent: list[Ready] = []
        calls, since = 0, time.monotonic()
        try:
            for call in self._senders.send(jobs, self._may_start, GROUP_SECONDS):
                if call is None:
                    self._write(results)
                    results, since = [], time.monotonic()
                    continue
                if call.outcome is None:
                    unsent.append(call.ready)
                    continue
                calls += 1
                self.calls += 1
                results.append(self._result_of(call))
                self._heed(call.ready, call.outcome)
                if time.monotonic() - since >= GROUP_SECONDS:
                    self._write(results)
                    results, since = [], time.monotonic()
        except Exception:
            self._pending = results  # for `finish`: what was answered is known, whatever failed here
            raise
        self._pending = results
        close_again(unsent, self.stops_until)
        return calls

    def _write(self, results: Sequence[Result]) -> None:
        if results:
            record(results)

    def _may_start(self) -> bool:
        """Whether one more call may be made: no trouble, and enough lease for the longest it may take."""
        held_for = time.monotonic() - self._opened_at
        return not self.stops_until and self.lease.total_seconds() - held_for > self._deadline

    def _compose(self, ready: Sequence[Ready]) -> tuple[list[Job], list[Result]]:
        """The messages; one that cannot be built fails alone (fault 16)."""
        jobs: list[Job] = []
        defects: list[Result] = []
        for each in ready:
            try:
                jobs.append((each, self._composer.message(each)))
            except Exception as error:
                where = "".join(traceback.format_tb(error.__traceback__))
                logger.error("delivery: %s cannot be built: %s\n%s", each.id, type(error).__name__, where)
                defects.append(self._result(each, Defect(type(error).__name__), time.monotonic()))
        return jobs, defects

    def _settled_by_asking(self, jobs: list[Job]) -> list[Result]:
        """Results for those the provider took already, or cannot be asked about; they leave `jobs`."""
        results = []
        for job in [each for each in jobs if each[0].claimed.tries.ask_first]:
            started = time.monotonic()
            answer = reconcile.ask(*job, self._senders.one())
            if answer is not None:
                jobs.remove(job)
                results.append(self._result(job[0], answer, started))
        return results

    def _result_of(self, call: Call) -> Result:
        """The call in the ledger's words."""
        assert call.outcome is not None
        self.started, self.answered = self.clock.at(call.started), self.clock.at(call.ended)
        return self._result(call.ready, call.outcome, call.started, call.ended)

    def _result(self, ready: Ready, answer: Answer, started: float, ended: float | None = None) -> Result:
        ended_at = self.clock.at(ended or time.monotonic())
        return Result(ready, self._senders.provider, answer, self.clock.at(started), ended_at)

    def _heed(self, ready: Ready, answer: Answer) -> None:
        """At once: open the breaker the answer calls for, close the ones it disproves, or slow the lane down."""
        scope = breakers.reach(answer, self.channel, ready.address)
        if scope and isinstance(answer, Refused | Unavailable):
            self.troubles[scope] = breakers.trip(scope, answer, self.clock.now(), ready.subscription_id)
        elif isinstance(answer, Unavailable) and not answer.counts and providers.per_second(self.channel):
            pace.back_off(self.channel, answer.retry_after, self.clock.now())
            self.is_too_fast, self._is_forgiven = True, False
        elif isinstance(answer, Accepted):
            self._heal(ready)

    def _heal(self, ready: Ready) -> None:
        """Whatever goes through shows that its way is open, whatever was said before."""
        if not self._is_forgiven:
            pace.forgive(self.channel, self.started)
            self._is_forgiven = True
        for scope in (self.channel, breakers.place_of(self.channel, ready.address)):
            trouble = self.troubles.get(scope)
            if trouble and not trouble.receipt_at:
                breakers.heal(scope)
                del self.troubles[scope]
