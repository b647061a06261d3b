"""A site whose clock is the test's: time passes when it is told to, the sweeps run when they are told to."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from notifications import addresses, delivery, fanout
from notifications.models import Delivery, Subscription
from statuspage.actions import due
from statuspage.models import Maintenance
from tests.notifications.given import subscribed
from tests.notifications.machine.clock import START, TICK, VirtualTime, virtual_time
from tests.notifications.scripted import Scripted
from tests.statuspage import given as facts


class Travel:
    """Time, the two sweeps, and what a provider of mails was handed."""

    def __init__(self, time: VirtualTime, provider: Scripted) -> None:
        self.time = time
        self.provider = provider

    @property
    def now(self) -> datetime:
        return self.time.now()

    def to(self, moment: datetime) -> None:
        """Go there; nothing runs meanwhile."""
        self.time.set((moment - START).total_seconds())

    def beat(self) -> int:
        """The status page's sweep: windows whose time has come."""
        return due.run_due()

    def relay(self, rounds: int = 2) -> None:
        """The notifications' sweep, as the drain loop has it; it takes its time, as SQLite's clock counts no less."""
        for _ in range(rounds):
            self.time.pass_by(TICK)
            delivery.upkeep()
            fanout.relay()
            delivery.work("email", 5)

    def round(self, moment: datetime | None = None) -> None:
        """Both sweeps, at this moment."""
        if moment:
            self.to(moment)
        self.beat()
        self.relay()

    def people(self, count: int = 1) -> list[Subscription]:
        """Readers who confirmed a minute ago."""
        known = Subscription.objects.count()
        found = [subscribed(addresses.email(f"reader-{known + number}@example.org")) for number in range(count)]
        Subscription.objects.filter(pk__in=[each.pk for each in found]).update(
            confirmed_at=self.now - timedelta(minutes=1)
        )
        return found

    def window(self, start: datetime, length: timedelta = timedelta(hours=2), **wanted: object) -> Maintenance:
        """A window that Alice announces now, on a component of its own."""
        name = f"Component {Maintenance.objects.count()}"
        return facts.scheduled(facts.component(name), now=self.now, start=start, length=length, **wanted)

    def heard(self, reader: Subscription | None = None) -> list[str]:
        """The kinds of what was handed over, in order; a message that stands in for others with how it stands."""
        rows = {str(row.pk): row for row in Delivery.objects.select_related("event")}
        sent = [rows[each.delivery_id] for each in self.provider.sent]
        return [kind_of(row) for row in sent if reader is None or row.subscription_id == reader.pk]

    def last_words(self) -> str:
        """The newest mail, its lines unfolded."""
        return self.provider.sent[-1].content.decode()


def kind_of(row: Delivery) -> str:
    kind = row.event.kind.removeprefix("maintenance_")
    return f"{kind}: {row.event.payload['phase']}" if kind == "current" else kind


@contextmanager
def travel(provider: Scripted) -> Iterator[Travel]:
    """Rule the time of this site until the end."""
    with virtual_time() as time:
        yield Travel(time, provider)
