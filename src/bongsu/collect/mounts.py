"""The table of mounts: which of them are disks that can fill up."""

from __future__ import annotations

import os
import re
import select
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

MOST_MOUNTS = 64
"""A bound against machines that mount by the hundred."""

_OCTAL = re.compile(r"\\([0-7]{3})")

_REMOTE = frozenset(
    ("nfs", "nfs4", "cifs", "smb3", "smbfs", "ceph", "9p", "virtiofs", "afs", "lustre", "beegfs", "gpfs", "glusterfs")
)
_POOLED = frozenset(("zfs", "bcachefs"))
_IMAGES = frozenset(("squashfs", "iso9660", "udf", "erofs", "cramfs", "romfs"))
"""Read-only images are always full; that tells nobody anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mount:
    """A file system somebody can fill: where it is mounted, and whether asking it can hang (network, FUSE)."""

    path: str
    kind: str
    remote: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """One line of mountinfo (proc_pid_mountinfo(5))."""

    device: str
    root: str
    path: str
    kind: str
    source: str


class MountTable:
    """Follows /proc/self/mountinfo, which says by itself when something was mounted or removed."""

    def __init__(self, proc: Path = Path("/proc")) -> None:
        self._path = proc / "self" / "mountinfo"
        self._nodev = _nodev(proc / "filesystems")
        self._fd = -1
        self._poll = select.poll()
        self._mounts: tuple[Mount, ...] = ()

    def mounts(self) -> tuple[Mount, ...]:
        """The mounts worth watching now, at most `MOST_MOUNTS`. Reads the table only when it changed."""
        if self._fd < 0:
            self._fd = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
            self._poll.register(self._fd, select.POLLPRI | select.POLLERR)
            self._mounts = self._read()
        elif self._poll.poll(0):
            self._mounts = self._read()
        return self._mounts

    def close(self) -> None:
        """Let go of the table."""
        fd, self._fd = self._fd, -1
        if fd >= 0:
            self._poll.unregister(fd)
            os.close(fd)

    def _read(self) -> tuple[Mount, ...]:
        data = b""
        while more := os.pread(self._fd, 65_536, len(data)):
            data += more
        return choose(data.decode(errors="surrogateescape").splitlines(), self._nodev, is_file=os.path.isfile)


def choose(
    lines: Iterable[str], nodev: frozenset[str], *, is_file: Callable[[str], bool] = lambda _: False
) -> tuple[Mount, ...]:
    """The mounts worth watching among the lines of mountinfo.

    Disks (what isn't `nodev`), ZFS, network and FUSE file systems; not images, nor memory, nor overlays, except as the
    root: there an overlay is all that a container has. Of several mounts of one device the one of the
    whole, then the shortest path, stands for all: bind mounts show the same bytes again. Single files that container
    engines mount (/etc/hosts) are no disks; `is_file` tells them, and is asked of local mounts alone.
    """
    by_path = {line.path: line for line in map(_parse, lines)}  # what is mounted later hides what was there
    best: dict[tuple[str, str], _Line] = {}
    for line in by_path.values():
        if not _fillable(line, nodev) or (not is_remote(line.kind) and is_file(line.path)):
            continue
        # each ZFS dataset and each share has its own size; elsewhere the device number tells one file system
        key = (line.device, line.source if is_remote(line.kind) else "")
        other = best.get(key)
        if other is None or _rank(line) < _rank(other):
            best[key] = line
    chosen = sorted(best.values(), key=lambda line: (line.path.count("/"), line.path))[:MOST_MOUNTS]
    return tuple(Mount(path=line.path, kind=line.kind, remote=is_remote(line.kind)) for line in chosen)


def _fillable(line: _Line, nodev: frozenset[str]) -> bool:
    if line.kind in _IMAGES:
        return False
    if line.path == "/" and line.kind == "overlay":
        return True
    return line.kind not in nodev or line.kind in _POOLED or is_remote(line.kind)


def is_remote(kind: str) -> bool:
    """Whether asking a file system of this kind can hang, because another machine or program answers."""
    return kind in _REMOTE or kind == "fuseblk" or (kind.startswith("fuse.") and kind != "fuse.lxcfs")


def _rank(line: _Line) -> tuple[bool, int, str]:
    return line.root != "/", len(line.path), line.path


def _parse(text: str) -> _Line:
    head, _, tail = text.partition(" - ")
    fields, (kind, source, *_) = head.split(" "), tail.split(" ")
    return _Line(device=fields[2], root=_plain(fields[3]), path=_plain(fields[4]), kind=kind, source=_plain(source))


def _plain(text: str) -> str:
    """Blanks and the like stand as octal numbers in the table."""
    return _OCTAL.sub(lambda found: chr(int(found[1], 8)), text)


def _nodev(path: Path) -> frozenset[str]:
    """Kinds of file system that have no disk beneath."""
    lines = path.read_text().splitlines()
    return frozenset(line.split("\t")[1] for line in lines if line.startswith("nodev"))
