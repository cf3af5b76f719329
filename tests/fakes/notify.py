"""Alerts, notices and channels for tests of notification."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from msgspec.structs import replace

from bongsu.model.alert import Alert, Notice
from bongsu.model.errors import ChannelError
from bongsu.notify.http import Http
from bongsu.notify.notifier import Notifier
from bongsu.notify.pace import Pace
from bongsu.notify.render import Renderer
from bongsu.notify.tools import Tools
from bongsu.ports import Acknowledger, Clock, Outbox
from bongsu.redaction import Redactor
from bongsu.settings.model import Settings
from tests.fakes.clock import VirtualClock

T0 = 1_737_959_445_000
"""2025-01-27 15:30:45 in Seoul: the moment of the guide's example."""


def alert(name: str = "a", **more: Any) -> Alert:
    """The alert of the guide's example."""
    usual: dict[str, Any] = {
        "fingerprint": f"of {name}",
        "source": "rule",
        "severity": "warning",
        "phase": "firing",
        "message": "CPU 사용률이 높습니다.",
        "metric": "cpu_usage",
        "value": 85.5,
        "threshold": 80.0,
        "unit": "%",
        "pending_at": T0,
        "fired_at": T0,
        "changed_at": T0,
    }
    return Alert(id=name, **(usual | more))


def over(one: Alert, at: int = T0 + 60_000) -> Alert:
    """The same alert once it is over."""
    return replace(one, phase="resolved", resolved_at=at, changed_at=at)


def notice(name: str = "n", *alerts: Alert, **more: Any) -> Notice:
    """A notice of these alerts, worst first; without any, of the guide's."""
    told = alerts or (alert(),)
    usual: dict[str, Any] = {
        "kind": "fired" if told[0].open else "resolved",
        "channel": "slack",
        "severity": told[0].severity,
        "at": T0,
        "alerts": told,
    }
    return Notice(id=name, **(usual | more))


def tools(
    clock: Clock | None = None,
    *,
    http: Http | None = None,
    renderer: Renderer | None = None,
    secrets: Sequence[str] = (),
    acknowledger: Acknowledger | None = None,
) -> Tools:
    """What channels are made with."""
    return Tools(
        clock=clock or VirtualClock(T0),
        http=http or Http(time_out=2.0),
        renderer=renderer or Renderer(),
        redactor=Redactor(secrets),
        time_out=2.0,
        acknowledger=acknowledger,
    )


class FakeChannel:
    """Takes notices, or fails as it is told: `trouble` is asked before each."""

    def __init__(self, name: str = "slack", *, pace: Pace | None = None) -> None:
        self.name = name
        self.kind = name.partition(":")[0]
        self.pace = pace or Pace(per_minute=60_000, burst=1_000)
        self.got: list[Notice] = []
        self.at: list[float] = []
        self.tries: list[float] = []
        self.trouble: Callable[[Notice], ChannelError | None] = lambda _: None
        self.hangs = False
        self.clock: Clock | None = None

    async def send(self, one: Notice) -> str:
        moment = self.clock.monotonic() if self.clock else 0.0
        self.tries.append(moment)
        if self.hangs:
            await asyncio.Event().wait()
        error = self.trouble(one)
        if error is not None:
            raise error
        self.got.append(one)
        self.at.append(moment)
        return f"receipt of {one.id}"

    def fail(self, kind: Any = "temporary", *, retry_after: float | None = None) -> None:
        """Fail from now on."""
        self.trouble = lambda _: ChannelError("it is away", kind=kind, retry_after=retry_after)

    def mend(self) -> None:
        """Work again."""
        self.trouble = lambda _: None
        self.hangs = False


def notifier(
    *channels: FakeChannel,
    outbox: Outbox,
    clock: VirtualClock,
    settings: Settings | None = None,
    secrets: Sequence[str] = (),
) -> Notifier:
    """A notifier with these channels."""
    for one in channels:
        one.clock = clock
    return Notifier(
        channels,
        settings=settings or Settings(),
        outbox=outbox,
        tools=tools(clock),
        redactor=Redactor(secrets),
    )


def settings_with(**notifications: Any) -> Settings:
    """Settings of notification."""
    return Settings.model_validate({"notifications": notifications})
