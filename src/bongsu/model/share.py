"""Shares over a window of time, and how much of the window there are readings of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bongsu.model.sample import Int64s


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A share (%) over what was watched of a window.

    `since` is the first reading in it (UTC ms), `watched_ms` the time that has readings; both are as precise as `step`
    (ms), the length of the pieces that were counted.
    """

    percent: float
    since: int
    watched_ms: int
    step: int


def share(percent: float, at: Int64s, *, step: int, now: int) -> Share:
    """A share whose readings lie in the pieces that begin at `at` (UTC ms, ascending, at least one)."""
    since = int(at[0])
    return Share(percent=percent, since=since, watched_ms=max(0, min(len(at) * step, now - since)), step=step)


def settled(found: Iterable[tuple[str, Share]]) -> dict[str, Share]:
    """Shares by window, from the shortest window on.

    A longer window that begins no earlier than the shorter one holds the same readings. It is told as the shorter one,
    which is read in finer pieces and more often: ten minutes are ten minutes of 30 days too, and not an hour.
    """
    told: dict[str, Share] = {}
    finer: Share | None = None
    for window, one in found:
        if finer is not None and finer.since < one.since + one.step:
            one = finer
        told[window] = finer = one
    return told


def since(shares: Mapping[str, Share]) -> int | None:
    """The first reading of all (UTC ms); None where there is none."""
    return min((one.since for one in shares.values()), default=None)
