"""Events one by one: a JSON array of rows, or a row a line (NDJSON).

The fields of events mostly have the same names and types: a decoder for just these is made, and a run of rows becomes
columns without a dictionary for each. A run that doesn't fit is taken row by row, which also tells what the next
decoder must know.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from operator import attrgetter
from typing import Annotated, Any, TypeAlias

import msgspec
import numpy as np

from bongsu.ingest.columns import EARLIEST, LATEST, REFUSED, UNSTAMPED
from bongsu.ingest.event_columnar import MOST_FIELDS
from bongsu.ingest.event_columns import EventColumns
from bongsu.ingest.event_fields import coded, mixed_column, session_code
from bongsu.ingest.names import shown
from bongsu.ingest.reading import UNREADABLE, readable
from bongsu.ingest.refusals import Refusals, Refused
from bongsu.ingest.slices import lines, parts
from bongsu.ingest.symbol_ids import FeedIds
from bongsu.model.errors import BadRequest
from bongsu.model.event import NO_SEQ, Field, Kind
from bongsu.model.sample import Int32s

Whole = Annotated[int, msgspec.Meta(ge=EARLIEST, le=LATEST)]
NAMES = ("feed", "symbol", "at", "seq", "session", "fields")
_PATIENT = 1_000
_SHAPES = 16
"""Decoders remembered."""

Shape: TypeAlias = tuple[tuple[str, Kind], ...]
"""Names and kinds of the fields that rows have, in the order first seen."""

_TYPES: dict[Kind, tuple[Any, Any]] = {
    Kind.NUMBER: (float, float("nan")),
    Kind.TEXT: (str, ""),
    Kind.FLAG: (bool, False),
}


class PatientRow(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """One event as sent, whatever its fields."""

    feed: str
    symbol: str
    at: Whole
    seq: Whole | None = None
    session: str | int | None = None
    fields: dict[str, Any] | None = None


_ROW = msgspec.json.Decoder(PatientRow)
_RAWS = msgspec.json.Decoder(list[msgspec.Raw])


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoder:
    """What reads rows of one shape, and takes their columns apart."""

    rows: msgspec.json.Decoder[Any]
    line: msgspec.json.Decoder[Any]
    columns: tuple[tuple[str, Kind, Callable[[Any], Any]], ...]


def decoder_for(shape: Shape) -> Decoder:
    """A decoder of rows with these fields; each may be missing where it is a number, none may be otherwise."""
    members = []
    for i, (_, kind) in enumerate(shape):
        type_, default = _TYPES[kind]
        members.append((f"f{i}", type_, default) if kind == Kind.NUMBER else (f"f{i}", type_))
    members.sort(key=len)
    spelled = {f"f{i}": name for i, (name, _) in enumerate(shape)}
    fields = msgspec.defstruct("Fields", members, gc=False, forbid_unknown_fields=True, rename=spelled)
    row = msgspec.defstruct(
        "Row",
        [
            ("feed", str),
            ("symbol", str),
            ("at", Whole),
            *([("fields", fields)] if shape else []),
            ("seq", Whole, NO_SEQ),
            ("session", str | int | None, None),
        ],
        gc=False,
        forbid_unknown_fields=True,
    )
    return Decoder(
        rows=msgspec.json.Decoder(list[row]),  # type: ignore[valid-type]
        line=msgspec.json.Decoder(row),
        columns=tuple((name, kind, attrgetter(f"fields.f{i}")) for i, (name, kind) in enumerate(shape)),
    )


class RowEvents:
    """Decodes arrays and lines of events. One decoder serves all bodies."""

    def __init__(self, ids: FeedIds) -> None:
        self._ids = ids
        self._decoders: dict[Shape, Decoder] = {}
        self._shape: Shape = ()

    def array(self, body: bytes, refusals: Refusals) -> Iterator[EventColumns]:
        """Columns for each run of the JSON array in `body`.

        Raises:
            BadRequest: the body isn't a JSON array.
        """
        start = 0
        for run in parts(body, self._run):
            for columns in self._columns(run, start, refusals):
                start += len(columns)
                yield columns

    def lines(self, body: bytes, refusals: Refusals) -> Iterator[EventColumns]:
        """Columns for each run of lines; empty lines don't count. A line that can't be read is a faulty item.

        Raises:
            BadRequest: there are lines, and not one of them is JSON.
        """
        start = 0
        for text in lines(body):
            try:
                run: list[Any] = self._decoder().line.decode_lines(text)
            except UNREADABLE:
                run = [msgspec.Raw(line) for line in text.split(b"\n") if line.strip()]
            for columns in self._columns(run, start, refusals):
                start += len(columns)
                yield columns
        if start and refusals.counts["not-json"] == start:
            raise BadRequest("not one line of the body is JSON", hint="send one JSON object a line")

    def _decoder(self) -> Decoder:
        found = self._decoders.get(self._shape)
        if found is None:
            while len(self._decoders) >= _SHAPES:
                del self._decoders[next(iter(self._decoders))]
            found = self._decoders[self._shape] = decoder_for(self._shape)
        return found

    def _run(self, text: bytes) -> list[Any]:
        try:
            found: list[Any] = self._decoder().rows.decode(text)
        except UNREADABLE:
            return readable(_RAWS.decode, text)
        return found

    def _columns(self, run: list[Any], start: int, refusals: Refusals) -> Iterator[EventColumns]:
        if not (run and isinstance(run[0], msgspec.Raw)):
            if run:
                yield self._taken(run, _typed_fields(run, self._decoder()), start, refusals)
            return
        begin = 0
        while begin < len(run):
            piece = run[begin : begin + _PATIENT]
            rows = [_patient(raw, start + begin + i, refusals) for i, raw in enumerate(piece)]
            self._learn(rows)
            yield self._taken(rows, _mixed_fields(rows), start + begin, refusals)
            begin += len(piece)
            rest = self._again(run[begin:])
            if rest is not None:
                yield self._taken(rest, _typed_fields(rest, self._decoder()), start + begin, refusals)
                return

    def _again(self, run: list[msgspec.Raw]) -> list[Any] | None:
        """The rest of a run with what was just learned; None where it still doesn't fit."""
        decode = self._decoder().line.decode
        try:
            return [decode(raw) for raw in run] if run else None
        except UNREADABLE:
            return None

    def _learn(self, rows: list[PatientRow]) -> None:
        """Let the next decoder know the fields that rows have, if each is of one plain type."""
        kinds: dict[str, Kind] = {}
        texts = 0
        for row in rows:
            if row is FAULTY:
                continue
            texts += 1
            for name, value in (row.fields or {}).items():
                kind = _kind(value)
                if kind is None or kinds.setdefault(name, kind) != kind:
                    return
        if len(kinds) > MOST_FIELDS or not texts:
            return
        self._shape = tuple(kinds.items())

    def _taken(self, rows: list[Any], fields: dict[str, Field], start: int, refusals: Refusals) -> EventColumns:
        feeds, feed, symbol = self._symbols(rows, start, refusals)
        seq = np.array([NO_SEQ if row.seq is None else row.seq for row in rows], np.int64)
        sessions = [row.session for row in rows]
        named = any(one is not None for one in sessions)
        return EventColumns(
            start=start,
            feeds=feeds,
            feed=feed,
            symbol=symbol,
            at=np.fromiter(map(_AT, rows), np.int64, len(rows)),
            seq=None if seq.max() == NO_SEQ else seq,
            session=np.array([session_code(one) for one in sessions], np.int32) if named else None,
            fields=fields,
        )

    def _symbols(
        self, rows: list[Any], start: int, refusals: Refusals
    ) -> tuple[tuple[str, ...], Int32s | None, Int32s]:
        names: list[str] = list(map(_FEED, rows))
        distinct = tuple(dict.fromkeys(names))
        symbol = np.full(len(rows), REFUSED, np.int32)
        feed = None if len(distinct) == 1 else np.empty(len(rows), np.int32)
        for number, name in enumerate(distinct):
            chosen = range(len(rows)) if feed is None else [i for i, one in enumerate(names) if one == name]
            if feed is not None:
                feed[chosen] = number
            self._look_up(name, rows, chosen, symbol, start, refusals)
        return distinct, feed, symbol

    def _look_up(
        self, feed: str, rows: list[Any], chosen: Iterable[int], symbol: Int32s, start: int, refusals: Refusals
    ) -> None:
        try:
            ids = self._ids.open(feed)
        except Refused as refused:
            for i in chosen:
                if rows[i] is not FAULTY:
                    refusals.add(start + i, refused)
            return
        places = list(chosen)
        found = np.array([ids[rows[i].symbol] for i in places], np.int32)
        symbol[places] = found
        for i in np.flatnonzero(found == REFUSED).tolist():
            if rows[places[i]] is not FAULTY:
                refusals.add(start + places[i], ids.why(rows[places[i]].symbol))


