"""Everything that is written to the file, as statements inside the writer's transactions."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, TypeAlias

import msgspec
import numpy as np

from bongsu.history import blob
from bongsu.history.block import DamagedBlock
from bongsu.history.fresh import FreshMinutes
from bongsu.history.tail import PAGE, Detached
from bongsu.model.sample import Batch
from bongsu.model.series import Series

BlockTier: TypeAlias = Literal["raw", "minute", "hour"]
_BLOBS = 25
"""Blobs dropped in one transaction: thousands at once hold up acknowledgements for 200 ms."""
TIERS: tuple[BlockTier, ...] = ("raw", "minute", "hour")
TABLES_OF: dict[BlockTier, tuple[str, ...]] = {"raw": ("raw", "young"), "minute": ("minute",), "hour": ("hour",)}
"""Where the rows of each tier are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A row of `raw`, `minute` or `hour`: times in UTC ms, `last` being that of the newest sample or record."""

    tier: BlockTier
    series: int
    start: int
    last: int
    count: int
    data: bytes
    young: bool = False
    """Whether a larger one will soon take it in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a series has come; see `schema.TABLES`."""

    sealed: int = 0
    block: int = 0
    count: int = 0
    minute: int = 0
    hour: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What sealing a series changes, all at once: blocks to drop, blocks to add, and how far it now is."""

    series: int
    progress: Progress
    taken: Detached | None = None
    drop: tuple[tuple[BlockTier, int], ...] = ()
    put: tuple[Block, ...] = ()
    fresh: FreshMinutes | None = None
    """The series' minutes that are in no block then."""
    mends: bool = False
    """Whether blocks of minutes or hours amid others are made anew."""
    follows: bool = False
    """Whether it needs another outcome of its series in place, and is made anew with the next one if it fails."""

    @property
    def place(self) -> str:
        """Where in the file it adds most: outcomes of one place fill its pages together."""
        if self.follows:
            return "rolled"
        return "young" if any(block.young for block in self.put) else "raw"

    @property
    def size(self) -> int:
        """Bytes of its blocks."""
        return sum(len(block.data) for block in self.put)


def read_progress(connection: sqlite3.Connection, series: Sequence[int]) -> list[Progress]:
    """How far each of these series has come."""
    rows = connection.execute(
        f"SELECT series, sealed, block, count, minute, hour FROM progress WHERE series IN ({marks(series)})",  # noqa: S608
        series,
    )
    found = {row[0]: Progress(sealed=row[1], block=row[2], count=row[3], minute=row[4], hour=row[5]) for row in rows}
    return [found.get(one) or Progress() for one in series]


def marks(values: Sequence[object]) -> str:
    """A question mark for each, as SQL's IN wants them."""
    return ",".join("?" * len(values))


@lru_cache(64)
def of_many(statement: str, count: int) -> str:
    """The statement with a question mark for each of so many values: the same string again, whose hash is known."""
    return statement.format(marks(range(count)))


def read_floors(connection: sqlite3.Connection) -> dict[str, int]:
    """Since when (UTC ms) each tier is complete; what is older was cleaned up. 0 where nothing was yet."""
    return {**dict.fromkeys(TIERS, 0), **dict(connection.execute("SELECT tier, at FROM floor").fetchall())}


