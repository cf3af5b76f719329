"""A process that takes a rule's signal, makes notices of it, delivers them, and is killed before its n-th statement.

Run by `test_alerts_survive.py`, whose receiver hears what is sent: the path says in which walk. Each walk happens in a
child of its own, which kills itself; another child then goes on as a restarted server does, its rule saying again what
it sees, until the alert is over and everything is delivered.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

import sqlalchemy

from bongsu.alerts.policy import Pace, Plan
from bongsu.alerts.service import AlertService
from bongsu.alerts.signal import Condition, Signal
from bongsu.clock import SystemClock
from bongsu.notify.notifier import Notifier
from bongsu.records.sql import SqlRecords
from bongsu.settings.model import Settings
from tests.integration.notify_child import Later, warm
from tests.integration.records_child import in_a_child, walks


class Nobody:
    """Nobody watches."""

    def announce(self, kind: str, body: Mapping[str, object], *, topic: str | None = None) -> None:
        return


def says(condition: Condition, at: int) -> Signal:
    """What the rule sees."""
    return Signal(rule="r", metric="m", condition=condition, at=at, severity="error", message="down", value=1.0)


async def live(folder: Path, url: str, moments: int, *, to_the_end: bool) -> None:
    """Fire, tell, resolve, tell; or die on the way."""
    clock = SystemClock()
    settings = Settings.model_validate({"notifications": {"webhooks": [{"name": "ops", "url": url}]}})
    fate = Later()
    sqlalchemy.event.listen(sqlalchemy.Engine, "connect", fate.watch)
    records = await SqlRecords.open(folder, clock=clock)
    service = AlertService(
        records=records,
        clock=clock,
        plan=Plan(channels=("webhook:ops",), pace=Pace(wait=5, interval=1_000, burst=10)),
        announcer=Nobody(),
        posted=lambda: notifier.wake(),
    )
    notifier = await Notifier.open(settings, outbox=records, clock=clock)
    await service.open()
    fate.begin(moments)
    service.start()
    await notifier.start()
    over = any(alert.phase == "resolved" for alert in await records.past(start=0, end=2**53))
    if not over:
        await service.take([says("breach", clock.now())])
        await told(records, clock, "fired")
        await service.take([says("clear", clock.now())])
    await told(records, clock, "resolved")
    await service.stop()
    await notifier.stop()
    done = [[one.notice.id, one.notice.kind, one.state] for one in await records.done()]
    alerts = [alert.phase for alert in await records.past(start=0, end=2**53)]
    await records.close()
    sqlalchemy.event.remove(sqlalchemy.Engine, "connect", fate.watch)
    if to_the_end:
        walk = url.rpartition("/")[2]
        os.write(1, json.dumps({"walk": walk, "done": done, "alerts": alerts}).encode() + b"\n")


async def told(records: SqlRecords, clock: SystemClock, kind: str) -> None:
    """Until a message of that kind is delivered, and nothing waits."""
    while True:
        kinds = [one.notice.kind for one in await records.done() if one.state == "sent"]
        if kind in kinds and not await records.waiting(limit=1):
            return
        await clock.sleep_until(clock.monotonic() + 0.005)


def main(folder: Path, base: str) -> None:
    """Walk after walk, each in a folder of its own."""

    def one(number: int) -> int:
        place, url = folder / str(number), f"{base}/{number}"
        place.mkdir()
        ended = in_a_child(lambda: asyncio.run(live(place, url, number, to_the_end=False)))
        in_a_child(lambda: asyncio.run(live(place, url, 0, to_the_end=True)))
        return ended

    warm()
    first = folder / "first"
    first.mkdir()
    # Whatever is only loaded or worked out once is, before the children part; of this walk nobody asks.
    asyncio.run(live(first, f"{base}/first", 0, to_the_end=False))
    walks(one)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