_AT, _FEED = attrgetter("at"), attrgetter("feed")

FAULTY = PatientRow(feed="", symbol="", at=UNSTAMPED + 1)
"""Stands where a row didn't decode; its reason is noted already."""


def _kind(value: object) -> Kind | None:
    if isinstance(value, bool):
        return Kind.FLAG
    if isinstance(value, int | float):
        return Kind.NUMBER
    return Kind.TEXT if isinstance(value, str) else None


def _typed_fields(rows: list[Any], decoder: Decoder) -> dict[str, Field]:
    fields: dict[str, Field] = {}
    count = len(rows)
    for name, kind, get in decoder.columns:
        if kind == Kind.TEXT:
            fields[name] = Field(
                value=np.fromiter(map(coded, map(get, rows)), np.float64, count), kind=np.full(count, kind, np.uint8)
            )
            continue
        value = np.fromiter(map(get, rows), np.float64, count)
        fields[name] = Field(value=value, kind=np.full(count, kind, np.uint8) if kind == Kind.FLAG else None)
    return fields


def _mixed_fields(rows: list[PatientRow]) -> dict[str, Field]:
    names = dict.fromkeys(name for row in rows for name in row.fields or ())
    fields: dict[str, Field] = {}
    for name in list(names)[:MOST_FIELDS]:
        value, kind = mixed_column([(row.fields or {}).get(name) for row in rows])
        fields[name] = Field(value=value, kind=kind)
    return fields


