"""The newest value of every series, as columns indexed by series id."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from bongsu.live.topics import BITS
from bongsu.model.catalogue import Catalogue
from bongsu.model.query import Latest
from bongsu.model.sample import Batch, Int64s, Labels
from bongsu.model.series import SeriesTable

_NEVER: Final = np.iinfo(np.int64).min
_FIRST_SIZE: Final = 1_024


class Values:
    """Latest value, time, revision and topic of each series.

    A revision is a number that rises with every batch; whoever remembers the revision up to which he has seen
    the values can ask for what changed since. Bounded by the series table.
    """

    def __init__(self, *, table: SeriesTable, catalogue: Catalogue) -> None:
        self._table = table
        self._catalogue = catalogue
        self._epoch = table.epoch
        self._at: Int64s = np.full(_FIRST_SIZE, _NEVER, np.int64)
        self._value = np.zeros(_FIRST_SIZE, np.float64)
        self._changed: Int64s = np.zeros(_FIRST_SIZE, np.int64)
        self._bit: NDArray[np.uint8] = np.zeros(_FIRST_SIZE, np.uint8)
        self._heads: list[bytes | None] = [None] * _FIRST_SIZE
        self.revision = 0
        self.losses = dict.fromkeys(BITS.values(), 0)
        """Per topic bit: rises when series vanish. An update can't tell that, so a snapshot must."""

    def take(self, batch: Batch) -> int:
        """Scatter the samples into the columns; returns the mask of topics in which something changed.

        Within a batch the newest time of a series wins, among equal times the last row. A sample older
        than what is known changes nothing.
        """
        ids, at, value = batch.series, batch.at, batch.value
        if not len(ids):
            return 0
        self.notice_losses()
        if len(self._at) < self._table.end:
            self._grow(self._table.end)
        fresh = at >= self._at[ids]
        if not fresh.all():
            ids, at, value = ids[fresh], at[fresh], value[fresh]
            if not len(ids):
                return 0
        self._at[ids] = at
        if not np.array_equal(self._at[ids], at):  # a series is in the batch several times
            np.maximum.at(self._at, ids, at)
            newest = self._at[ids] == at
            ids, value = ids[newest], value[newest]
        self._value[ids] = value
        self.revision += 1
        self._changed[ids] = self.revision
        bits = self._bit[ids]
        if not bits.all():
            self._learn(set(ids[bits == 0].tolist()))
            bits = self._bit[ids]
        return int(np.bitwise_or.reduce(bits))

    def changed_since(self, revision: int, bit: int) -> Int64s:
        """Ids of the topic's series that changed after `revision`, ascending."""
        end = min(self._table.end, len(self._at))
        return np.flatnonzero((self._changed[:end] > revision) & (self._bit[:end] == bit))

    def columns(self, revision: int) -> Batch:
        """What changed after `revision`, of any topic, each series once with its newest value."""
        self.notice_losses()
        end = min(self._table.end, len(self._at))
        ids = np.flatnonzero(self._changed[:end] > revision)
        return Batch(series=ids.astype(np.int32), at=self._at[ids], value=self._value[ids])

    def entries(self, ids: Int64s) -> bytes:
        """The series as the items of a JSON array, without its brackets."""
        count = len(ids)
        if not count:
            return b""
        heads = self._heads
        parts: list[bytes] = [b',"at":'] * (4 * count)
        parts[0::4] = [heads[i] or self._head(i) for i in ids.tolist()]
        parts[1::4] = msgspec.json.encode(self._value[ids].tolist())[1:-1].split(b",")
        parts[3::4] = msgspec.json.encode(self._at[ids].tolist())[1:-1].split(b",")
        parts[0] = parts[0][2:]
        parts.append(b"}")
        return b"".join(parts)

    def latest(self, metric: str | None, labels: Labels) -> list[Latest]:
        """The newest sample of each selected series, in the order the series were first seen."""
        table = self._table
        self.notice_losses()
        if metric is not None:
            chosen = [table[i] for i in table.select(metric, labels)]
        else:
            wanted = set(labels)
            chosen = [one for one in table if wanted.issubset(one.labels)]
        chosen = [one for one in chosen if one.id < len(self._at)]
        ids = np.fromiter((one.id for one in chosen), np.int64, len(chosen))
        return [
            Latest(metric=one.metric, labels=one.labels, value=value, at=at)
            for one, value, at in zip(chosen, self._value[ids].tolist(), self._at[ids].tolist(), strict=True)
            if at != _NEVER
        ]

    def notice_losses(self) -> None:
        """Clear the series that the table has forgotten since the last look."""
        if self._table.epoch == self._epoch:
            return
        self._epoch = self._table.epoch
        get = self._table.get
        gone = [i for i in np.flatnonzero(self._bit).tolist() if get(i) is None]
        for bit in {int(bit) for bit in self._bit[gone]}:
            self.losses[bit] += 1
        self._clear(gone)

    def _clear(self, gone: list[int]) -> None:
        self._at[gone] = _NEVER
        self._changed[gone] = 0
        self._bit[gone] = 0
        for i in gone:
            self._heads[i] = None

    def _learn(self, ids: Iterable[int]) -> None:
        """Look up the topics of series met for the first time; what the table no longer knows is cleared."""
        gone = []
        for i in ids:
            series = self._table.get(i)
            if series is None:
                gone.append(i)
            else:
                self._bit[i] = BITS[self._catalogue.get(series.metric).topic]
        self._clear(gone)

    def _head(self, series_id: int) -> bytes:
        """What comes before the value in the series' JSON, encoded once; begins by ending its predecessor."""
        series = self._table[series_id]
        metric = msgspec.json.encode(series.metric)
        labels = msgspec.json.encode(dict(series.labels))
        head = b'},{"metric":%b,"labels":%b,"value":' % (metric, labels)
        self._heads[series_id] = head
        return head

    def _grow(self, need: int) -> None:
        more = max(need, len(self._at) + len(self._at) // 2) - len(self._at)
        self._at = np.concatenate([self._at, np.full(more, _NEVER, np.int64)])
        self._value = np.concatenate([self._value, np.zeros(more)])
        self._changed = np.concatenate([self._changed, np.zeros(more, np.int64)])
        self._bit = np.concatenate([self._bit, np.zeros(more, np.uint8)])
        self._heads.extend([None] * more)
