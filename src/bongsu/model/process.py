"""The machine's busiest processes at one moment."""

from __future__ import annotations

import msgspec


class ProcessRow(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One process. Its name was chosen by whoever started it: text not to be trusted."""

    pid: int
    name: str
    state: str
    """running, sleeping, disk (waits for I/O and can't be stopped), stopped, zombie, idle or unknown."""
    cpu: float | None
    """Per cent of one core since the list before; None where there was no reading before."""
    memory_bytes: int
    threads: int


class TopList(msgspec.Struct, frozen=True, kw_only=True):
    """The processes that use most CPU or most memory, by CPU and then memory, largest first."""

    at: int
    """When it was read, UTC milliseconds."""
    total: int
    """Processes on the machine."""
    rows: tuple[ProcessRow, ...]
