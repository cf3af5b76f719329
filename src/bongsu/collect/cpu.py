"""CPU: use in all, by kind of work and by core, from /proc/stat."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bongsu.collect.cgroup import ControlGroup, CpuUse
from bongsu.collect.procfs import KeptFile
from bongsu.model.sample import Labels, Sample, labels_of
from bongsu.ports import Clock

_MODES = ("user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal")
_IDLE = (3, 4)
_LIMITED = labels_of(resource="cpu")


class CpuCollector:
    """Shares of the time since the last reading. Where a container's quota binds, `cpu_usage` is against the quota."""

    name = "cpu"
    inline = True

    def __init__(
        self, *, clock: Clock, interval: float = 1.0, proc: Path = Path("/proc"), group: ControlGroup | None = None
    ) -> None:
        self.interval = interval
        self._clock = clock
        self._file = KeptFile(proc / "stat")
        self._group = group
        self._size = 4_096
        self._before: dict[bytes, tuple[int, ...]] = {}
        self._used: tuple[float, CpuUse] | None = None
        self._cores: dict[bytes, Labels] = {}
        self._modes = tuple(labels_of(mode=mode) for mode in _MODES)

    def collect(self) -> Sequence[Sample]:
        """Per cent of the time since the last reading; nothing at the first."""
        rows = self._read()
        before, self._before = self._before, rows
        samples: list[Sample] = []
        for key, now in rows.items():
            earlier = before.get(key)
            shares = earlier and _shares(earlier, now)
            if not shares:
                continue
            busy = min(100.0, sum(share for i, share in enumerate(shares) if i not in _IDLE))
            if key == b"cpu":
                samples += self._whole(busy, shares, len(rows) - 1)
            else:
                samples.append(Sample(metric="cpu_core_usage", value=busy, labels=self._core(key)))
        return samples

    def close(self) -> None:
        """Let go of the files."""
        self._file.close()
        if self._group is not None:
            self._group.close()

    def _read(self) -> dict[bytes, tuple[int, ...]]:
        # the kernel makes the whole text anyway, but its long table of interrupts need not be copied
        data = self._file.head(self._size)
        while data.rfind(b"\nintr") < 0 and len(data) == self._size:
            self._size *= 2
            data = self._file.head(self._size)
        rows = {}
        for line in data.split(b"\n"):
            if not line.startswith(b"cpu"):
                break
            key, *times = line.split(None, 9)
            rows[key] = tuple(map(int, times[:8]))
        return rows

    def _whole(self, busy: float, shares: Sequence[float], cores: int) -> list[Sample]:
        limit = self._group and self._group.cpu(cores)
        samples = [
            Sample(metric="cpu_mode_usage", value=share, labels=labels)
            for index, (share, labels) in enumerate(zip(shares, self._modes, strict=True))
            if index != _IDLE[0]
        ]
        samples.append(Sample(metric="cpu_cores", value=limit.cores if limit else cores))
        if limit:
            usage = self._against(limit)
            samples.append(Sample(metric="cgroup_limited", value=1, labels=_LIMITED))
        else:
            usage, self._used = busy, None
        if usage is not None:
            samples.append(Sample(metric="cpu_usage", value=usage))
        return samples

    def _against(self, limit: CpuUse) -> float | None:
        moment = self._clock.monotonic()
        last, self._used = self._used, (moment, limit)
        if last is None or moment <= last[0] or limit.used < last[1].used:
            return None
        return 100.0 * (limit.used - last[1].used) / (moment - last[0]) / limit.cores

    def _core(self, key: bytes) -> Labels:
        labels = self._cores.get(key)
        if labels is None:
            labels = self._cores[key] = labels_of(core=key[3:].decode())
        return labels


def _shares(before: tuple[int, ...], now: tuple[int, ...]) -> tuple[float, ...] | None:
    """Per cent of the time that passed, by mode; None when none passed. Old kernels let `iowait` fall: as none."""
    steps = [max(0, b - a) for a, b in zip(before, now, strict=True)]
    total = sum(steps)
    return tuple(100.0 * step / total for step in steps) if total else None
