"""The faults of a storm, each done to one running site, with its end where it has one. Kills only what the site began.

`Faults.do` names what was done in the tally and answers when, and how, it is to be undone.
"""

import contextlib
import os
import shutil
import signal
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from deploy import commands
from deploy.processes import Program
from tests.chaos.plan import Fault
from tests.site import Site

Undo = tuple[float, Callable[[], None]]
"""After so many seconds, do this."""

BACK_SECONDS = 1.0
"""What a service manager waits before it starts a program again."""

ANSWERS_LOST = {"drop after DATA", "stall", "500 after", "500 before", "timeout after", "bad body"}


@dataclass
class Tally:
    """What was done to a site. `processes`: killed ones of those that send; `shaken`: those whose database went."""

    faults: Counter[str] = field(default_factory=Counter)
    kills: int = 0
    processes: int = 0
    shaken: int = 0
    stopped: int = 0


class Faults:
    """Does to a site what a plan says. `mortals`: the addresses that a 550 may be said of."""

    def __init__(self, site: Site, mortals: list[str]) -> None:
        self.site = site
        self.mortals = mortals
        self.tally = Tally()
        self.fallen: list[Program] = []
        self.spare_beats = 0
        self.workers = [name for name in site.programs if name.startswith("worker")]
        self.beats = [name for name in site.programs if name.startswith("beat")]

    def do(self, fault: Fault) -> list[Undo]:
        """One fault, now."""
        self.tally.faults[fault.name] += 1
        worker = self.workers[fault.which % len(self.workers)]
        match fault.name:
            case "kill the pool":
                return self.kill_pool(worker)
            case "kill the group":
                return self.kill_group(worker)
            case "kill the main process":
                return self.kill_main(worker)
            case "stop and continue":
                return self.stop(worker, 3 * fault.lasts)
            case "kill the doorbell" | "erase the doorbell":
                return self.kill_doorbell(fault.lasts, erase=fault.name.startswith("erase"))
            case "restart the database":
                return self.restart_database()
            case "a third scheduler":
                return self.add_beat(3 * fault.lasts)
            case "kill a scheduler":
                return self.kill_beat(fault.which)
            case "duplicate callbacks" | "permute callbacks":
                mode = fault.name.split()[0]
                self.site.twilio.callbacks(mode=mode, seed=fault.which)
                return [(3 * fault.lasts, self.site.twilio.callbacks)]
        return self.script(fault)

    # --- Programs --------------------------------------------------------------------------------------------

    def kill_pool(self, worker: str) -> list[Undo]:
        """kill -9 for the processes of the pool; their parent, which lives, makes new ones."""
        children = pool_of(self.site.programs[worker])
        self.note_kill(len(children))
        self.signal(children, signal.SIGKILL)
        return []

    def kill_group(self, worker: str) -> list[Undo]:
        """kill -9 for main process, pool and drain loop at once."""
        program = self.site.programs[worker]
        self.note_kill(sending(program))
        program.kill()
        return [self.back(worker)]

    def kill_main(self, worker: str) -> list[Undo]:
        """kill -9 for the main process alone: the pool must not send on for ever."""
        program = self.site.programs[worker]
        self.note_kill(sending(program))
        program.signal(signal.SIGKILL)
        self.fallen.append(program)
        return [self.back(worker)]

    def back(self, worker: str) -> Undo:
        return (BACK_SECONDS, lambda: self.start_worker(worker))

    def start_worker(self, worker: str) -> None:
        """As a service manager does, where it does not run."""
        if not self.site.programs[worker].is_alive:
            self.site.start_worker(worker)

    def stop(self, worker: str, seconds: float) -> list[Undo]:
        """A machine that sleeps: its leases go on without it."""
        program = self.site.programs[worker]
        self.tally.stopped += sending(program)
        program.signal_group(signal.SIGSTOP)
        return [(seconds, lambda: program.signal_group(signal.SIGCONT))]

    def sleep(self, processes: list[int]) -> None:
        """These stop wherever they are."""
        self.tally.faults["sleep past a lease"] += 1
        self.tally.stopped += len(processes)
        self.signal(processes, signal.SIGSTOP)

    def wake(self, processes: list[int]) -> None:
        self.signal(processes, signal.SIGCONT)

    def signal(self, processes: list[int], number: int) -> None:
        for process in processes:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, number)

    def kill_doorbell(self, seconds: float, *, erase: bool) -> list[Undo]:
        valkey = self.site.valkey
        self.tally.kills += 1
        valkey.kill()
        if erase:
            for file in valkey.folder.glob("*"):
                forget(file)
        return [(seconds, lambda: None if valkey.program.is_alive else valkey.start())]

    def restart_database(self) -> list[Undo]:
        """Immediate: every connection breaks, and whatever was not committed is gone."""
        if self.site.postgres:
            self.tally.kills += 1
            self.tally.shaken += sum(sending(self.site.programs[name]) for name in self.workers)
            self.site.postgres.restart("immediate")
        return []

    def add_beat(self, seconds: float) -> list[Undo]:
        self.spare_beats += 1
        name = f"spare-beat-{self.spare_beats}"
        program = self.site.start_program(name, commands.beat(self.site.folder / name))
        return [(seconds, program.kill)]

    def kill_beat(self, which: int) -> list[Undo]:
        name = self.beats[which % len(self.beats)]
        self.tally.kills += 1
        self.site.programs[name].kill()
        return [(BACK_SECONDS, lambda: None if self.site.programs[name].is_alive else self.site.start_beat(name))]

    def cut_the_power(self) -> None:
        """kill -9 for every group of the site at once; then everything starts, as at a boot."""
        self.tally.faults["cut the power"] += 1
        site = self.site
        self.note_kill(sum(sending(site.programs[name]) for name in self.workers))
        servers = [server for server in (site.postgres, site.valkey) if server]
        for each in [*site.programs.values(), *servers]:
            each.kill()
        for server in servers:
            server.start()
        site.start_web()

    def note_kill(self, processes: int) -> None:
        self.tally.kills += 1
        self.tally.processes += processes

    # --- Providers -------------------------------------------------------------------------------------------

    def script(self, fault: Fault) -> list[Undo]:
        """What the relay, or Twilio, answers for a while: a few times at the most."""
        times = 1 + fault.which % 8
        smtp, twilio = self.site.smtp, self.site.twilio
        match fault.name:
            case "421":
                smtp.script(stage="connect", reply="421 4.3.2 try later", times=times)
            case "451":
                smtp.script(stage="rcpt", reply="451 4.7.1 greylisted", times=times)
            case "550":
                address = self.mortals[fault.which % len(self.mortals)]
                smtp.script(stage="rcpt", reply="550 5.1.1 no such user", match=address, times=1)
                return []
            case "drop after DATA":
                smtp.script(stage="data", reply="drop", times=times)
            case "stall":
                smtp.script(stage="data", reply="stall", times=times)
            case "429":
                twilio.script(answer="error", code=20429, times=times)
            case "500 before" | "500 after":
                twilio.script(answer="status", status=500, accepts=fault.name.endswith("after"), times=times)
            case "timeout after":
                twilio.script(answer="stall", accepts=True, times=times)
            case "bad body":
                twilio.script(answer="garbage", accepts=bool(fault.which % 2), times=times)
        heal = smtp.clear if fault.name in {"421", "451", "drop after DATA", "stall"} else self.heal_twilio
        return [(2 * fault.lasts, heal)]

    def heal_twilio(self) -> None:
        """No more scripted answers; the callbacks' mode is another fault's."""
        self.site.twilio.heal_answers()

    def heal(self) -> None:
        """All that is not undone yet: providers behave, everything runs."""
        self.site.smtp.clear()
        self.site.twilio.clear()
        for name in [*self.workers, *self.beats]:
            self.site.programs[name].signal_group(signal.SIGCONT)
        if not self.site.valkey.program.is_alive:
            self.site.valkey.start()
        for name in self.workers:
            self.start_worker(name)
        for name in self.beats:
            if not self.site.programs[name].is_alive:
                self.site.start_beat(name)

    def bury(self) -> None:
        """What a killed main process may have left behind."""
        for program in self.fallen:
            program.kill()


def pool_of(program: Program) -> list[int]:
    """The processes of a worker's pool: its children without the drain loop."""
    return [child for child in children_of(program) if b"drain" not in command_line(child)]


def sending(program: Program) -> int:
    """How many processes of a worker send: its pool and its drain loop."""
    return len(children_of(program))


def children_of(program: Program) -> list[int]:
    """The processes whose parent is the program's first one."""
    parent = program.process.pid if program.process else 0
    numbers = [int(folder.name) for folder in Path("/proc").iterdir() if folder.name.isdecimal()]
    return [number for number in numbers if parent_of(number) == parent]


def parent_of(process: int) -> int | None:
    """None for one that is gone, or dead and not yet buried."""
    with contextlib.suppress(OSError):
        state, parent = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[:2]
        return int(parent) if state != "Z" else None
    return None


def command_line(process: int) -> bytes:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{process}/cmdline").read_bytes()
    return b""


def forget(file: Path) -> None:
    """A broker's data; its log stays, to be read afterwards."""
    if file.is_dir():
        shutil.rmtree(file, ignore_errors=True)
    elif file.suffix not in {".log", ".conf"}:
        file.unlink(missing_ok=True)
