"""Room on the disks, by mount."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from typing import Protocol

from bongsu.collect.mounts import Mount, MountTable
from bongsu.collect.threads import Call, Threads
from bongsu.collect.untrusted import printable
from bongsu.model.sample import Labels, Sample, labels_of

Statvfs = Callable[[str], os.statvfs_result]


class Mounts(Protocol):
    """Where mounts are known from: `MountTable`, or what psutil lists."""

    def mounts(self) -> tuple[Mount, ...]:
        """The mounts worth watching now."""
        ...

    def close(self) -> None:
        """Let go of what is held open."""
        ...


class DiskCollector:
    """Disks of this machine. In a thread, since a dying disk answers late."""

    name = "disk"

    def __init__(self, *, interval: float = 1.0, mounts: Mounts | None = None, statvfs: Statvfs = os.statvfs) -> None:
        self.interval = interval
        self._mounts = mounts or MountTable()
        self._statvfs = statvfs

    def collect(self) -> Sequence[Sample]:
        """Bytes and per cent of each local mount. One that can't be read is left out, unless none can.

        Raises:
            OSError: there are mounts, but not one could be read.
        """
        samples: list[Sample] = []
        fault: OSError | None = None
        for mount in self._mounts.mounts():
            if mount.remote:
                continue
            try:
                samples += room(mount.path, self._statvfs(mount.path))
            except OSError as error:  # gone since the table was read, or not for us to see
                fault = error
        if fault is not None and not samples:
            raise fault
        return samples

    def close(self) -> None:
        """Let go of the table of mounts."""
        self._mounts.close()


class RemoteDiskCollector:
    """Network and FUSE mounts: each is asked in a thread of its own, because any of them may hang for hours.

    `disk_answering` says which of them did; a mount that hangs isn't asked again before it came back.
    """

    name = "disk_remote"

    def __init__(
        self,
        *,
        interval: float = 10.0,
        patience: float = 2.0,
        mounts: Mounts | None = None,
        statvfs: Statvfs = os.statvfs,
        threads: Threads | None = None,
    ) -> None:
        self.interval = interval
        self._patience = patience
        self._mounts = mounts or MountTable()
        self._statvfs = statvfs
        self._threads = threads or Threads(limit=4, spare=16, name="bongsu-mounts")
        self._asked: dict[str, Call] = {}

    async def collect(self) -> Sequence[Sample]:
        """Room on each mount that answered within `patience` seconds."""
        mounts = [mount.path for mount in self._mounts.mounts() if mount.remote]
        hanging = dict(self._asked)
        for path in mounts:
            if path not in hanging:
                self._asked[path] = self._threads.run(lambda path=path: self._statvfs(path))  # type: ignore[misc]
        if self._asked:
            await asyncio.wait([call.future for call in self._asked.values()], timeout=self._patience)
        samples: list[Sample] = []
        for path, call in list(self._asked.items()):
            answered = call.future.done()
            if answered:
                del self._asked[path]
                if path not in hanging and path in mounts and call.future.exception() is None:
                    samples += room(path, call.future.result())
            else:
                self._threads.write_off(call)
            if path in mounts:
                good = answered and call.future.exception() is None
                samples.append(
                    Sample(metric="disk_answering", value=float(good), labels=labels_of(mount=printable(path)))
                )
        return samples

    def close(self) -> None:
        """Let go of the table of mounts and the threads."""
        self._mounts.close()
        self._threads.close()


def room(path: str, read: os.statvfs_result) -> list[Sample]:
    """Samples of one file system. Per cent as `df` has it: of what users can fill, without what is
    reserved for root; nothing where the size is 0."""
    used = (read.f_blocks - read.f_bfree) * read.f_frsize
    free = read.f_bavail * read.f_frsize
    if not read.f_blocks or used + free <= 0:
        return []
    labels: Labels = labels_of(mount=printable(path))
    samples = [
        Sample(metric="disk_usage", value=100.0 * used / (used + free), labels=labels),
        Sample(metric="disk_used_bytes", value=used, labels=labels),
        Sample(metric="disk_free_bytes", value=free, labels=labels),
        Sample(metric="disk_total_bytes", value=read.f_blocks * read.f_frsize, labels=labels),
    ]
    if read.f_files:  # some file systems (btrfs) have no fixed number of them
        taken = 100.0 * (read.f_files - read.f_ffree) / read.f_files
        samples.append(Sample(metric="disk_inodes_usage", value=taken, labels=labels))
    return samples
