"""Clients that get their updates at the same interval, and what is remembered for them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from bongsu.live.cadence import Beat, Schedule
from bongsu.live.ring import Ring
from bongsu.live.topics import BITS
from bongsu.live.watcher import Watcher

LADDER_MS: Final = (100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000)
"""The intervals that are served: each makes frames of its own, so there must be few."""


def rung(interval_ms: int, *, default_ms: int) -> int:
    """The interval served to who asks for `interval_ms`: the next longer one of the ladder, or the default itself."""
    rungs = sorted({*LADDER_MS, default_ms})
    return next((one for one in rungs if one >= interval_ms), rungs[-1])


class Topical:
    """One topic in one group: its schedule, and the revision and losses up to which it was sent."""

    __slots__ = ("losses", "revision", "schedule")

    def __init__(self, *, beat: Beat, now: float, revision: int, losses: int) -> None:
        self.schedule = Schedule(beat, now=now)
        self.revision = revision
        self.losses = losses


class Group:
    """The members that share an interval, the plan of their topics and the ring of their frames."""

    __slots__ = ("beat", "empty_since", "heartbeat_at", "interval_ms", "members", "ring", "sent_seq", "topics")

    def __init__(
        self,
        interval_ms: int,
        *,
        anchor: float,
        now: float,
        seq: int,
        revision: int,
        losses: dict[int, int],
        heartbeat_at: float,
    ) -> None:
        self.interval_ms = interval_ms
        self.beat = Beat(interval_ms / 1_000, anchor=anchor)
        self.members: dict[Watcher, None] = {}
        self.empty_since: float | None = None
        self.heartbeat_at = heartbeat_at
        self.sent_seq = seq
        """The sequence number of the last frame made for this group (at first the hub's)."""
        self.ring = Ring(floor=seq)
        self.topics = {
            bit: Topical(beat=self.beat, now=now, revision=revision, losses=losses[bit]) for bit in BITS.values()
        }

    def due(self, patience: float) -> float:
        """The next moment at which something is to be sent or looked at; `patience` is how long it stays when empty."""
        soonest = min(one.schedule.due for one in self.topics.values())
        return min(soonest, self.heartbeat_at if self.empty_since is None else self.empty_since + patience)

    def ready(self, now: float, touched: dict[int, float]) -> Iterator[int]:
        """Bits of the topics that are to be sent now."""
        for bit, topical in self.topics.items():
            if topical.schedule.due <= now and topical.schedule.ready(now, touched=touched[bit]):
                yield bit
