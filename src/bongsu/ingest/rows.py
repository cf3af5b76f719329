"""Samples one by one: a JSON array of rows, or a row a line (NDJSON).

A run of good rows becomes columns without a Python loop; one that is written like the last is not even decoded row by
row (`templates.py`). Only a run with a row that doesn't decode is taken row by row, to find the faulty ones and keep
the others.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Annotated, Any, TypeAlias, cast

import msgspec
import numpy as np

from bongsu.ingest.columns import EARLIEST, LATEST, REFUSED, UNSTAMPED, Columns
from bongsu.ingest.identity import NO_LABELS, SeriesIds
from bongsu.ingest.names import shown
from bongsu.ingest.reading import UNREADABLE, readable
from bongsu.ingest.refusals import Refusals, Refused
from bongsu.ingest.slices import lines, parts
from bongsu.ingest.templates import Found, Templates
from bongsu.ingest.trails import Trails, Walk
from bongsu.model.errors import BadRequest
from bongsu.model.sample import Int32s

Time = Annotated[int, msgspec.Meta(ge=EARLIEST, le=LATEST)]
_PATIENT = 1_000
"""Rows read one by one in one go: some 5 ms of faulty ones."""

_LARGEST = int(sys.float_info.max)
FIELDS = ("metric", "labels", "value", "at")


class Row(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """One sample as sent."""

    metric: str
    value: float
    labels: msgspec.Raw = NO_LABELS
    at: Time = UNSTAMPED


class PatientRow(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """The same where `at` may be null."""

    metric: str
    value: float
    labels: msgspec.Raw = NO_LABELS
    at: Time | None = None


FAULTY = Row(metric="", value=0.0)
"""Stands where a row didn't decode; its reason is noted already."""

Run: TypeAlias = "list[Row] | list[msgspec.Raw]"


class RowDecoder:
    """Decodes arrays and lines of rows. One decoder serves all bodies; it keeps nothing of them but spellings."""

    def __init__(self, ids: SeriesIds) -> None:
        self._ids = ids
        self._trails = Trails(ids)
        self._templates = Templates(self._trails)
        self._rows = msgspec.json.Decoder(list[Row])
        self._line = msgspec.json.Decoder(Row)
        self._raws = msgspec.json.Decoder(list[msgspec.Raw])
        self._row = msgspec.json.Decoder(PatientRow)

    def array(self, body: bytes, refusals: Refusals) -> Iterator[Columns]:
        """Columns for each run of the JSON array in `body`.

        Raises:
            BadRequest: the body isn't a JSON array.
        """
        start = 0
        walk, passage = self._trails.walk(), self._templates.passage()

        def decode(text: bytes) -> tuple[bytes, Run | Found]:
            return text, passage.read(text, start) or self._run(text)

        for text, part in parts(body, decode):
            if isinstance(part, Found):
                columns = Columns(start=start, series=part.series, at=part.at, value=part.value)
                start += len(columns)
                yield columns
                continue
            for run in _runs(part):
                columns = self._columns(run, walk, start, refusals)
                if walk.known and len(run) == len(part):
                    passage.learn(text, start, Found(series=columns.series, at=columns.at, value=columns.value))
                start += len(columns)
                yield columns
        passage.end()

    def lines(self, body: bytes, refusals: Refusals) -> Iterator[Columns]:
        """Columns for each run of lines; empty lines don't count. A line that can't be read is a faulty item.

        Raises:
            BadRequest: there are lines, and not one of them is JSON.
        """
        start = unreadable = 0
        walk = self._trails.walk()
        for text in lines(body):
            try:
                part: Run = self._line.decode_lines(text)
            except UNREADABLE:
                part = [msgspec.Raw(line) for line in text.split(b"\n") if line.strip()]
            for run in _runs(part):
                columns = self._columns(run, walk, start, refusals)
                start += len(columns)
                unreadable = refusals.counts["not-json"]
                yield columns
        if start and unreadable == start:
            raise BadRequest("not one line of the body is JSON", hint="send one JSON object a line")

    def _run(self, text: bytes) -> Run:
        try:
            return self._rows.decode(text)
        except UNREADABLE:
            return readable(self._raws.decode, text)

    def _columns(self, run: Run, walk: Walk, start: int, refusals: Refusals) -> Columns:
        if run and isinstance(run[0], msgspec.Raw):
            rows = [self._patient(raw, start + i, refusals) for i, raw in enumerate(run)]
        else:
            rows = cast("list[Row]", run)
        series = walk.series(rows)
        if len(series) and series.min() == REFUSED:
            self._explain(rows, series, start, refusals)
        at = np.fromiter([row.at for row in rows], np.int64, len(rows))  # a list and `fromiter`: the fastest pair
        value = np.fromiter([row.value for row in rows], np.float64, len(rows))
        return Columns(start=start, series=series, at=at, value=value)

    def _explain(self, rows: list[Row], series: Int32s, start: int, refusals: Refusals) -> None:
        for i in np.flatnonzero(series == REFUSED).tolist():
            row = rows[i]
            if row is FAULTY:
                continue
            refusals.add(start + i, self._ids.why((row.metric, bytes(row.labels))))

    def _patient(self, raw: msgspec.Raw, index: int, refusals: Refusals) -> Row:
        """One row of a run in which at least one is faulty."""
        try:
            row = self._row.decode(raw)
        except UNREADABLE:
            refusals.add(index, fault(raw))
            return FAULTY
        at = UNSTAMPED if row.at is None else row.at
        return Row(metric=row.metric, value=row.value, labels=row.labels, at=at)


def _runs(part: Run) -> Iterator[Run]:
    """The part as a whole, or what must be read row by row in short runs."""
    if part and isinstance(part[0], msgspec.Raw):
        for begin in range(0, len(part), _PATIENT):
            yield part[begin : begin + _PATIENT]
    else:
        yield part


def fault(raw: msgspec.Raw | bytes) -> Refused:
    """What is wrong with a row that doesn't decode."""
    try:
        row = msgspec.json.decode(raw)
    except UNREADABLE as error:
        code = "not-finite" if "out of range" in str(error) else "not-json"
        return Refused(code, str(error))
    if not isinstance(row, dict):
        return Refused("not-an-object", f"the item is {shown(row)}; it must be an object with metric and value")
    return _faulty_field(row)


def _faulty_field(row: dict[str, Any]) -> Refused:
    unknown = [name for name in row if name not in FIELDS]
    if unknown:
        return Refused("unknown-field", f"{shown(unknown[0])} is none of {', '.join(FIELDS)}")
    missing = [name for name in ("metric", "value") if name not in row]
    if missing:
        return Refused("missing-field", f"{missing[0]} is missing")
    if not isinstance(row["metric"], str):
        return Refused("bad-type", f"metric is {shown(row['metric'])}; it must be text")
    value = row["value"]
    if isinstance(value, bool) or not isinstance(value, int | float):
        return Refused("bad-type", f"value is {shown(value)}; it must be a number")
    if isinstance(value, int) and abs(value) > _LARGEST:
        return Refused("not-finite", "value is too large a number")
    return Refused("bad-type", f"at is {shown(row.get('at'))}; it must be whole UTC milliseconds")
