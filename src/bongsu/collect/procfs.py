"""Reading the kernel's text files cheaply."""

from __future__ import annotations

import os
from pathlib import Path

_CHUNK = 16_384


class KeptFile:
    """A file of /proc or /sys that stays open and is read again from its start each time.

    Opening costs several times what reading does, and these are read each second. It opens when first read,
    so that one that was closed can be used again. Not for files below a mount that somebody may want to remove.
    """

    def __init__(self, path: Path | str) -> None:
        self._path = path
        self._fd = -1

    def read(self) -> bytes:
        """All of it.

        Raises:
            OSError: it can't be opened or read.
        """
        fd = self._open()
        data = os.pread(fd, _CHUNK, 0)
        # the kernel hands long tables out in pieces: go on until it says it was all
        while more := os.pread(fd, _CHUNK, len(data)):
            data += more
        return data

    def head(self, size: int) -> bytes:
        """At most the first `size` bytes, in one call; right for files of a single record."""
        return os.pread(self._open(), size, 0)

    def close(self) -> None:
        """Let go of the file."""
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)

    def _open(self) -> int:
        if self._fd < 0:
            self._fd = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        return self._fd


def readable(path: Path) -> bool:
    """Whether the file is there and can really be read (some exist and refuse when switched off)."""
    try:
        with path.open("rb") as file:
            file.read(1)
    except OSError:
        return False
    return True
