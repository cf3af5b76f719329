"""How fast each sender may send: token buckets in a bounded table."""

from __future__ import annotations

import math
from dataclasses import dataclass

from bongsu.ingest.limits import IntakeLimits
from bongsu.model.errors import TooMany
from bongsu.ports import Clock


@dataclass(slots=True, kw_only=True)
class Allowance:
    """What one sender may still send; below zero after a body larger than what was left."""

    samples: float
    bodies: float
    seen: float


class SenderRates:
    """Allowances by sender. When the table is full the sender heard of longest ago is forgotten."""

    def __init__(self, *, clock: Clock, limits: IntakeLimits) -> None:
        self._clock = clock
        self.limits = limits
        self._senders: dict[str, Allowance] = {}

    def __len__(self) -> int:
        return len(self._senders)

    def begin(self, sender: str) -> None:
        """Count a body before it is read.

        Raises:
            TooMany: the sender used up its bodies or its samples.
        """
        allowance = self._refilled(sender)
        if allowance.bodies < 1:
            raise self._refuse("bodies", 1 - allowance.bodies, self.limits.bodies_per_second)
        self._check(allowance)
        allowance.bodies -= 1

    def spend(self, sender: str, samples: int) -> None:
        """Count the items of a decoded body. One body may overdraw the allowance; the next must wait.

        Raises:
            TooMany: the sender used up its samples while this body was decoded.
        """
        allowance = self._refilled(sender)
        self._check(allowance)
        allowance.samples -= samples

    def _check(self, allowance: Allowance) -> None:
        if allowance.samples <= 0:
            raise self._refuse("samples", -allowance.samples, self.limits.samples_per_second)

    def _refuse(self, what: str, lacking: float, rate: float) -> TooMany:
        wait = max(1, math.ceil(lacking / rate))
        return TooMany(
            f"this sender sends more than {rate:g} {what} a second",
            hint="send fewer, larger bodies, or raise the limit",
            retry_after=wait,
        )

    def _refilled(self, sender: str) -> Allowance:
        now, limits = self._clock.monotonic(), self.limits
        allowance = self._senders.pop(sender, None)
        full_samples = limits.samples_per_second * limits.burst_seconds
        full_bodies = max(1.0, limits.bodies_per_second * limits.burst_seconds)
        if allowance is None:
            allowance = Allowance(samples=full_samples, bodies=full_bodies, seen=now)
            if len(self._senders) >= limits.senders:
                del self._senders[next(iter(self._senders))]
        passed = now - allowance.seen
        allowance.samples = min(full_samples, allowance.samples + passed * limits.samples_per_second)
        allowance.bodies = min(full_bodies, allowance.bodies + passed * limits.bodies_per_second)
        allowance.seen = now
        self._senders[sender] = allowance
        return allowance
