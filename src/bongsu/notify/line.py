"""One channel with everything known about it: how it does, how fast it may be used, what it delivered."""

from __future__ import annotations

import asyncio
import random
from collections import Counter, OrderedDict
from typing import TypeAlias

import structlog

from bongsu.model.alert import Notice
from bongsu.model.errors import ChannelError
from bongsu.notify.classing import ErrorClass
from bongsu.notify.pace import Health, Pace, delivered, failed, full, spend
from bongsu.notify.patience import within
from bongsu.notify.tools import PacedChannel
from bongsu.ports import Clock
from bongsu.redaction import Redactor

Gist: TypeAlias = tuple[object, ...]
_REMEMBERED = 500
_log = structlog.get_logger(__name__)


class Line:
    """Sends through one channel, one message at a time, and keeps account.

    `pace` is the setting's messages a minute; without, the channel's own.
    """

    def __init__(
        self, channel: PacedChannel, *, clock: Clock, redactor: Redactor, time_out: float, per_minute: int | None
    ) -> None:
        self.channel = channel
        self.pace = channel.pace if per_minute is None else Pace(per_minute=per_minute, burst=max(1, per_minute // 20))
        self.health = Health()
        self.tried = False
        self.sent = 0
        self.failures: Counter[ErrorClass] = Counter()
        self.delay_seconds = 0.0
        """Of the message delivered last, from its notice to its receipt."""
        self._clock = clock
        self._redactor = redactor
        self._time_out = time_out
        self._allowance = full(self.pace, clock.monotonic())
        self._lock = asyncio.Lock()
        self._told: OrderedDict[Gist, None] = OrderedDict()

    @property
    def name(self) -> str:
        """The channel's."""
        return self.channel.name

    @property
    def wait(self) -> float:
        """Seconds until it may be tried again after a failure; 0 where it may now."""
        return max(0.0, self.health.retry_at - self._clock.monotonic())

    @property
    def busy(self) -> bool:
        """Whether a message is on its way just now."""
        return self._lock.locked()

    def spend(self) -> float:
        """Take one message's worth of the pace; seconds to wait where there is none left."""
        self._allowance, wait = spend(self._allowance, self.pace, self._clock.monotonic())
        return wait

    def told(self, gist: Gist) -> bool:
        """Whether it delivered the same lately."""
        return gist in self._told

    async def send(self, notice: Notice) -> str:
        """Try once; the receipt.

        Raises:
            ChannelError: not delivered; the text holds no secret.
        """
        async with self._lock:
            self.tried = True
            try:
                receipt = await within(self._clock, self._time_out, self.channel.send(notice))
            except ChannelError as error:
                raise self._failed(error.detail, error.kind, error.retry_after) from None
            except TimeoutError:
                raise self._failed(f"no answer within {self._time_out:g} s", "temporary") from None
            except Exception as error:  # noqa: BLE001 - supervises the channel, whose code may be foreign
                # A fault of the channel's own code. This message may be what it trips over: others must go on.
                _log.exception("channel failed unexpectedly", channel=self.name)
                raise self._failed(f"unexpected: {type(error).__name__}", "permanent") from None
        now = self._clock.now()
        if self.health.failing:
            _log.info("channel delivers again", channel=self.name)
        self.health = delivered(now)
        self.sent += 1
        self.delay_seconds = max(0.0, (now - notice.at) / 1000)
        self._told[gist_of(notice)] = None
        while len(self._told) > _REMEMBERED:
            self._told.popitem(last=False)
        return self._redactor.text(receipt)[:200]

    def _failed(self, detail: str, kind: ErrorClass, retry_after: float | None = None) -> ChannelError:
        error = ChannelError(self._redactor.text(detail)[:500], kind=kind, retry_after=retry_after)
        was_open = self.health.open
        chance = random.random()  # noqa: S311 - spreads waits, guards nothing
        self.health = failed(self.health, error, now=self._clock.monotonic(), chance=chance)
        self.failures[kind] += 1
        level = _log.info if was_open and kind != "permanent" else _log.warning
        level("notice not delivered", channel=self.name, kind=kind, cause=error.detail, seconds=round(self.wait, 1))
        return error


def gist_of(notice: Notice) -> Gist:
    """Equal for notices that tell the same to different channels."""
    return (notice.kind, notice.step, notice.text, *((one.id, one.phase) for one in notice.alerts))
