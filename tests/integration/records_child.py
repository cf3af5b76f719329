"""A process that delivers notices from the outbox and is killed before its n-th statement, for n = 1, 2, 3 …

Run by `test_records_survive.py`. Each walk happens in a child of its own, which kills itself; another child then opens
what was left, delivers the rest as any restart does, and tells what it found: one line of JSON a walk.
"""

from __future__ import annotations

import asyncio
import gc
import itertools
import json
import os
import signal
import sqlite3
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

import sqlalchemy
from msgspec.structs import replace

from bongsu.clock import SystemClock
from bongsu.model.alert import Alert, Notice, Transition
from bongsu.records.sql import SqlRecords

NOTICES = 2
NOW = 1_763_778_000_000


class Fate:
    """Kills this process, as a power switch would, at the n-th moment."""

    def __init__(self, moments: int) -> None:
        self._left = moments

    def moment(self, _: object = None) -> None:
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def watch(self, connection: sqlite3.Connection, _: object) -> None:
        connection.set_trace_callback(self.moment)


def write(file: Path, line: str) -> None:
    """What has been written is outside of this process and survives it."""
    handle = os.open(file, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
    os.write(handle, f"{line}\n".encode())
    os.close(handle)


async def walk(folder: Path, fate: Fate) -> None:
    """Keep alerts with their notices and deliver them, one step after the other."""
    sqlalchemy.event.listen(sqlalchemy.Engine, "connect", fate.watch)
    records = await SqlRecords.open(folder, clock=SystemClock())
    for number in map(str, range(NOTICES)):
        alert = Alert(
            id=number,
            fingerprint=number,
            source="rule",
            severity="error",
            phase="firing",
            message="down",
            pending_at=NOW,
            changed_at=NOW,
        )
        notice = Notice(id=number, kind="fired", channel="webhook", severity="error", at=NOW, alerts=(alert,))
        await records.commit([Transition(alert=alert, change="fired", at=NOW)], [notice])
        fate.moment()
        write(folder / "kept", number)
        await deliver(records, folder, fate)
    await records.close()


async def deliver(records: SqlRecords, folder: Path, fate: Fate) -> None:
    """Try what is due: note the attempt, send, note the receipt."""
    for delivery in await records.due(NOW + 1):
        tried = replace(delivery, attempts=delivery.attempts + 1)
        await records.mark([tried])
        fate.moment()
        write(folder / "sent", delivery.notice.id)
        fate.moment()
        await records.mark([replace(tried, state="sent", done_at=NOW + 1)])


async def resume(folder: Path, number: int) -> None:
    """Open what is left, deliver the rest and tell it all."""
    records = await SqlRecords.open(folder, clock=SystemClock())
    living, waiting, done = await records.living(), await records.waiting(), await records.done()
    await deliver(records, folder, Fate(0))
    files = {name: (folder / name).read_text().split() if (folder / name).exists() else [] for name in ("kept", "sent")}
    found = {
        **files,
        "walk": number,
        "alerts": [one.id for one in living],
        "notices": sorted(one.notice.id for one in (*waiting, *done)),
        "undelivered": [one.notice.id for one in await records.waiting()],
        "damaged": [one.value for one in records.figures() if one.metric == "bongsu_records_damaged_total"],
    }
    os.write(1, json.dumps(found).encode() + b"\n")
    await records.close()


def parted(work: Callable[[], int | None]) -> int:
    """Begin it in a process of its own, whose status is what it returns; the process' id."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            status = work() or 0
        except BaseException:  # noqa: BLE001 (told by the parent's exit status)
            traceback.print_exc()
        finally:
            os._exit(status)
    return child


def in_a_child(work: Callable[[], None]) -> int:
    """Run it in a process of its own; how that ended."""
    return os.waitstatus_to_exitcode(os.waitpid(parted(work), 0)[1])


def walks(one: Callable[[int], int], *, at_once: int = 4) -> None:
    """Walk with 1, 2, 3 … statements to live until one isn't killed any more.

    A few at once: each of them waits for the disk most of the time. `one` walks, and tells how that ended.
    """

    def some(first: int) -> int:
        numbers = itertools.count(first, at_once)
        return next(ended for ended in map(one, numbers) if ended != -signal.SIGKILL)

    gc.freeze()  # what is loaded stays shared: a collection in a child would copy all of it
    walkers = [parted(lambda first=first: some(first)) for first in range(1, at_once + 1)]  # type: ignore[misc]
    ends = [os.waitstatus_to_exitcode(os.waitpid(walker, 0)[1]) for walker in walkers]
    if any(ends):
        raise SystemExit(f"walks ended with {ends}")


def main(folder: Path) -> None:
    """Walk after walk, each in a folder of its own."""

    def one(number: int) -> int:
        place = folder / str(number)
        place.mkdir()
        ended = in_a_child(lambda: asyncio.run(walk(place, Fate(number))))
        in_a_child(lambda: asyncio.run(resume(place, number)))
        return ended

    walks(one)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
