"""Samples as columns: the series once, then index, time and value of each sample in three arrays."""

from __future__ import annotations

from collections.abc import Generator, Iterator

import msgspec
import numpy as np

from bongsu.ingest.columns import REFUSED, UNSTAMPED, Columns
from bongsu.ingest.identity import NO_LABELS, SeriesIds
from bongsu.ingest.number_array import INDICES, TIMES, VALUES, Numbers, read, refuse_faulty
from bongsu.ingest.reading import UNREADABLE, readable
from bongsu.ingest.refusals import Refusals, Refused
from bongsu.ingest.slices import parts
from bongsu.model.errors import BadRequest, TooLarge
from bongsu.model.sample import Int32s, Int64s

HINT = 'send {"series": [{"metric", "labels"}, …], "index": […], "at": […], "value": […]}'
_PAUSE = 512
"""Series looked up in one go: some milliseconds if all are new."""

_MOST_SERIES = 200_000
"""Entries of `series` in one body."""


class ColumnarSeries(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """One entry of `series`."""

    metric: str
    labels: msgspec.Raw = NO_LABELS


class ColumnarBody(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """The body with its arrays unread."""

    series: msgspec.Raw
    index: msgspec.Raw
    value: msgspec.Raw
    at: msgspec.Raw = msgspec.Raw(b"null")


class ColumnarDecoder:
    """Decodes columnar bodies; one decoder serves all."""

    def __init__(self, ids: SeriesIds) -> None:
        self._ids = ids
        self._body = msgspec.json.Decoder(ColumnarBody)
        self._raws = msgspec.json.Decoder(list[msgspec.Raw])
        self._series = msgspec.json.Decoder(ColumnarSeries)

    def columns(self, body: bytes, refusals: Refusals) -> Iterator[Columns | None]:
        """Yields None between two runs of work, to let others work, and the columns at the end.

        Raises:
            BadRequest: the body can't be read, or its arrays differ in length.
            TooLarge: it lists more series than any server holds.
        """
        sent = self._open(body)
        index = yield from read(INDICES, bytes(sent.index))
        value = yield from read(VALUES, bytes(sent.value))
        at = yield from self._times(bytes(sent.at), len(value.column))
        if not len(index.column) == len(value.column) == len(at.column):
            lengths = f"index has {len(index.column)}, value {len(value.column)}, at {len(at.column)} entries"
            raise BadRequest(f"{lengths}: they must be equally long", hint=HINT)
        refused = np.zeros(len(value.column), np.bool_)
        for numbers in (index, value, at):
            refuse_faulty(numbers, refused, refusals)
        index.column[refused] = INDICES.marker
        entries = yield from self._entries(bytes(sent.series))
        series = yield from self._look_up(entries, index.column, refusals)
        yield Columns(start=0, series=series, at=at.column, value=value.column)

    def _open(self, body: bytes) -> ColumnarBody:
        try:
            return self._body.decode(body)
        except msgspec.ValidationError as error:
            raise BadRequest(f"the columnar body is faulty: {error}", hint=HINT) from None
        except UNREADABLE:
            return readable(self._body.decode, body)

    def _entries(self, text: bytes) -> Generator[None, None, list[msgspec.Raw]]:
        entries: list[msgspec.Raw] = []
        for part in parts(text, lambda run: readable(self._raws.decode, run)):
            if entries:
                yield None
            entries += part
            if len(entries) > _MOST_SERIES:
                raise TooLarge(f"the body lists more than {_MOST_SERIES} series", hint="send several bodies")
        return entries

    def _look_up(self, entries: list[msgspec.Raw], index: Int64s, refusals: Refusals) -> Generator[None, None, Int32s]:
        """The id of each sample's series; only entries that have samples are looked at."""
        inside = (index >= 0) & (index < len(entries))
        outside = np.flatnonzero(~inside & (index != INDICES.marker))
        refusals.add_all(
            "bad-index", 0, outside, lambda i: f"index {index[i]} is none of the {len(entries)} entries of series"
        )
        ids = np.full(len(entries) + 1, REFUSED, np.int32)  # the last one stands for what is outside
        why: dict[int, tuple[str, str]] = {}
        for count, position in enumerate(np.unique(index[inside]).tolist()):
            if count % _PAUSE == 0:
                if count:
                    yield None
                self._ids.refresh()
            try:
                ids[position] = self._identify(entries[position])
            except Refused as refused:
                why[position] = refused.code, refused.detail
        if why:
            _refuse_series(why, index, refusals)
        return ids[np.where(inside, index, len(entries))]

    def _identify(self, raw: msgspec.Raw) -> int:
        try:
            series = self._series.decode(raw)
        except UNREADABLE as error:
            raise Refused("bad-type", f"its entry in series can't be read: {error}") from None
        spelling = (series.metric, bytes(series.labels))
        found = self._ids[spelling]
        if found == REFUSED:
            raise self._ids.why(spelling)
        return found

    @staticmethod
    def _times(text: bytes, count: int) -> Generator[None, None, Numbers]:
        if text == b"null":
            return Numbers(spec=TIMES, column=np.full(count, UNSTAMPED, np.int64))
        return (yield from read(TIMES, text))


def _refuse_series(why: dict[int, tuple[str, str]], index: Int64s, refusals: Refusals) -> None:
    for code in {code for code, _ in why.values()}:
        entries = np.array([position for position, (other, _) in why.items() if other == code], np.int64)
        samples = np.flatnonzero(np.isin(index, entries))
        refusals.add_all(code, 0, samples, lambda i: f"series[{index[i]}]: {why[int(index[i])][1]}")
