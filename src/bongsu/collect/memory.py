"""Memory and swap, from /proc/meminfo."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bongsu.collect.cgroup import ControlGroup
from bongsu.collect.procfs import KeptFile
from bongsu.model.sample import Sample, labels_of

_LIMITED = labels_of(resource="memory")
_WANTED = frozenset(
    (b"MemTotal", b"MemFree", b"MemAvailable", b"Buffers", b"Cached", b"SwapTotal", b"SwapFree", b"Dirty")
)


class MemoryCollector:
    """What is used and what could still be had. Where a container's limit binds, everything is against the limit."""

    name = "memory"
    inline = True

    def __init__(self, *, interval: float = 1.0, proc: Path = Path("/proc"), group: ControlGroup | None = None) -> None:
        self.interval = interval
        self._file = KeptFile(proc / "meminfo")
        self._group = group

    def collect(self) -> Sequence[Sample]:
        """Bytes and per cent now. No swap, no per cent of it."""
        read = _fields(self._file.read())
        total = read[b"MemTotal"]
        available = read.get(b"MemAvailable", read[b"MemFree"] + read[b"Buffers"] + read[b"Cached"])
        limit = self._group and self._group.memory(total)
        samples = []
        if limit:
            samples.append(Sample(metric="cgroup_limited", value=1, labels=_LIMITED))
            total, available = limit.limit, min(available, max(0, limit.limit - limit.used))
        return [*samples, *memory_samples(total, available), *self._more(read)]

    def _more(self, read: dict[bytes, int]) -> list[Sample]:
        samples = swap_samples(read[b"SwapTotal"], read[b"SwapTotal"] - read[b"SwapFree"])
        samples.append(Sample(metric="memory_cached_bytes", value=read[b"Cached"] + read[b"Buffers"]))
        if b"Dirty" in read:
            samples.append(Sample(metric="memory_dirty_bytes", value=read[b"Dirty"]))
        return samples

    def close(self) -> None:
        """Let go of the files."""
        self._file.close()
        if self._group is not None:
            self._group.close()


def memory_samples(total: int, available: int) -> list[Sample]:
    """Used is what can't be had without swapping: total less available. Bytes."""
    return [
        Sample(metric="memory_usage", value=100.0 * (total - available) / total),
        Sample(metric="memory_used_bytes", value=total - available),
        Sample(metric="memory_available_bytes", value=available),
        Sample(metric="memory_total_bytes", value=total),
    ]


def swap_samples(total: int, used: int) -> list[Sample]:
    """Swap in bytes and per cent; only its size (0) where there is none."""
    samples = [Sample(metric="swap_total_bytes", value=total)]
    if total:
        samples.append(Sample(metric="swap_used_bytes", value=used))
        samples.append(Sample(metric="swap_usage", value=100.0 * used / total))
    return samples


def _fields(text: bytes) -> dict[bytes, int]:
    """Bytes by name, of those we want; the file speaks of kB and means KiB."""
    found = {}
    for line in text.split(b"\n"):
        key, _, rest = line.partition(b":")
        if key in _WANTED:
            found[key] = int(rest.split(None, 1)[0]) * 1024
            if len(found) == len(_WANTED):
                break
    return found
