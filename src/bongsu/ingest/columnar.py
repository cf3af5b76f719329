"""Samples as columns: the series once, then index, time and value of each sample in three arrays."""

from __future__ import annotations

from collections.abc import Generator, Iterator

import msgspec
import numpy as np

from bongsu.ingest.columns import REFUSED, UNSTAMPED, Columns
from bongsu.ingest.identity import NO_LABELS, SeriesIds
from bongsu.ingest.number_array import INDICES, TIMES, VALUES, Numbers, read, refuse_faulty
from bongsu.ingest.refusals import Refusals, Refused
from bongsu.ingest.rows import UNREADABLE, readable
from bongsu.model.errors import BadRequest
from bongsu.model.sample import Int32s, Int64s

HINT = 'send {"series": [{"metric", "labels"}, …], "index": […], "at": […], "value": […]}'
_PAUSE = 2_048
"""Series looked up in one go."""


class ColumnarSeries(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """One entry of `series`."""

    metric: str
    labels: msgspec.Raw = NO_LABELS


class ColumnarBody(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """The body with its arrays unread."""

    series: list[msgspec.Raw]
    index: msgspec.Raw
    value: msgspec.Raw
    at: msgspec.Raw = msgspec.Raw(b"null")


class Directory:
    """The entries of `series`: the id of each, and why some were refused."""

    def __init__(self) -> None:
        self.ids: list[int] = []
        self.why: dict[int, Refused] = {}


class ColumnarDecoder:
    """Decodes columnar bodies; one decoder serves all."""

    def __init__(self, ids: SeriesIds) -> None:
        self._ids = ids
        self._body = msgspec.json.Decoder(ColumnarBody)
        self._series = msgspec.json.Decoder(ColumnarSeries)

    def columns(self, body: bytes, refusals: Refusals) -> Iterator[Columns | None]:
        """Yields None between two runs of work, to let others work, and the columns at the end.

        Raises:
            BadRequest: the body can't be read, or its arrays differ in length.
        """
        sent = self._open(body)
        directory = yield from self._directory(sent.series)
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
        yield Columns(start=0, series=_look_up(directory, index, refusals), at=at.column, value=value.column)

    def _open(self, body: bytes) -> ColumnarBody:
        try:
            return self._body.decode(body)
        except msgspec.ValidationError as error:
            raise BadRequest(f"the columnar body is faulty: {error}", hint=HINT) from None
        except UNREADABLE:
            return readable(self._body.decode, body)

    def _directory(self, raws: list[msgspec.Raw]) -> Generator[None, None, Directory]:
        directory = Directory()
        for position, raw in enumerate(raws):
            if position % _PAUSE == 0:
                if position:
                    yield None
                self._ids.refresh()
            try:
                directory.ids.append(self._identify(raw))
            except Refused as refused:
                directory.ids.append(REFUSED)
                directory.why[position] = refused
        return directory

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


def _look_up(directory: Directory, index: Numbers, refusals: Refusals) -> Int32s:
    """The id of each sample's series, with what can't be taken refused."""
    wanted, count = index.column, len(directory.ids)
    ids = np.array(directory.ids, np.int32)
    inside = (wanted >= 0) & (wanted < count)
    if inside.all():
        series: Int32s = ids[wanted]
        if not directory.why:
            return series
    else:
        series = np.full(len(wanted), REFUSED, np.int32)
        series[inside] = ids[wanted[inside]]
        outside = np.flatnonzero(~inside & (wanted != INDICES.marker))
        refusals.add_all(
            "bad-index", 0, outside, lambda i: f"index {wanted[i]} is none of the {count} entries of series"
        )
    if directory.why:
        _refuse_series(directory.why, wanted, refusals)
    return series


def _refuse_series(why: dict[int, Refused], wanted: Int64s, refusals: Refusals) -> None:
    for code in {refused.code for refused in why.values()}:
        entries = np.array([position for position, refused in why.items() if refused.code == code], np.int64)
        rows = np.flatnonzero(np.isin(wanted, entries))
        refusals.add_all(code, 0, rows, lambda i: f"series[{wanted[i]}]: {why[int(wanted[i])].detail}")
