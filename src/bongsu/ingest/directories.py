"""The lists of series in columnar bodies: a sender's list is mostly the same again, and is then not read again."""

from __future__ import annotations

from collections.abc import Generator

import msgspec
import numpy as np

from bongsu.ingest.columns import REFUSED
from bongsu.ingest.identity import NO_LABELS, SeriesIds
from bongsu.ingest.reading import UNREADABLE, readable
from bongsu.ingest.refusals import Refused
from bongsu.ingest.slices import parts
from bongsu.model.errors import TooLarge
from bongsu.model.sample import Int32s, Int64s

MOST_SERIES = 200_000
"""Entries of `series` in one body."""

DIRECTORIES = 16
SIZE = 4 << 20
"""Lists remembered at once, and their bytes in all."""

_UNKNOWN = -2
_PAUSE = 512
"""Series looked up in one go: some milliseconds if all are new."""


class ColumnarSeries(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """One entry of `series`."""

    metric: str
    labels: msgspec.Raw = NO_LABELS


_RAWS = msgspec.json.Decoder(list[msgspec.Raw])
_ENTRY = msgspec.json.Decoder(ColumnarSeries)


class Directory:
    """One list: its entries unread, and the ids of those that were asked for."""

    def __init__(self, entries: list[msgspec.Raw]) -> None:
        self._entries = entries
        self._ids = np.full(len(entries), _UNKNOWN, np.int32)

    def __len__(self) -> int:
        return len(self._entries)

    def look_up(self, ids: SeriesIds, positions: Int64s) -> Generator[None, None, tuple[Int32s, dict[int, Refused]]]:
        """The id at each position, `REFUSED` where there is none, and why; pauses between many new ones."""
        series: Int32s = self._ids[positions]
        if not len(series) or series.min() > _UNKNOWN:
            return series, {}
        why: dict[int, Refused] = {}
        asked = np.zeros(len(self._ids), np.bool_)
        asked[positions] = True
        for count, position in enumerate(np.flatnonzero(asked & (self._ids == _UNKNOWN)).tolist()):
            if count % _PAUSE == 0:
                if count:
                    yield None
                ids.refresh()
            try:
                self._ids[position] = self._identify(ids, position)
            except Refused as refused:
                why[position] = refused.with_traceback(None)
        series = self._ids[positions]
        series[series == _UNKNOWN] = REFUSED
        return series, why

    def _identify(self, ids: SeriesIds, position: int) -> int:
        try:
            entry = _ENTRY.decode(self._entries[position])
        except UNREADABLE as error:
            raise Refused("bad-type", f"its entry in series can't be read: {error}") from None
        spelling = (entry.metric, bytes(entry.labels))
        found = ids[spelling]
        if found == REFUSED:
            raise ids.why(spelling)
        return found


class Directories:
    """The lists that came lately, by their text; bounded in number and bytes."""

    def __init__(self, ids: SeriesIds) -> None:
        self._ids = ids
        self._dropped = ids.dropped
        self._known: dict[bytes, Directory] = {}
        self._size = 0

    def open(self, text: bytes) -> Generator[None, None, Directory]:
        """The list with this text; pauses while a long one is read.

        Raises:
            BadRequest: it is no list.
            TooLarge: it lists more series than any server holds.
        """
        self._refresh()
        known = self._known.get(text)
        if known is not None:
            return known
        entries: list[msgspec.Raw] = []
        for part in parts(text, lambda run: readable(_RAWS.decode, run)):
            if entries:
                yield None
            entries += part
            if len(entries) > MOST_SERIES:
                raise TooLarge(f"the body lists more than {MOST_SERIES} series", hint="send several bodies")
        return self._keep(text, Directory(entries))

    def _refresh(self) -> None:
        self._ids.refresh()
        if self._dropped != self._ids.dropped:
            self._dropped = self._ids.dropped
            self._known.clear()
            self._size = 0

    def _keep(self, text: bytes, directory: Directory) -> Directory:
        if len(text) > SIZE // 4 or text in self._known:
            return directory
        while self._known and (len(self._known) >= DIRECTORIES or self._size + len(text) > SIZE):
            oldest = next(iter(self._known))
            del self._known[oldest]
            self._size -= len(oldest)
        self._known[text] = directory
        self._size += len(text)
        return directory
