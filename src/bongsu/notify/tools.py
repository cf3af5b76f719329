"""What channels are made with."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from bongsu.model.alert import Notice
from bongsu.notify.http import Http
from bongsu.notify.pace import Pace
from bongsu.notify.render import Renderer
from bongsu.ports import Acknowledger, Clock
from bongsu.redaction import Redactor


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """Handed to every channel: time, HTTP, words, and where pressed buttons go (None: no buttons)."""

    clock: Clock
    http: Http
    renderer: Renderer
    redactor: Redactor
    time_out: float = 10.0
    acknowledger: Acknowledger | None = None


class PacedChannel(Protocol):
    """A `ports.Channel` that also says what kind it is and how often its service takes messages."""

    kind: str
    pace: Pace

    @property
    def name(self) -> str:
        """See `ports.Channel`."""
        ...

    async def send(self, notice: Notice) -> str:
        """See `ports.Channel`."""
        ...


@runtime_checkable
class Listening(Protocol):
    """A channel that also hears: `listen` runs as long as the channel does."""

    def listen(self) -> Awaitable[None]:
        """Hear answers until cancelled."""
        ...
