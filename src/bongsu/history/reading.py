"""Reading a series back: one connection and one thread an answer."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import TypeAlias

from bongsu import native
from bongsu.history.curves import curve, tier_of
from bongsu.history.files import Files, ReadConnection, is_damage
from bongsu.history.fresh import Fresh
from bongsu.history.journal import read_floors, read_progress
from bongsu.history.loading import Scratch
from bongsu.history.minutes import by_minutes
from bongsu.history.recent import RecentBlocks
from bongsu.history.rollup import MINUTE
from bongsu.history.samples import by_samples
from bongsu.history.shelf import Shelf
from bongsu.history.steps import Curve
from bongsu.history.sweep import sweep
from bongsu.history.tail import Snapshot, Tail
from bongsu.history.team import Team
from bongsu.history.view import View
from bongsu.model.errors import Unavailable
from bongsu.model.query import RangeQuery
from bongsu.model.sample import Float64s, Int64s
from bongsu.native.curves import Gathering
from bongsu.native.minutes import Room
from bongsu.native.steps import Columns

Answer: TypeAlias = list[tuple[int, Int64s, Float64s]]
"""Series with their times and values."""
_TOGETHER = 16
"""Series read in one transaction."""
_TAIL = 65_536
"""Steps that the tails of these may have to be answered at once: an hour of all by second."""


class Reading:
    """Answers queries in a thread of its own, with a connection of its own."""

    def __init__(
        self,
        *,
        files: Files,
        tail: Tail,
        fresh: Fresh,
        shelf: Shelf,
        recent: RecentBlocks,
        damaged: Callable[[Exception, int], None],
    ) -> None:
        """`damaged` has the file of that generation replaced when it can't be read."""
        self._files = files
        self._connection = ReadConnection(files)
        self._tail = tail
        self._fresh = fresh
        self._shelf = shelf
        self._recent = recent
        self._scratch = Scratch()
        self._damaged = damaged
        self._team = Team()
        self._columns = Columns(_TAIL)
        self._room = Room()
        self._gathering = Gathering()

    def answer(self, ids: list[int], query: RangeQuery) -> Answer:
        """The curve of each series that has one in the range. Blocks; one thread at a time.

        Raises:
            Unavailable: the file can't be read.
        """
        generation = self._files.generation
        try:
            return self._answer(ids, query)
        except sqlite3.Error as error:
            if not is_damage(error):
                raise Unavailable(f"the history can't be read: {error}", retry_after=1) from error
            self._damaged(error, generation)
        try:
            return self._answer(ids, query)
        except sqlite3.Error as error:
            raise Unavailable(f"the history can't be read: {error}", retry_after=1) from error

    def within(self, samples: int, ids: list[int], query: RangeQuery) -> Answer:
        """The same, if it takes unpacking no more than so many samples.

        Raises:
            TooMuch: it takes more.
            sqlite3.Error: the file can't be read now.
        """
        self._scratch.budget = samples
        return self._answer(ids, query)

    def _answer(self, ids: list[int], query: RangeQuery) -> Answer:
        found = []
        for first in range(0, len(ids), _TOGETHER):
            some = ids[first : first + _TOGETHER]
            # the tails before the blocks: what is sealed isn't missed
            plain = self._plain(some, query)
            if len(plain) == len(some):
                found += [(series, *plain[series]) for series in some if len(plain[series][0])]
                continue
            tails, joint = self._tail.snapshots(some) if len(some) > 1 else ([self._tail.snapshot(some[0])], None)
            with self._connection.snapshot() as connection:
                views = self._views(connection, some, tails, ascend=joint is not None and joint.ascending)
                joint = joint if views[0].ascends else None
                swept = sweep(views, query, self._team, joint) if len(some) > 1 else {}
                for view in views:
                    at, value = plain.get(view.series) or swept.get(view.series) or curve(view, query)
                    if len(at):
                        found.append((view.series, at, value))
        return found

    def _plain(self, ids: list[int], query: RangeQuery) -> dict[int, Curve]:
        """The curves of those series that are plain to answer."""
        tier, step = tier_of(query), query.step
        if query.agg == "rate" or not native.available():
            return {}
        connection, tail, columns = self._connection, self._tail, self._columns
        if tier == "raw" and step is not None:
            return by_samples(connection, ids, query, step, tail, self._recent, columns, self._gathering, self._scratch)
        if tier == "minute" and step in (None, MINUTE):
            return by_minutes(connection, ids, query, tail, self._fresh, self._shelf, columns, self._room)
        return {}

    def _views(
        self, connection: sqlite3.Connection, ids: list[int], tails: list[Snapshot], *, ascend: bool
    ) -> list[View]:
        floors = read_floors(connection)
        return [
            View(
                connection=connection,
                series=series,
                progress=progress,
                floors=floors,
                tail=tail.since(progress.sealed),
                ascends=ascend,
                fresh=self._fresh.get(series, progress.sealed),
                report=self._files.report,
                scratch=self._scratch,
            )
            for series, progress, tail in zip(ids, read_progress(connection, ids), tails, strict=True)
        ]

    def close(self) -> None:
        """Let go of the connection and of the second thread."""
        self._team.close()
        self._connection.close()
