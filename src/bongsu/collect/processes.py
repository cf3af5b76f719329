"""All processes, from /proc: how many, in which state, and who uses most."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

from bongsu.collect.top import STATES, Groups, Seen, rates, top_list
from bongsu.collect.untrusted import printable
from bongsu.model.process import TopList
from bongsu.model.sample import Sample, labels_of
from bongsu.ports import Clock

_KTHREADD = 2
_LONGEST_COMM = 15
"""The kernel cuts names there."""


class Walk(Protocol):
    """Reads every process once."""

    def __call__(self) -> list[Seen]:
        """All processes that could be read."""
        ...


class ProcessCollector:
    """Walks all processes every few seconds, in a thread. `top()` has the newest list for screens."""

    name = "processes"

    def __init__(
        self,
        *,
        clock: Clock,
        walk: Walk | None = None,
        interval: float = 5.0,
        rows: int = 10,
        groups: Groups | None = None,
    ) -> None:
        self.interval = interval
        self._clock = clock
        self._walk = walk or ProcWalk()
        self._rows = rows
        self._groups = groups or Groups()
        self._before: dict[tuple[int, float], float] | None = None
        self._moment = 0.0
        self._top: TopList | None = None

    def top(self) -> TopList | None:
        """The newest list; None before the first reading."""
        return self._top

    def collect(self) -> Sequence[Sample]:
        """Numbers of processes, and CPU and memory by name of those that use most."""
        at, moment = self._clock.now(), self._clock.monotonic()
        seen = self._walk()
        cpu = rates(self._before, seen, moment - self._moment)
        self._before = {(one.pid, one.began): one.cpu for one in seen}
        self._moment = moment
        self._top = top_list(at, seen, cpu, rows=self._rows)
        states = Counter(STATES.get(one.state, "unknown") for one in seen)
        return [
            Sample(metric="process_count", value=len(seen)),
            *(
                # every state each time, so that the zombies of a minute ago don't stay on a screen for ever
                Sample(metric="processes_by_state", value=states[state], labels=labels_of(state=state))
                for state in sorted({*STATES.values(), *states})
            ),
            *self._groups.samples(seen, cpu),
        ]

    def close(self) -> None:
        """Nothing is held open."""


class ProcWalk:
    """Reads /proc/<pid>/stat of every process: one short file each, taken apart by hand."""

    def __init__(self, proc: Path = Path("/proc")) -> None:
        self._proc = str(proc)
        self._tick = os.sysconf("SC_CLK_TCK")
        self._page = os.sysconf("SC_PAGE_SIZE")
        self._names: dict[tuple[bytes, bytes, bytes], str] = {}

    def __call__(self) -> list[Seen]:
        """All processes that could be read; one that ends meanwhile is left out."""
        names, found = self._names, []
        self._names = {}
        for pid, text in self._texts():
            # the name may hold anything, also blanks and brackets: it ends at the last bracket
            head, end = text.index(b"("), text.rindex(b")")
            comm, fields = text[head + 1 : end], text[end + 2 :].split(None, 22)
            kernel = int(fields[1]) == _KTHREADD or pid == _KTHREADD
            key = (text[:head], fields[19], comm)
            name = names.get(key)
            if name is None:
                name = self._full_name(pid, comm)
            self._names[key] = name
            found.append(
                Seen(
                    pid=pid,
                    began=int(fields[19]),
                    name=name,
                    kernel=kernel,
                    state=chr(fields[0][0]),
                    cpu=(int(fields[11]) + int(fields[12])) / self._tick,
                    memory=int(fields[21]) * self._page,
                    threads=int(fields[17]),
                )
            )
        return found

    def _texts(self) -> Iterator[tuple[int, bytes]]:
        home = os.open(self._proc, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            for name in os.listdir(self._proc):  # noqa: PTH208 - a Path for each of them would cost more than reading it
                if not name.isdecimal():
                    continue
                try:
                    file = os.open(f"{name}/stat", os.O_RDONLY | os.O_CLOEXEC, dir_fd=home)
                except OSError:
                    continue
                try:
                    yield int(name), os.read(file, 4096)
                except OSError:
                    continue
                finally:
                    os.close(file)
        finally:
            os.close(home)

    def _full_name(self, pid: int, comm: bytes) -> str:
        """The name, or what the command line has of it where the kernel cut it. Never its arguments: they may
        hold secrets."""
        if len(comm) == _LONGEST_COMM:
            try:
                command = Path(self._proc, str(pid), "cmdline").read_bytes().partition(b"\0")[0]
            except OSError:
                command = b""
            base = command.rpartition(b"/")[2]
            if base.startswith(comm):
                comm = base[:64]
        return printable(comm.decode(errors="replace")) or "?"
