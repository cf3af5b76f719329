"""Sequence numbers: which came, which are missing, which came twice, late, or with another content.

Of each symbol the last 64 numbers are remembered, with a mark of what they said. A number that jumps ahead leaves a
hole; what fills it within the grace was only late, the rest is lost. A number far below those remembered is a stray
one; two such in a row are a sequence that began anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from bongsu.model.event import NO_SEQ, Bools, UInt64s
from bongsu.model.sample import Int32s, Int64s
from bongsu.quality.grouping import Grouped, grouped
from bongsu.quality.payload import mixed
from bongsu.quality.table import Table

REMEMBERED = 64
"""Sequence numbers of each symbol."""

_MASK = REMEMBERED - 1
_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
FARTHEST = 1_000_000
"""A jump ahead by more is no hole but another numbering."""

_ROUNDS = 16
"""Sessions that may begin in one batch of a symbol; further ones are taken as one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequenced:
    """What the sequence numbers of a grouped batch tell; masks have an entry an event."""

    duplicate: Bools
    conflict: Bools
    """Came twice, with another content."""
    disordered: Bools
    jumps: Int64s
    """How many numbers each event leapt over."""


class Sequences(Table):
    """The numbers of every symbol."""

    COLUMNS: ClassVar = {
        "high": (np.int64, NO_SEQ, ()),
        "low": (np.int64, NO_SEQ, ()),
        "left": (np.int64, NO_SEQ, ()),
        "stray": (np.int64, NO_SEQ, ()),
        "session": (np.int32, 0, ()),
        "fresh": (np.int64, 0, ()),
        "waiting": (np.int64, 0, ()),
        "given": (np.int64, 0, ()),
        "seen": (np.uint64, 0, (REMEMBERED,)),
    }
    high: Int64s
    low: Int64s
    """The first number of the session: what lies below it fills no hole."""
    left: Int64s
    """The highest number before the sequence began anew: should it go on there, nothing was lost."""
    stray: Int64s
    session: Int32s
    fresh: Int64s
    """Holes opened since the last turn of the grace; `waiting` those before it."""
    waiting: Int64s
    given: Int64s
    """Numbers given up, less those that came after all."""
    seen: UInt64s
    """Number and mark of the content, at the number's place."""

    _strays = True
    """Whether any symbol may have a stray number behind it."""

    def turn(self) -> Int64s:
        """One grace has passed: how many numbers of each symbol are given up now."""
        lost = self.waiting.copy()
        self.given += lost
        self.waiting[:] = self.fresh
        self.fresh[:] = 0
        return lost

    def take(self, group: Grouped, seq: Int64s, session: Int32s | None, content: UInt64s) -> tuple[Sequenced, Int64s]:
        """Judge a batch in which every event has a number.

        Returns:
            The verdicts, and for each symbol of `group.ids` how many numbers given up before came after all.
        """
        rounds = self._rounds(group, seq, session)
        if rounds is None:
            return self._round(group, seq, content)
        found = Sequenced(
            duplicate=np.zeros(len(seq), np.bool_),
            conflict=np.zeros(len(seq), np.bool_),
            disordered=np.zeros(len(seq), np.bool_),
            jumps=np.zeros(len(seq), np.int64),
        )
        recovered = np.zeros(len(group.ids), np.int64)
        for number in range(int(rounds.max()) + 1):
            chosen = np.flatnonzero(rounds == number)
            if not len(chosen):
                continue
            part = grouped(group.symbol[chosen])
            if number or session is not None:
                self._begin(part, None if session is None else session[chosen], force=number > 0)
            one, back = self._round(part, seq[chosen], content[chosen])
            for name in ("duplicate", "conflict", "disordered", "jumps"):
                getattr(found, name)[chosen] = getattr(one, name)
            recovered[np.searchsorted(group.ids, part.ids)] += back
        return found, recovered

    def _rounds(self, group: Grouped, seq: Int64s, session: Int32s | None) -> Int64s | None:
        """How often each event's symbol began a session anew in this batch before it; None: nowhere."""
        if session is not None:
            session = np.where(session == 0, self.session[group.symbol], session)
            anew = (session != group.before(session, self.session)) & (session != 0)
            if not anew.any():
                return None
            known = self.session[group.symbol] != 0
            anew &= known | ~group.first()
            self.session[group.ids] = np.where(
                self.session[group.ids] == 0, session[group.starts], self.session[group.ids]
            )
        else:
            anew = self._restarts(group, seq)
        if not anew.any():
            return None
        total = np.cumsum(anew)
        rounds: Int64s = np.minimum(total - np.repeat((total - anew)[group.starts], group.counts), _ROUNDS)
        return rounds

    def _restarts(self, group: Grouped, seq: Int64s) -> Bools:
        """Numbers far below, right behind another such one."""
        high = self.high[group.symbol]
        far: Bools = (high != NO_SEQ) & (seq < high - REMEMBERED)
        if not far.any() and not self._strays:
            return far
        earlier = group.before(np.where(far, seq, NO_SEQ), self.stray)
        last = group.ends
        self.stray[group.ids] = np.where(far[last], seq[last], NO_SEQ)
        self._strays = True
        again: Bools = far & (earlier != NO_SEQ) & (seq > earlier) & (seq - earlier <= REMEMBERED)
        first = np.zeros(len(seq), np.bool_)
        where = np.flatnonzero(again)
        _, places = np.unique(group.symbol[where], return_index=True)
        first[where[places]] = True
        return first

    def _begin(self, group: Grouped, session: Int32s | None, *, force: bool) -> None:
        """Let the symbols' sequences begin anew."""
        ids = group.ids
        if session is not None:
            changed = self.session[ids] != session[group.starts]
            self.session[ids] = session[group.starts]
            ids = ids[changed]
        elif not force:
            return
        self.left[ids] = self.high[ids]
        self.high[ids] = self.low[ids] = NO_SEQ
        self.given[ids] = 0
        self.stray[ids] = NO_SEQ
        self.seen[ids] = 0

    def _round(self, group: Grouped, seq: Int64s, content: UInt64s) -> tuple[Sequenced, Int64s]:
        high = self.high[group.symbol]
        fresh = self.low[group.ids] == NO_SEQ
        if fresh.any():
            self.low[group.ids[fresh]] = seq[group.starts[fresh]]
        rising = seq > group.before(seq, self.high)
        if rising.all():
            nothing = np.zeros(len(seq), np.bool_)
            before, duplicate, conflict, disordered = group.before(seq, self.high), nothing, nothing, nothing
        else:
            before = highest_before(group, seq, high)
            duplicate, conflict = self._seen_before(group, seq, content)
            disordered = (seq < before) & ~duplicate
        jumps = np.where((seq > before) & (before != NO_SEQ), seq - before - 1, 0)
        if jumps.any():
            jumps = self._measured(group, seq, jumps)
        self._remember(group, seq, content, before)
        recovered = self._fill(group, jumps, disordered & (before - seq < REMEMBERED) & (seq > self.low[group.symbol]))
        self.high[group.ids] = np.maximum(self.high[group.ids], np.maximum.reduceat(seq, group.starts))
        return (
            Sequenced(duplicate=duplicate, conflict=conflict, disordered=disordered, jumps=jumps),
            recovered,
        )

    def _measured(self, group: Grouped, seq: Int64s, jumps: Int64s) -> Int64s:
        """Jumps without those that are none: back to where the numbering was left, or into another one."""
        left = self.left[group.symbol]
        back = (left != NO_SEQ) & (jumps > REMEMBERED) & (seq > left) & (seq - left <= REMEMBERED)
        jumps = np.where(back, seq - left - 1, jumps)
        return np.where(jumps > FARTHEST, 0, jumps)

    def _seen_before(self, group: Grouped, seq: Int64s, content: UInt64s) -> tuple[Bools, Bools]:
        marks = _marks(seq, content)
        kept = self.seen[group.symbol, seq & _MASK]
        duplicate = (kept != 0) & ((kept >> _HALF) == (marks >> _HALF))
        conflict = duplicate & (kept != marks)
        order = np.lexsort((seq, group.symbol))
        same = np.zeros(len(seq), np.bool_)
        same[1:] = (seq[order][1:] == seq[order][:-1]) & (group.symbol[order][1:] == group.symbol[order][:-1])
        if same.any():
            again, former = order[same], order[np.flatnonzero(same) - 1]
            conflict[again] = marks[again] != marks[former]
            duplicate[again] = True
        return duplicate, conflict

    def _remember(self, group: Grouped, seq: Int64s, content: UInt64s, before: Int64s) -> None:
        marks = _marks(seq, content)
        highest = np.maximum(self.high[group.symbol], before)
        near = seq > np.maximum(highest, NO_SEQ + REMEMBERED) - REMEMBERED
        if near.all():
            self.seen[group.symbol, seq & _MASK] = marks
        else:
            self.seen[group.symbol[near], (seq & _MASK)[near]] = marks[near]

    def _fill(self, group: Grouped, jumps: Int64s, filled: Bools) -> Int64s:
        """Open and fill holes; returns how many were filled that had been given up."""
        ids = group.ids
        self.fresh[ids] += group.sums(jumps)
        if not filled.any():
            return np.zeros(len(ids), np.int64)
        left = group.counted(filled)
        for holes in (self.waiting, self.fresh):
            taken = np.minimum(left, holes[ids])
            holes[ids] -= taken
            left = left - taken
        left = np.minimum(left, self.given[ids])
        self.given[ids] -= left
        return left


def _marks(seq: Int64s, content: UInt64s) -> UInt64s:
    return (mixed(seq.astype(np.uint64) + np.uint64(1)) & ~_LOW) | (content >> _HALF)


def highest_before(group: Grouped, seq: Int64s, high: Int64s) -> Int64s:
    """The highest number of the same symbol before each event, in this batch or earlier."""
    order = np.argsort(seq, kind="stable")
    rank = np.empty(len(seq), np.int64)
    rank[order] = np.arange(len(seq))
    number = np.repeat(np.arange(len(group.ids)), group.counts)
    top = np.maximum.accumulate(number * len(seq) + rank) - number * len(seq)
    earlier: NDArray[np.int64] = np.full(len(seq), NO_SEQ, np.int64)
    earlier[1:] = seq[order[top[:-1]]]
    earlier[group.starts] = NO_SEQ
    return np.maximum(earlier, high)
