"""Load, uptime and pressure: the machine as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bongsu.collect.counter import Rates
from bongsu.collect.procfs import KeptFile, readable
from bongsu.model.sample import Sample
from bongsu.ports import Clock

_RESOURCES = ("cpu", "memory", "io")


class SystemCollector:
    """Load and uptime; pressure (PSI) where the kernel measures it: per cent of the time that work had to wait."""

    name = "system"
    inline = True

    def __init__(self, *, clock: Clock, interval: float = 1.0, proc: Path = Path("/proc")) -> None:
        self.interval = interval
        self._clock = clock
        self._load = KeptFile(proc / "loadavg")
        self._uptime = KeptFile(proc / "uptime")
        files = {name: proc / "pressure" / name for name in _RESOURCES}
        self._pressure = {name: KeptFile(path) for name, path in files.items() if readable(path)}
        self._waited: Rates[str] = Rates((64,))

    def collect(self) -> Sequence[Sample]:
        """Load averages, uptime in seconds, per cent of the time since the last reading spent waiting."""
        one, five, fifteen, tasks, _ = self._load.head(128).split()
        samples = [
            Sample(metric="load_1m", value=float(one)),
            Sample(metric="load_5m", value=float(five)),
            Sample(metric="load_15m", value=float(fifteen)),
            Sample(metric="uptime_seconds", value=float(self._uptime.head(64).split()[0])),
            Sample(metric="threads_running", value=int(tasks.partition(b"/")[0])),
        ]
        waited = {name: (_total(file.head(256)),) for name, file in self._pressure.items()}
        for name, (rate,) in self._waited.of(waited, self._clock.monotonic()).items():
            # microseconds of waiting a second; the kernel adds up in steps of its own, so 100 can be overshot
            samples.append(Sample(metric=f"{name}_pressure", value=min(100.0, rate / 1e4)))
        return samples

    def close(self) -> None:
        """Let go of the files."""
        for file in (self._load, self._uptime, *self._pressure.values()):
            file.close()


def _total(text: bytes) -> int:
    """Microseconds in which at least one task waited ("some … total=…")."""
    return int(text[: text.index(b"\n")].rpartition(b"=")[2])
