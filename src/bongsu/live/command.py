"""What a client may say: one command, and how often."""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec

from bongsu.model.metric import Topic


class Resume(msgspec.Struct, frozen=True, kw_only=True):
    """Where the client stood when its last connection ended."""

    boot: Annotated[str, msgspec.Meta(max_length=64)]
    seq: Annotated[int, msgspec.Meta(ge=0)]


class Subscribe(msgspec.Struct, frozen=True, kw_only=True):
    """Which topics (None: all), how often (milliseconds; None: the server's default), and from where on."""

    op: Literal["subscribe"]
    topics: Annotated[tuple[Topic, ...], msgspec.Meta(max_length=32)] | None = None
    interval_ms: Annotated[int, msgspec.Meta(ge=1)] | None = None
    resume: Resume | None = None


class BadCommand(Exception):
    """The text isn't a command; the message says why."""


_DECODER: Final = msgspec.json.Decoder(Subscribe)


def decode(text: bytes) -> Subscribe:
    """Read a command. Unknown keys are ignored, so that newer clients can speak to older servers.

    Raises:
        BadCommand: it isn't JSON, has no known `op`, or a value of a wrong type or range.
    """
    try:
        return _DECODER.decode(text)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BadCommand(str(error)) from error


class Allowance:
    """A bucket of commands: `burst` at once, one more each `refill_seconds`."""

    __slots__ = ("_burst", "_full_at", "_refill")

    def __init__(self, *, burst: int, refill_seconds: float) -> None:
        self._burst = burst
        self._refill = refill_seconds
        self._full_at = 0.0

    def take(self, now: float) -> bool:
        """Whether one more command is allowed at this moment (monotonic seconds)."""
        full_at = max(self._full_at, now) + self._refill
        if full_at - now > self._burst * self._refill:
            return False
        self._full_at = full_at
        return True
