"""An alert service on a virtual clock over plain records, with everything it says written down."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from typing import Any

from bongsu.alerts.life import Temper
from bongsu.alerts.policy import Plan
from bongsu.alerts.service import AlertService
from bongsu.alerts.signal import Condition, Signal
from bongsu.alerts.worker import Records, Refuge
from bongsu.model.alert import Notice, NoticeKind, Push, Severity
from bongsu.model.sample import labels_of
from tests.fakes.clock import VirtualClock
from tests.fakes.records import FakeRecords


class Board:
    """An announcer that writes down."""

    def __init__(self) -> None:
        self.frames: list[dict[str, Any]] = []

    def announce(self, kind: str, body: Mapping[str, object], *, topic: str | None = None) -> None:
        assert (kind, topic) == ("alert", "alerts")
        self.frames.append(dict(body))

    def changes(self) -> list[str]:
        return [str(frame["change"]) for frame in self.frames]


class Stand:
    """The service; `records` outlive it, so that another may be opened over them."""

    def __init__(
        self,
        clock: VirtualClock,
        plan: Plan,
        *,
        records: Records | None = None,
        temper: Temper | None = None,
        limit: int = 10_000,
        new_id: Callable[[], str] | None = None,
        refuge: Refuge | None = None,
    ) -> None:
        self.clock = clock
        self.began = clock.monotonic()
        self.fake = FakeRecords(clock=clock)
        self.records: Records = records or self.fake
        self.board = Board()
        self.posted = 0
        self.wakes: Callable[[], None] = lambda: None
        ids = itertools.count(1)
        self.service = AlertService(
            records=self.records,
            clock=clock,
            plan=plan,
            announcer=self.board,
            temper=temper or Temper(),
            posted=self._posted,
            new_id=new_id or (lambda: f"{id(self):x}-{next(ids)}"),
            limit=limit,
            refuge=refuge,
        )

    async def start(self) -> Stand:
        await self.service.open()
        self.service.start()
        await self.clock.advance(0)
        return self

    async def stop(self) -> None:
        await self.service.stop()

    async def at(self, seconds: float) -> None:
        """Let time pass until that moment since the stand was made."""
        await self.clock.advance(self.began + seconds - self.clock.monotonic())

    async def signal(self, condition: Condition = "breach", **more: Any) -> None:
        """What a rule says now; `labels` as a dict."""
        told: dict[str, Any] = {
            "rule": "cpu",
            "metric": "cpu_usage",
            "severity": "warning",
            "message": "CPU is high",
            "value": 91.0,
        }
        labels = labels_of(more.pop("labels", {}))
        now = self.clock.now()
        await self._through(Signal(**(told | {"condition": condition, "at": now, "labels": labels} | more)))

    async def push(self, message: str = "broken", *, severity: Severity = "warning", **more: Any) -> str:
        """An alert from outside; its id."""
        labels = labels_of(more.pop("labels", {}))
        alert = await self.service.push(
            Push(at=self.clock.now(), severity=severity, message=message, labels=labels, **more)
        )
        return alert.id if alert else ""

    def told(self, channel: str | None = None) -> list[tuple[float, str, NoticeKind, list[str]]]:
        """What was put into the outbox: seconds since the beginning, channel, kind, messages."""
        began = self.clock.now() - (self.clock.monotonic() - self.began) * 1000
        return [
            (
                round((notice.at - began) / 1000, 3),
                notice.channel,
                notice.kind,
                [_name(notice, place) for place in range(len(notice.alerts))],
            )
            for notice in self.notices()
            if channel in (None, notice.channel)
        ]

    def notices(self) -> list[Notice]:
        return [delivery.notice for delivery in self.fake.deliveries.values()]

    def _posted(self) -> None:
        self.posted += 1
        self.wakes()

    async def _through(self, *signals: Signal) -> None:
        await self.service.take(signals)


def _name(notice: Notice, place: int) -> str:
    alert = notice.alerts[place]
    return alert.message if not alert.labels else ",".join(value for _, value in alert.labels)
