"""Samples as columns: the series once, then index, time and value of each sample in three arrays."""

from __future__ import annotations

from collections.abc import Generator, Iterator

import msgspec
import numpy as np
from numpy.typing import NDArray

from bongsu.ingest.columns import REFUSED, UNSTAMPED, Columns
from bongsu.ingest.directories import Directories, Directory
from bongsu.ingest.identity import SeriesIds
from bongsu.ingest.number_array import INDICES, TIMES, VALUES, Numbers, read, refuse_faulty
from bongsu.ingest.reading import UNREADABLE, readable
from bongsu.ingest.refusals import Refusals, Refused
from bongsu.model.errors import BadRequest
from bongsu.model.sample import Int32s, Int64s

HINT = (
    'a sample by itself goes into a list, [{"metric": …, "value": …}]; columns are '
    '{"series": [{"metric", "labels"}, …], "index": […], "at": […], "value": […]}'
)


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
        self._directories = Directories(ids)

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
        series = yield from self._series(bytes(sent.series), index.column, refusals)
        yield Columns(start=0, series=series, at=at.column, value=value.column)

    def _series(self, text: bytes, index: Int64s, refusals: Refusals) -> Generator[None, None, Int32s]:
        """The series of each sample; only entries of the list that have samples are looked at."""
        directory = yield from self._directories.open(text)
        inside = _inside(directory, index, refusals)
        if inside.all():
            series, why = yield from directory.look_up(self._ids, index)
        else:
            series = np.full(len(index), REFUSED, np.int32)
            series[inside], why = yield from directory.look_up(self._ids, index[inside])
        if why:
            _refuse_series(why, index, refusals)
        return series

    def _open(self, body: bytes) -> ColumnarBody:
        try:
            return self._body.decode(body)
        except msgspec.ValidationError as error:
            raise BadRequest(f"the columnar body is faulty: {error}", hint=HINT) from None
        except UNREADABLE:
            return readable(self._body.decode, body)

    @staticmethod
    def _times(text: bytes, count: int) -> Generator[None, None, Numbers]:
        if text == b"null":
            return Numbers(spec=TIMES, column=np.full(count, UNSTAMPED, np.int64))
        return (yield from read(TIMES, text))


def _inside(directory: Directory, index: Int64s, refusals: Refusals) -> NDArray[np.bool_]:
    """Which samples point to an entry of the list, refusing the others (but for those refused already)."""
    count = len(directory)
    inside: NDArray[np.bool_] = (index >= 0) & (index < count)
    if not inside.all():
        outside = np.flatnonzero(~inside & (index != INDICES.marker))
        refusals.add_all(
            "bad-index", 0, outside, lambda i: f"index {index[i]} is none of the {count} entries of series"
        )
    return inside


def _refuse_series(why: dict[int, Refused], index: Int64s, refusals: Refusals) -> None:
    for code in {refused.code for refused in why.values()}:
        entries = np.array([position for position, refused in why.items() if refused.code == code], np.int64)
        samples = np.flatnonzero(np.isin(index, entries))
        refusals.add_all(code, 0, samples, lambda i: f"series[{index[i]}]: {why[int(index[i])].detail}")
