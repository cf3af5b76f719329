"""From a reading of all processes to what is shown of them: pure, no I/O."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping

import msgspec

from bongsu.model.process import ProcessRow, TopList
from bongsu.model.sample import Labels, Sample, labels_of

_OTHERS = "(others)"


class Seen(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One process as read: CPU seconds since it began, resident bytes, state letter as in proc(5)."""

    pid: int
    began: float
    name: str
    kernel: bool
    state: str
    cpu: float
    memory: int
    threads: int


STATES: Mapping[str, str] = {
    "R": "running",
    "S": "sleeping",
    "D": "disk",
    "T": "stopped",
    "t": "stopped",
    "Z": "zombie",
    "X": "zombie",
    "I": "idle",
}


def rates(before: Mapping[tuple[int, float], float] | None, now: Iterable[Seen], elapsed: float) -> dict[int, float]:
    """Per cent of one core by pid since the reading before; a process that began since counts from its beginning."""
    if before is None or elapsed <= 0:
        return {}
    return {one.pid: 100.0 * max(0.0, one.cpu - before.get((one.pid, one.began), 0.0)) / elapsed for one in now}


def top_list(at: int, seen: list[Seen], cpu: Mapping[int, float], *, rows: int) -> TopList:
    """The `rows` processes that use most CPU together with the `rows` that use most memory."""
    by_cpu = heapq.nlargest(rows, seen, key=lambda one: cpu.get(one.pid, 0.0))
    by_memory = heapq.nlargest(rows, seen, key=lambda one: one.memory)
    chosen = {one.pid: one for one in (*by_cpu, *by_memory)}.values()
    ordered = sorted(chosen, key=lambda one: (-cpu.get(one.pid, 0.0), -one.memory, one.pid))
    return TopList(
        at=at,
        total=len(seen),
        rows=tuple(
            ProcessRow(
                pid=one.pid,
                name=one.name,
                state=STATES.get(one.state, "unknown"),
                cpu=cpu.get(one.pid),
                memory_bytes=one.memory,
                threads=one.threads,
            )
            for one in ordered
        ),
    )


class Groups:
    """Which names become series, bounded however names come and go.

    Processes are added up by name, the kernel's own as one. The `top` names by CPU and by memory are listed; one that
    was listed stays so for `linger` readings, so that its line doesn't break off and begin again; at most `limit`
    different names are ever given a series, those beyond it are added up as "(others)".
    """

    def __init__(self, *, top: int = 5, linger: int = 60, limit: int = 200) -> None:
        self._top = top
        self._linger = linger
        self._limit = limit
        self._listed: dict[str, int] = {}
        self._labels: dict[str, Labels] = {}

    def samples(self, seen: Iterable[Seen], cpu: Mapping[int, float]) -> list[Sample]:
        """CPU (where rates are known) and memory of the listed names."""
        use: dict[str, list[float]] = {}
        for one in seen:
            total = use.setdefault("(kernel)" if one.kernel else one.name, [0.0, 0.0])
            total[0] += cpu.get(one.pid, 0.0)
            total[1] += one.memory
        self._list(use)
        found: dict[Labels, list[float]] = {}
        for name in self._listed:
            if name in use:
                total = found.setdefault(self._of(name), [0.0, 0.0])
                total[0] += use[name][0]
                total[1] += use[name][1]
        samples = []
        for labels, (percent, memory) in found.items():
            if cpu:
                samples.append(Sample(metric="process_cpu_usage", value=percent, labels=labels))
            samples.append(Sample(metric="process_memory_bytes", value=memory, labels=labels))
        return samples

    def _list(self, use: Mapping[str, list[float]]) -> None:
        # a name that used nothing at all tells nobody anything: idle machines list few
        busy = [name for name in heapq.nlargest(self._top, use, key=lambda name: use[name][0]) if use[name][0] > 0]
        large = [name for name in heapq.nlargest(self._top, use, key=lambda name: use[name][1]) if use[name][1] > 0]
        left = {name: turns - 1 for name, turns in self._listed.items() if turns > 1}
        self._listed = left | dict.fromkeys((*busy, *large), self._linger)
        if len(self._listed) > 4 * self._top:
            kept = heapq.nlargest(4 * self._top, self._listed, key=lambda name: self._listed[name])
            self._listed = {name: self._listed[name] for name in kept}

    def _of(self, name: str) -> Labels:
        labels = self._labels.get(name)
        if labels is None:
            shown = name if len(self._labels) < self._limit else _OTHERS
            labels = labels_of(process=shown)
            if shown is name:
                self._labels[name] = labels
        return labels