def _patient(raw: msgspec.Raw, index: int, refusals: Refusals) -> PatientRow:
    """One row of a run in which at least one doesn't fit."""
    try:
        row = _ROW.decode(raw)
    except UNREADABLE:
        refusals.add(index, fault(raw))
        return FAULTY
    if row.fields is not None and len(row.fields) > MOST_FIELDS:
        refusals.add(index, Refused("bad-type", f"the event has {len(row.fields)} fields; at most {MOST_FIELDS}"))
        return FAULTY
    return row


def fault(raw: msgspec.Raw | bytes) -> Refused:
    """What is wrong with a row that doesn't decode."""
    try:
        row = msgspec.json.decode(raw)
    except UNREADABLE as error:
        return Refused("not-json", str(error))
    if not isinstance(row, dict):
        return Refused("not-an-object", f"the item is {shown(row)}; it must be an object with feed, symbol and at")
    unknown = [name for name in row if name not in NAMES]
    if unknown:
        return Refused("unknown-field", f"{shown(unknown[0])} is none of {', '.join(NAMES)}; values go into fields")
    missing = [name for name in ("feed", "symbol", "at") if name not in row]
    if missing:
        return Refused("missing-field", f"{missing[0]} is missing")
    for name in ("feed", "symbol"):
        if not isinstance(row[name], str):
            return Refused("bad-type", f"{name} is {shown(row[name])}; it must be text")
    if not isinstance(row["at"], int) or isinstance(row["at"], bool) or not EARLIEST <= row["at"] <= LATEST:
        return Refused("bad-type", f"at is {shown(row['at'])}; it must be whole UTC milliseconds")
    if not isinstance(row.get("fields", {}), dict):
        return Refused("bad-type", f"fields is {shown(row['fields'])}; it must be an object")
    return Refused(
        "bad-type", f"seq is {shown(row.get('seq'))} and session {shown(row.get('session'))}; see docs/rest.md"
    )
