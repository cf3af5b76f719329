"""What sealing a series does to its blocks and roll-ups, decided from what is there; nothing is written here."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import islice, takewhile

import numpy as np

from bongsu.history import block as blocks
from bongsu.history import rollup
from bongsu.history.alike import blocks_of, minutes_of
from bongsu.history.fresh import Fresh, FreshMinutes
from bongsu.history.journal import TIERS, Block, BlockTier, Outcome, Progress
from bongsu.history.limits import Limits
from bongsu.history.loading import NOTHING, Report, in_order, load_raw, load_records
from bongsu.history.rollup import HOUR, MINUTE, Packed, Records
from bongsu.history.shares import fitting, portion, spilling
from bongsu.history.steps import Curve
from bongsu.history.tail import Detached
from bongsu.model.sample import Float64s, Int64s

_SMALL_ONES = 12
"""Small blocks taken in at once, at most."""
_LOOK_BACK = 24 * HOUR
"""How much older (ms) than the newest samples they may be."""
_WIDTHS: dict[BlockTier, int] = {"minute": MINUTE, "hour": HOUR}


class Sealed:
    """One series on its way: collects what changes while samples become a block and blocks become roll-ups.

    In turn: `take`, `remember` and `put` where there are samples (`seal_together` does it for many), then `roll`.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        series: int,
        *,
        progress: Progress,
        floors: dict[str, int],
        limits: Limits,
        report: Report,
        fresh: Fresh,
        closing: bool = False,
    ) -> None:
        """`closing`: no samples will come for a while."""
        self._closing = closing
        self._grown = limits.grown_samples // 2 if closing else limits.grown_samples  # else much would stay small
        self._connection = connection
        self._report = report
        self._series = series
        self._limits = limits
        self._floors = floors
        self._memory = fresh.get(series, progress.sealed)
        self._crowded = fresh.crowded
        self._progress = _with_floors(progress, self._floors)
        self._drop: list[tuple[BlockTier, int]] = []
        self._put: list[Block] = []
        self._added_memory: FreshMinutes | None = None
        self._minutes = rollup.EMPTY
        self._mended = False
        self._added: Progress | None = None
        self._taken = self._fresh = NOTHING
        self._pieces: list[Curve] = []

    def outcomes(self, taken: Detached | None) -> list[Outcome]:
        """All changes, each to be applied at once: samples, then what was rolled up; together if that was mended."""
        for memory in (self._added_memory, self._memory):
            if memory is not None:
                memory.prepare()
        progress = self._added
        if progress is None or self._mended:
            return [self._outcome(self._progress, TIERS, taken)]
        found = [replace(self._outcome(progress, TIERS[:1], taken), fresh=self._added_memory)]
        if progress != self._progress:
            found.append(replace(self._outcome(self._progress, TIERS[1:], None), follows=True))
        return found

    def _outcome(self, progress: Progress, tiers: Collection[BlockTier], taken: Detached | None) -> Outcome:
        return Outcome(
            series=self._series,
            progress=progress,
            taken=taken,
            fresh=self._memory,
            mends=self._mended,
            drop=tuple(one for one in self._drop if one[0] in tiers),
            put=tuple(block for block in self._put if block.tier in tiers),
        )

    def take(self, at: Int64s, value: Float64s, upto: int) -> Curve:
        """Begin with the samples of tail blobs up to `upto`; returns those of which `remember` wants the minutes."""
        at, value = _ascending(at, value)
        old = int(np.searchsorted(at, self._floors["raw"]))
        if old:
            self._add_ancient(at[:old], value[:old])
            at, value = at[old:], value[old:]
        self._progress = self._added = replace(self._progress, sealed=upto)
        self._taken = at, value
        return self._taken

    def remember(self, minutes: Records) -> list[Curve]:
        """Keep the minutes in memory; returns what is to become blocks: small ones before it are taken in."""
        at, value = self._taken
        self._extend(minutes)
        if not len(at):
            return []
        self._step_back(int(at[0]))
        (at, value), grown = self._with_small_ones(at, value)
        self._fresh = at, value
        self._pieces = [(at[piece], value[piece]) for piece in (slice(grown), slice(grown, None)) if len(at[piece])]
        return self._pieces

    def put(self, data: Sequence[bytes]) -> None:
        """These are the blocks."""
        for (at, _), one in zip(self._pieces, data, strict=True):
            self._put.append(
                Block(
                    tier="raw",
                    series=self._series,
                    start=int(at[0]),
                    last=int(at[-1]),
                    count=len(at),
                    data=one,
                    young=len(at) < self._grown,
                )
            )
            self._progress = self._added = replace(self._progress, count=len(at))

    def _extend(self, minutes: Records) -> None:
        """Go on with the fresh minutes, or begin where all that is sealed is rolled up."""
        (at, value), since = self._taken, self._progress.minute
        if self._memory is None and self._span() == (0, -1) and not (len(at) and int(at[0]) < since):
            self._memory = FreshMinutes(since=since, sealed=0, records=rollup.EMPTY)
        if self._memory is not None:
            before = rollup.EMPTY if len(self._memory.records) else self._before("minute", since)
            first = float(value[0]) if len(at) else 0.0
            self._memory = self._memory.extended(minutes, at, first, self._progress.sealed, before)
        self._added_memory = self._memory

    def _step_back(self, at: int) -> None:
        """Late samples: what was rolled up from there on will be made anew."""
        minute = min(self._progress.minute, at // MINUTE * MINUTE)
        hour = min(self._progress.hour, minute // HOUR * HOUR)
        self._progress = replace(self._progress, minute=minute, hour=hour)

    def _with_small_ones(self, at: Int64s, value: Float64s) -> tuple[Curve, int]:
        """The samples with those of the newest blocks, if all these are small and together make a large one.

        And how many of them it holds: the others stay a small one.
        """
        rows = self._connection.execute(
            "SELECT id, start, last, count, data FROM samples WHERE series = ? AND last >= ? AND start >= ? "
            "ORDER BY id DESC LIMIT ?",
            (self._series, self._floors["raw"], int(at[0]) - _LOOK_BACK, _SMALL_ONES),
        ).fetchall()
        small = list(takewhile(lambda row: row[3] < self._grown, rows))
        few = self._limits.block_samples // 2
        grown = self._portion(len(at), small)
        if not grown:
            small = list(takewhile(lambda row: row[3] < few, small))
        parts: list[Curve] = [(at, value)]
        for row, start, last, count, data in small:
            old: Curve = np.empty(count, np.int64), np.empty(count, np.float64)
            try:
                blocks.decode(data, *old, start, last)
            except blocks.DamagedBlock:
                self._report("raw", row)
                break  # what is older than a block that stays must not come after it
            self._drop.append(("raw", row))
            parts.insert(0, old)
        if len(parts) > 1:
            whole = np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])
            return _ascending(*whole), grown
        return (at, value), len(at)

    def _portion(self, more: int, small: Sequence[tuple[int, int, int, int, bytes]]) -> int:
        """How many of these and `more` samples make a large block; 0 where they don't."""
        count, least = more + sum(row[3] for row in small), self._grown
        if count < least:
            return 0
        known = [(row[3], len(row[4])) for row in small]
        return portion(count, known, least=least, wait=not self._closing)

    def _add_ancient(self, at: Int64s, value: Float64s) -> None:
        """Samples older than all raw ones are added to the minutes, or the hours, that stand for their time."""
        gone, border = np.searchsorted(at, (self._floors["hour"], self._floors["minute"]))
        if border > gone:
            self._mend("hour", rollup.roll_up(at[gone:border], value[gone:border], HOUR))
        late = rollup.roll_up(at[border:], value[border:], MINUTE)
        if len(late):
            self._mend("minute", late)
            hour = min(self._progress.hour, int(late.at[0]) // HOUR * HOUR)
            self._progress = replace(self._progress, hour=hour)

    def _mend(self, tier: BlockTier, late: Records) -> None:
        self._mended = True
        start = int(late.at[0])
        kept = self._take_back(tier, start, int(late.at[-1]) + 1)
        self._keep(tier, rollup.combined(kept, late, _WIDTHS[tier]))

    def _take_back(self, tier: BlockTier, start: int, end: int) -> Records:
        """All records of the blocks that touch the range, which are dropped."""
        rows = self._connection.execute(
            f"SELECT id, start, last, count, data FROM {tier} WHERE series = ? AND start < ? AND last >= ? "  # noqa: S608
            "ORDER BY start",
            (self._series, end, start),
        ).fetchall()
        found = []
        for row, first, last, count, data in rows:
            self._drop.append((tier, row))
            try:
                found.append(Packed(data, start=first, last=last, count=count, width=_WIDTHS[tier]).records())
            except blocks.DamagedBlock:
                self._report(tier, row)
        return rollup.joined(found)

    def _keep(self, tier: BlockTier, records: Records) -> None:
        for first in range(0, len(records), 2 * self._limits.block_records):
            part = records.taken(slice(first, first + 2 * self._limits.block_records))
            data = rollup.encode(part, _WIDTHS[tier])
            fits = fitting(len(part), len(data))
            if fits == len(part):
                self._keep_block(tier, part, data)
                continue
            head = rollup.encode(part.taken(slice(fits)), _WIDTHS[tier])
            if spilling(len(head)):
                fits = fitting(fits, len(head))
                head = rollup.encode(part.taken(slice(fits)), _WIDTHS[tier])
            rest = part.taken(slice(fits, None))
            self._keep_block(tier, part.taken(slice(fits)), head)
            self._keep_block(tier, rest, rollup.encode(rest, _WIDTHS[tier]))

    def _keep_block(self, tier: BlockTier, records: Records, data: bytes) -> None:
        self._put.append(
            Block(
                tier=tier,
                series=self._series,
                start=int(records.at[0]),
                last=int(records.at[-1]),
                count=len(records),
                data=data,
            )
        )

    def roll(self, *, everything: bool) -> None:
        """Bring minutes and hours up to date where enough has come together, or in any case."""
        if self._mended:
            return  # the mended blocks aren't in the file yet; the next time will find them there
        self._roll_minutes(everything)
        self._roll_hours(everything)
        self._recall()

    def _span(self) -> tuple[int, int]:
        """First and last time of what is sealed and not rolled up; (0, -1) where nothing is."""
        since = max(self._progress.minute, self._floors["raw"])
        gone = {block for tier, block in self._drop if tier == "raw"}
        rows = self._connection.execute(
            "SELECT id, start, last FROM samples WHERE series = ? AND last >= ?", (self._series, since)
        ).fetchall()
        spans = [(max(start, since), last) for row, start, last in rows if row not in gone]
        if len(self._fresh[0]) and int(self._fresh[0][-1]) >= since:
            spans.append((max(int(self._fresh[0][0]), since), int(self._fresh[0][-1])))
        if not spans:
            return 0, -1
        return min(span[0] for span in spans), max(span[1] for span in spans)

    def _roll_minutes(self, everything: bool) -> None:
        first, last = self._span()
        upto = last // MINUTE * MINUTE + (MINUTE if everything else 0)
        if last < first or (upto - first < self._enough() and not everything) or upto <= first // MINUTE * MINUTE:
            return
        since = first // MINUTE * MINUTE
        kept = self._stale_cut("minute", self._progress.minute or since)
        fresh = self._fresh_minutes(since, upto, kept)
        self._keep("minute", rollup.joined([kept, fresh]))
        self._progress = replace(self._progress, minute=upto)
        self._minutes = rollup.joined([kept, fresh])

    def _enough(self) -> int:
        """Milliseconds of samples that are rolled up together."""
        return self._limits.roll_minutes_at_least if self._crowded else self._limits.roll_minutes_after

    def _recall(self) -> None:
        """Where memory has nothing of the series, as after a restart, make its minutes once from the samples."""
        if self._memory is not None or self._crowded:
            return
        since = max(self._progress.minute, self._floors["raw"])
        at, value = load_raw(self._connection, self._series, since, 1 << 62, self._report, self._fresh)
        records = rollup.roll_up(at, value, MINUTE, self._before("minute", since))
        self._memory = FreshMinutes(since=since, sealed=self._progress.sealed, records=records)
        self._added_memory = self._memory

    def _fresh_minutes(self, since: int, upto: int, kept: Records) -> Records:
        """What is to be rolled up: out of memory, else from the samples."""
        memory = self._memory
        if memory is not None and memory.since <= since:
            self._memory = memory.cut(upto)
            return memory.records.cut(since, upto)
        at, value = load_raw(self._connection, self._series, since, 1 << 62, self._report, self._fresh)
        records = rollup.roll_up(at, value, MINUTE, kept if len(kept) else self._before("minute", since))
        self._memory = FreshMinutes(since=since, sealed=self._progress.sealed, records=records).cut(upto)
        return records.cut(since, upto)

    def _before(self, tier: BlockTier, since: int) -> Records:
        """The newest block that begins before `since`, up to there: a counter's growth goes on from its end."""
        row = self._connection.execute(
            f"SELECT MAX(start) FROM {tier} WHERE series = ? AND start < ?",  # noqa: S608
            (self._series, since),
        ).fetchone()
        if row[0] is None:
            return rollup.EMPTY
        return load_records(self._connection, tier, self._series, row[0], since, self._report)

    def _stale_cut(self, tier: BlockTier, since: int) -> Records:
        """The records before `since` that go into one block with the coming ones; stale blocks are dropped.

        The newest block is taken in until it is full: a day is then read from one block or two.
        """
        rows = self._connection.execute(
            f"SELECT start, last, count FROM {tier} WHERE series = ? AND last >= ? ORDER BY start DESC",  # noqa: S608
            (self._series, since - 2 * self._limits.block_records * _WIDTHS[tier]),
        ).fetchall()
        begin = min([since, *(start for start, last, _ in rows if last >= since)])
        before = [row for row in rows if row[0] < begin]
        if before and before[0][2] < self._limits.block_records:
            begin = before[0][0]
        return self._take_back(tier, begin, 1 << 62).cut(0, since)

    def _roll_hours(self, everything: bool) -> None:
        since = max(self._progress.hour, self._floors["minute"])
        upto = self._progress.minute // HOUR * HOUR
        if everything and self._progress.minute % HOUR:
            upto += HOUR
        if upto - since < self._limits.roll_hours_after and not everything:
            return
        minutes = self._all_minutes(since, upto)
        if not len(minutes) or (upto - int(minutes.at[0]) < self._limits.roll_hours_after and not everything):
            return
        first = int(minutes.at[0]) // HOUR * HOUR
        kept = self._stale_cut("hour", self._progress.hour or first)
        self._keep("hour", rollup.joined([kept, rollup.coarser(minutes, HOUR)]))
        self._progress = replace(self._progress, hour=upto)

    def _all_minutes(self, since: int, upto: int) -> Records:
        """Minutes of the range, those just made included."""
        fresh = self._minutes.cut(since, upto)
        end = int(fresh.at[0]) if len(fresh) else upto
        older = load_records(self._connection, "minute", self._series, since, end, self._report)
        return rollup.joined([older, fresh])


def seal_together(taken: Sequence[tuple[Sealed, Int64s, Float64s, int]]) -> None:
    """Make blocks of samples of tail blobs up to a number each (times and values in the order they came)."""
    some = [sealed for sealed, *_ in taken]
    new = [sealed.take(at, value, upto) for sealed, at, value, upto in taken]
    pieces = [sealed.remember(minutes) for sealed, minutes in zip(some, minutes_of(new), strict=True)]
    made = iter(blocks_of([piece for those in pieces for piece in those]))
    for sealed, those in zip(some, pieces, strict=True):
        sealed.put(list(islice(made, len(those))))


def _with_floors(progress: Progress, floors: dict[str, int]) -> Progress:
    """What lies before a tier's floor was handed over to the next tier before the floor rose."""
    return replace(progress, minute=max(progress.minute, floors["raw"]), hour=max(progress.hour, floors["minute"]))


def _ascending(at: Int64s, value: Float64s) -> Curve:
    return (at, value) if bool((at[1:] > at[:-1]).all()) else in_order(at, value)
