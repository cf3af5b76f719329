"""A process that folds and delivers a backlog and is killed before its n-th statement, for n = 1, 2, 3 …

Run by `test_notify_survives.py`, whose receiver hears what is sent: the path says in which walk. Each walk happens in a
child of its own, which kills itself; another child then delivers what is left, as any restart does.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from importlib import import_module
from pathlib import Path

import sqlalchemy

from bongsu.clock import SystemClock
from bongsu.model.alert import Alert, Notice, NoticeKind, Phase
from bongsu.notify.notifier import Notifier
from bongsu.notify.registry import KINDS
from bongsu.records.sql import SqlRecords
from bongsu.settings.model import Settings
from tests.integration.records_child import Fate, in_a_child, walks

WARM = ("httpx", "httpcore", "anyio._backends._asyncio", "email.policy", "bongsu.notify.sandbox")
"""What a delivery loads beside the channels."""
THEN = 1_763_778_000_000


def warm() -> None:
    """Load all of it before the children part, so that each of a hundred doesn't pay for it."""
    for name in (*WARM, *(path.partition(":")[0] for path in KINDS.values())):
        import_module(name)


def notice(kind: NoticeKind, name: str, phase: Phase, at: int) -> Notice:
    """One notice of one alert."""
    alert = Alert(
        id=name,
        fingerprint=name,
        source="rule",
        severity="error",
        phase=phase,
        message=name,
        pending_at=THEN,
        changed_at=THEN,
    )
    return Notice(id=f"{kind}-{name}", kind=kind, channel="webhook:ops", severity="error", at=at, alerts=(alert,))


def backlog() -> list[Notice]:
    """Two alerts that came and went, and one that is still open, all told long ago to nobody."""
    return [
        notice("fired", "a", "firing", THEN),
        notice("resolved", "a", "resolved", THEN + 1),
        notice("fired", "b", "firing", THEN + 2),
        notice("resolved", "b", "resolved", THEN + 3),
        notice("fired", "c", "firing", THEN + 4),
    ]


async def put(folder: Path) -> None:
    """The backlog, in the outbox."""
    records = await SqlRecords.open(folder, clock=SystemClock())
    await records.put(backlog())
    await records.close()


class Later(Fate):
    """Begins to count once it is told to: opening the records has a test of its own."""

    def __init__(self) -> None:
        super().__init__(0)

    def begin(self, moments: int) -> None:
        self._left = moments


async def deliver(folder: Path, url: str, moments: int) -> None:
    """Deliver until nothing waits, or until killed."""
    clock = SystemClock()
    settings = Settings.model_validate({"notifications": {"webhooks": [{"name": "ops", "url": url}]}})
    fate = Later()
    sqlalchemy.event.listen(sqlalchemy.Engine, "connect", fate.watch)
    records = await SqlRecords.open(folder, clock=clock)
    fate.begin(moments)
    notifier = await Notifier.open(settings, outbox=records, clock=clock)
    await notifier.start()
    while await records.waiting(limit=1):
        await clock.sleep_until(clock.monotonic() + 0.03)
    await notifier.stop()
    left = {one.notice.id: one.state for one in await records.done()}
    await records.close()
    sqlalchemy.event.remove(sqlalchemy.Engine, "connect", fate.watch)
    os.write(1, json.dumps({"walk": url.rpartition("/")[2], "done": left}).encode() + b"\n")


def main(folder: Path, base: str) -> None:
    """Walk after walk, each in a folder of its own."""

    def one(number: int) -> int:
        place, url = folder / str(number), f"{base}/{number}"
        place.mkdir()
        in_a_child(lambda: asyncio.run(put(place)))
        ended = in_a_child(lambda: asyncio.run(deliver(place, url, number)))
        if ended == -signal.SIGKILL:
            in_a_child(lambda: asyncio.run(deliver(place, url, 0)))
        return ended

    warm()
    first = folder / "first"
    first.mkdir()
    # Whatever is only loaded or worked out once is, before the children part; nobody dies in this walk.
    asyncio.run(put(first))
    asyncio.run(deliver(first, f"{base}/first", 0))
    walks(one)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
