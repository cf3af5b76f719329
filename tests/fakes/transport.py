"""A connection without a socket, and a loop whose time a test moves."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any


class Transport(asyncio.Transport):
    """Keeps what is sent."""

    def __init__(self) -> None:
        super().__init__({"peername": ("127.0.0.1", 1), "sockname": ("127.0.0.1", 2)})
        self.sent = b""
        self.closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.sent += bytes(data)

    def close(self) -> None:
        self.closed = True

    def abort(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed

    def get_write_buffer_size(self) -> int:
        return 0

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass


class TimedLoop:
    """As much of an event loop as timers need: what is due runs when time passes."""

    def __init__(self) -> None:
        self._now = 0.0
        self._timers: dict[asyncio.TimerHandle, Callable[[], Any]] = {}

    def time(self) -> float:
        return self._now

    def call_later(self, seconds: float, act: Callable[[], Any]) -> asyncio.TimerHandle:
        handle = asyncio.TimerHandle(self._now + seconds, act, (), self)  # type: ignore[arg-type]
        self._timers[handle] = act
        return handle

    def get_debug(self) -> bool:
        return False

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        self._timers.pop(handle, None)

    @property
    def timers(self) -> int:
        """How many are set."""
        return len(self._timers)

    def pass_time(self, seconds: float) -> None:
        """Let it pass, with what is due meanwhile."""
        until = self._now + seconds
        while due := min(
            (one for one in self._timers if one.when() <= until), key=lambda one: one.when(), default=None
        ):
            self._now = max(self._now, due.when())
            self._timers.pop(due)()
        self._now = until
