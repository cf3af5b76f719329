"""A channel as screens see it: does it deliver, and what waits for it."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

ChannelState: TypeAlias = Literal["ok", "failing", "off", "unused"]
"""`failing`: the last try went wrong; `off`: notices wait for it, but it is no longer set up; `unused`: never tried."""


class ChannelStatus(msgspec.Struct, frozen=True, kw_only=True):
    """How one channel stands. Times are UTC milliseconds; `retry_at` is when a failing one is tried again."""

    name: str
    kind: str
    state: ChannelState
    waiting: int = 0
    dead: int = 0
    last_sent_at: int | None = None
    last_error: str = ""
    retry_at: int | None = None
