"""Limits that a container puts on what we may use of the machine (control groups, version 1 and 2)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from bongsu.collect.procfs import KeptFile

_CONTAINER = re.compile(rb"docker|kubepods|libpod|containerd|crio|lxc|garden")


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryUse:
    """A container's memory: its limit and what it uses without the page cache it could give back, in bytes."""

    limit: int
    used: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CpuUse:
    """A container's CPU: its quota in cores and the CPU time used since it began, in seconds."""

    cores: float
    used: float


class ControlGroup:
    """The control group that is our world.

    Inside a container that is the root of what is mounted; its limits bind everything we see. On a machine of its own
    the root has none, and the group of our service is not looked at: its limit is ours, not the
    machine's, and would make a calm machine look full.
    """

    def __init__(self, root: Path = Path("/sys/fs/cgroup"), own: Path = Path("/proc/self/cgroup")) -> None:
        paths = _container_paths(own)
        self._unified = (root / "cgroup.controllers").exists() or (root / "memory.max").exists()
        if self._unified:
            home = _home(root, paths.get(""))
            memory = [home / name for name in ("memory.max", "memory.current", "memory.stat")]
            cpu = [home / name for name in ("cpu.max", "cpu.stat")]
        else:
            home = _home(root / "memory", paths.get("memory"))
            memory = [home / f"memory.{name}" for name in ("limit_in_bytes", "usage_in_bytes", "stat")]
            home = _home(root / "cpu", paths.get("cpu"))
            accounts = _home(root / "cpuacct", paths.get("cpuacct")) / "cpuacct.usage"
            cpu = [home / "cpu.cfs_quota_us", home / "cpu.cfs_period_us", accounts]
        self._memory = [KeptFile(path) for path in memory] if all(path.exists() for path in memory) else []
        self._cpu = [KeptFile(path) for path in cpu] if all(path.exists() for path in cpu) else []

    def memory(self, machine: int) -> MemoryUse | None:
        """Limit and use where the limit is below the `machine`'s memory (bytes), else None."""
        if not self._memory:
            return None
        limit, current, stat = self._memory
        text = limit.head(64).strip()
        if text == b"max" or not 0 < (bound := int(text)) < machine:
            return None
        reclaimable = _field(stat.read(), b"inactive_file" if self._unified else b"total_inactive_file")
        return MemoryUse(limit=bound, used=max(0, int(current.head(64)) - reclaimable))

    def cpu(self, machine: int) -> CpuUse | None:
        """Quota and use where the quota is below the `machine`'s number of cores, else None."""
        if not self._cpu:
            return None
        if self._unified:
            quota, _, period = self._cpu[0].head(64).strip().partition(b" ")
        else:
            quota, period = (file.head(64).strip() for file in self._cpu[:2])
        if quota in (b"max", b"-1") or not int(period):
            return None
        cores = int(quota) / int(period)
        if not 0 < cores < machine:
            return None
        if self._unified:
            return CpuUse(cores=cores, used=_field(self._cpu[1].read(), b"usage_usec") / 1e6)
        return CpuUse(cores=cores, used=int(self._cpu[2].head(64)) / 1e9)

    def close(self) -> None:
        """Let go of the files."""
        for file in (*self._memory, *self._cpu):
            file.close()


def _home(root: Path, path: str | None) -> Path:
    """The group's folder; most engines mount it as the root, some show the host's whole tree."""
    return root / path if path and (root / path).is_dir() else root


def _container_paths(own: Path) -> dict[str, str]:
    """Controller → path of our group, where it is a container's seen from outside (a container that shares
    the host's view); empty elsewhere. Version 2 has the controller ""."""
    try:
        lines = own.read_bytes().splitlines()
    except OSError:
        return {}
    paths = {}
    for line in lines:
        _, controllers, path = line.split(b":", 2)
        if _CONTAINER.search(path) and not path.startswith(b"/.."):
            for controller in controllers.split(b","):
                paths[controller.decode()] = path.decode(errors="replace").lstrip("/")
    return paths


def _field(text: bytes, name: bytes) -> int:
    """The number behind `name` in lines of "name number"; 0 where it is missing."""
    for line in text.splitlines():
        key, _, value = line.partition(b" ")
        if key == name:
            return int(value)
    return 0