class Journal:
    """The statements; whoever calls holds the transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def load_series(self) -> list[Series]:
        """All series the file remembers."""
        rows = self.connection.execute("SELECT id, metric, labels FROM series ORDER BY id")
        decode = msgspec.json.Decoder(tuple[tuple[str, str], ...]).decode
        return [Series(id=row[0], metric=row[1], labels=decode(row[2])) for row in rows]

    def load_tail(self, report: Callable[[str, int], None]) -> Iterable[tuple[int, Batch]]:
        """The tail's blobs in order, without the samples that are in blocks already."""
        rows = self.connection.execute("SELECT series, sealed FROM progress").fetchall()
        top = self.connection.execute("SELECT COALESCE(MAX(id), 0) FROM series").fetchone()[0]
        sealed = np.zeros(int(top) + 1, np.int64)
        for series, upto in rows:
            sealed[series] = upto
        for seq, data in self.connection.execute("SELECT seq, data FROM tail ORDER BY seq"):
            try:
                batch = blob.decode(data)
            except DamagedBlock:
                report("tail", seq)
                continue
            keep = sealed[batch.series] < seq
            if not keep.all():
                batch = Batch(series=batch.series[keep], at=batch.at[keep], value=batch.value[keep])
            yield seq, batch

    def tail_bound(self, series: int) -> int:
        """Room (in samples) that the tail's blobs need in memory at most, `series` being how many there are."""
        size = self.connection.execute("SELECT COALESCE(SUM(LENGTH(data)), 0) FROM tail").fetchone()[0]
        return blob.bound(int(size)) + 2 * PAGE * (series + 1)

    def newest_seq(self) -> int:
        """The highest blob number ever used: a lower one would count as sealed already."""
        run = self.connection.execute
        newest = run("SELECT COALESCE(MAX(seq), 0) FROM tail").fetchone()[0]
        return max(int(newest), int(run("SELECT COALESCE(MAX(sealed), 0) FROM progress").fetchone()[0]))

    def put_series(self, series: Sequence[Series]) -> None:
        """Remember series; known ones stay as they are."""
        encode = msgspec.json.encode
        self.connection.executemany(
            "INSERT OR IGNORE INTO series(id, metric, labels) VALUES (?, ?, ?)",
            [(one.id, one.metric, encode(one.labels).decode()) for one in series],
        )

    def drop_series(self, series: Sequence[int]) -> None:
        """Forget series of which nothing is left."""
        ids = [(one,) for one in series]
        self.connection.executemany("DELETE FROM series WHERE id = ?", ids)
        self.connection.executemany("DELETE FROM progress WHERE series = ?", ids)

    def put_tail(self, seq: int, batch: Batch) -> None:
        """Keep a batch as blob `seq`."""
        self.connection.execute("INSERT INTO tail(seq, data) VALUES (?, ?)", (seq, blob.encode(batch)))

    def drop_tail(self, before: int) -> bool:
        """Let go of blobs before `before`, which hold nothing unsealed any more; True where some are left."""
        done = self.connection.execute(
            "DELETE FROM tail WHERE seq IN (SELECT seq FROM tail WHERE seq < ? ORDER BY seq LIMIT ?)", (before, _BLOBS)
        )
        return done.rowcount == _BLOBS

    def apply(self, outcome: Outcome) -> list[tuple[int, Block]]:
        """Put one series' sealed samples and roll-ups in place; returns the blocks of samples with their numbers."""
        run = self.connection.execute
        for tier, old in outcome.drop:
            for table in TABLES_OF[tier]:
                run(f"DELETE FROM {table} WHERE id = ?", (old,))  # noqa: S608 — from the literals above
        progress = outcome.progress
        newest, placed = progress.block, list[tuple[int, Block]]()
        for block in outcome.put:
            table = "young" if block.young else block.tier
            row = self._next_raw() if block.tier == "raw" else None
            run(
                f"INSERT INTO {table}(id, series, start, last, count, data) VALUES (?, ?, ?, ?, ?, ?)",  # noqa: S608
                (row, block.series, block.start, block.last, block.count, block.data),
            )
            if row is not None:
                newest = row
                placed.append((row, block))
        run(
            "INSERT OR REPLACE INTO progress(series, sealed, block, count, minute, hour) VALUES (?, ?, ?, ?, ?, ?)",
            (outcome.series, progress.sealed, newest, progress.count, progress.minute, progress.hour),
        )
        return placed

    def newest_sample(self, series: int, without: Sequence[int]) -> int:
        """When (UTC ms) the newest sample in the series' blocks but for these was taken; -1 where there is none."""
        rows = self.connection.execute("SELECT id, last FROM samples WHERE series = ?", (series,))
        return max((last for row, last in rows if row not in without), default=-1)

    def _next_raw(self) -> int:
        """The number of the next block of samples, young or not."""
        run = self.connection.execute
        highest = "SELECT MAX((SELECT COALESCE(MAX(id), 0) FROM raw), (SELECT COALESCE(MAX(id), 0) FROM young)) + 1"
        return int(run(highest).fetchone()[0])
