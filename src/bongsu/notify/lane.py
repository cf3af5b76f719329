"""The way from the outbox through one channel.

Worst first, again after failures, others stepping in meanwhile, folded after an outage.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence

import structlog
from msgspec.structs import replace

from bongsu.model.alert import Delivery
from bongsu.model.errors import BongsuError, ChannelError
from bongsu.notify.fold import Fold, next_of
from bongsu.notify.line import Gist, Line, gist_of
from bongsu.notify.pace import wait_of
from bongsu.notify.patience import rest
from bongsu.ports import Clock, Outbox

IDLE = 10.0
"""Seconds after which a lane looks by itself, without having been woken."""
PERSISTENT = 5
"""Failures in a row after which the next try is another's: this delivery may be what the service trips over."""

_BEHIND = 1.0
"""Seconds by which it is put back."""
_LOOK = 50
"""Deliveries looked at to choose the next."""
_PAGE = 50
_WINDOW = 5_000
"""Deliveries folded in one go; the rest is folded once these have become fewer."""
_FOLD_EVERY = 10.0
_REMEMBERED = 500
_TROUBLED = 5.0
"""Seconds before another look where the outbox can't be read or written."""
_log = structlog.get_logger(__name__)


class Lane:
    """Delivers what is due for one channel until it is cancelled.

    Args:
        line: the channel.
        substitutes: those that step in while its circuit is open, in order.
        fold_after: milliseconds after which what waits is folded.
        give_up_after: milliseconds after which a delivery that failed is dead.
    """

    def __init__(
        self,
        line: Line,
        *,
        outbox: Outbox,
        clock: Clock,
        substitutes: Sequence[Line],
        fold_after: int,
        give_up_after: int,
    ) -> None:
        self.line = line
        self.dropped = 0
        self.failed_over = 0
        self._outbox = outbox
        self._clock = clock
        self._substitutes = [one for one in substitutes if one is not line]
        self._fold_after = fold_after
        self._give_up_after = give_up_after
        self._awake = asyncio.Event()
        self._retired = False
        self._next_fold = 0.0
        self._postponed = 0.0
        """When the delivery that failed last is due again, by the monotonic clock."""
        self._unmarked: dict[str, Delivery] = {}
        """Tried, but not noted in the outbox yet: nothing more is sent until it is, so that nobody is told twice."""
        self._refused: OrderedDict[tuple[str, str], None] = OrderedDict()
        """Notices, and other channels that refused them."""

    def wake(self) -> None:
        """There may be something to do."""
        self._awake.set()

    def retire(self) -> None:
        """End once what is under way is delivered and noted: another lane takes over."""
        self._retired = True
        self.wake()

    async def run(self) -> None:
        """Deliver, rest, deliver; until cancelled or retired."""
        while not self._retired or self._unmarked:
            self._awake.clear()
            try:
                pause = await self._round()
            except BongsuError as error:
                _log.warning("outbox can't be used", channel=self.line.name, cause=error.detail, seconds=_TROUBLED)
                pause = _TROUBLED
                self._awake.clear()
            await rest(self._clock, min(pause, IDLE), self._awake)

    async def _round(self) -> float:
        """Deliver as much as may be delivered now; seconds until more may."""
        await self._mark()
        while not self._retired:
            if self.line.wait > 0:
                return min(self.line.wait, await self._hand_over()) if self.line.health.open else self.line.wait
            await self._fold()
            due = await self._outbox.due(self._clock.now(), limit=_LOOK, channel=self.line.name)
            if not due:
                soon = self._postponed - self._clock.monotonic()
                return soon if 0 < soon < IDLE else IDLE
            pause = self.line.spend()
            if pause > 0:
                return pause
            await self._deliver(next_of(due))
        return 0.0

    async def _deliver(self, delivery: Delivery) -> None:
        """Try its own channel; a message that this channel refuses may be taken by another."""
        try:
            receipt = await self.line.send(delivery.notice)
        except ChannelError as error:
            tried = replace(delivery, attempts=delivery.attempts + 1, error=error.detail)
            if error.kind != "permanent" or await self._elsewhere(tried) > 0:
                await self._mark(self._after(tried, error))
            return
        await self._mark(self._sent(delivery, self.line, receipt))

    def _sent(self, delivery: Delivery, line: Line, receipt: str) -> Delivery:
        return replace(
            delivery,
            state="sent",
            attempts=delivery.attempts + 1,
            receipt=receipt,
            error="",
            channel_used=line.name,
            done_at=self._clock.now(),
        )

    def _after(self, tried: Delivery, error: ChannelError) -> Delivery:
        """How it stands after a failure: waiting for its next try, or dead."""
        now = self._clock.now()
        if error.kind == "permanent" or now - tried.notice.at >= self._give_up_after:
            _log.error(
                "notice given up",
                channel=self.line.name,
                notice=tried.notice.id,
                tries=tried.attempts,
                cause=error.detail,
            )
            return replace(tried, state="dead", error=error.detail, done_at=now)
        wait = self.line.wait
        alone = tried.attempts - self.line.health.failures
        if alone > 0 and error.kind == "temporary":
            wait = max(wait, wait_of(alone, "temporary", 0.5))  # others got through meanwhile: it has a wait of its own
        elif self.line.health.failures == PERSISTENT:
            wait += _BEHIND
        self._postponed = self._clock.monotonic() + wait
        # A millisecond early: what the lane wakes for must be due by then, however moments were rounded.
        return replace(tried, error=error.detail, next_at=now + max(0, int(wait * 1000) - 1))

    async def _hand_over(self) -> float:
        """Let others deliver what is due while this channel can't; seconds until another look."""
        pause = IDLE
        if not self._substitutes:
            return pause
        # What failed here has its next try noted; for another channel it is due all the same.
        soon = self._clock.now() + int(self.line.wait * 1000) + 1
        for delivery in await self._outbox.due(soon, limit=_LOOK, channel=self.line.name):
            if delivery.notice.at > self._clock.now():
                continue
            wait = await self._elsewhere(delivery)
            pause = min(pause, wait or IDLE)
        return pause

    async def _elsewhere(self, delivery: Delivery) -> float:
        """Let another channel deliver it: 0 where one did, else seconds until it may be asked again."""
        gist = gist_of(delivery.notice)
        for line in self._substitutes:
            if line.told(gist) or await self._will_tell(line, gist):
                return IDLE  # people hear of it there anyway: it waits for its own channel
        for line in self._substitutes:
            if line.wait > 0 or (delivery.notice.id, line.name) in self._refused:
                continue
            pause = line.spend()
            if pause > 0:
                return pause
            try:
                receipt = await line.send(delivery.notice)
            except ChannelError as error:
                if error.kind == "permanent":
                    self._refused[delivery.notice.id, line.name] = None
                    while len(self._refused) > _REMEMBERED:
                        self._refused.popitem(last=False)
                continue
            self.failed_over += 1
            await self._mark(self._sent(delivery, line, receipt))
            return 0.0
        return IDLE

    async def _will_tell(self, line: Line, gist: Gist) -> bool:
        """Whether the same waits to go out there as a notice of its own."""
        due = await self._outbox.due(self._clock.now(), limit=_LOOK, channel=line.name)
        return line.wait == 0 and any(gist_of(one.notice) == gist for one in due)

    async def _fold(self) -> None:
        now, moment = self._clock.now(), self._clock.monotonic()
        if moment < self._next_fold:
            return
        oldest = await self._outbox.waiting(channel=self.line.name, limit=2)
        if len(oldest) < 2 or now - oldest[0].notice.at <= self._fold_after:
            return
        self._next_fold = moment + _FOLD_EVERY
        fold = Fold()
        while len(fold) < _WINDOW:
            page = await self._outbox.waiting(channel=self.line.name, skip=len(fold), limit=_PAGE)
            fold.add(page)
            if len(page) < _PAGE:
                break
        folded = fold.result(now=now)
        if folded.summary is not None:
            await self._outbox.put([folded.summary])
        if folded.dropped:
            ended = [replace(one, state="dropped", done_at=now) for one in folded.dropped]
            await self._outbox.mark(ended)
            self.dropped += len(ended)
            _log.info("notices folded", channel=self.line.name, dropped=len(ended), waited=len(fold))

    async def _mark(self, delivery: Delivery | None = None) -> None:
        """Write how it stands; what couldn't be written stays here and is written before anything else is sent."""
        if delivery is not None:
            self._unmarked[delivery.notice.id] = delivery
        if self._unmarked:
            await self._outbox.mark(list(self._unmarked.values()))
            self._unmarked.clear()
