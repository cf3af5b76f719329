"""Events as columns: the symbols once, then index, time, sequence number and fields of each event in arrays."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass, field

import msgspec
import numpy as np

from bongsu.ingest.columns import REFUSED
from bongsu.ingest.event_columns import EventColumns
from bongsu.ingest.event_fields import read_field, read_sessions
from bongsu.ingest.number_array import INDICES, TIMES, Numbers, NumberSpec, read, refuse_faulty
from bongsu.ingest.reading import UNREADABLE, readable
from bongsu.ingest.refusals import Refusals, Refused
from bongsu.ingest.symbol_ids import FeedIds
from bongsu.model.errors import BadRequest, TooLarge
from bongsu.model.event import NO_SEQ, Field
from bongsu.model.sample import Int32s, Int64s

HINT = 'send {"feed": "krx", "symbols": [names…], "index": […], "at": […], "seq": […], "fields": {"price": […]}}'
MOST_FIELDS = 64
MOST_SYMBOLS = 200_000
_LISTS = 16
_LIST_BYTES = 4 << 20
_NULL = msgspec.Raw(b"null")

SEQUENCES = NumberSpec(
    name="seq",
    wanted="a whole number",
    decoder=INDICES.decoder,
    one=INDICES.one,
    dtype=np.int64,
    marker=NO_SEQ + 1,
    null=NO_SEQ,
)
EVENT_TIMES = NumberSpec(
    name="at",
    wanted="whole UTC milliseconds",
    decoder=TIMES.decoder,
    one=TIMES.one,
    dtype=np.int64,
    marker=TIMES.marker,
    null=TIMES.marker,
)


class EventBody(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """The body with its arrays unread."""

    symbols: msgspec.Raw
    at: msgspec.Raw
    index: msgspec.Raw = _NULL
    feed: str = ""
    feeds: msgspec.Raw = _NULL
    seq: msgspec.Raw = _NULL
    session: msgspec.Raw = _NULL
    fields: dict[str, msgspec.Raw] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class SymbolList:
    """The list `symbols` of a body, looked up: an id for each entry, `REFUSED` where there is none, and why."""

    feeds: tuple[str, ...]
    ids: Int32s
    feed: Int32s | None = None
    why: dict[int, Refused] = field(default_factory=dict)


_TEXTS = msgspec.json.Decoder(list[str])


class ColumnarEvents:
    """Decodes columnar bodies; lists of symbols that came lately are remembered by their text."""

    def __init__(self, ids: FeedIds) -> None:
        self._ids = ids
        self._body = msgspec.json.Decoder(EventBody)
        self._lists: dict[bytes, SymbolList] = {}
        self._held = 0

    def columns(self, body: bytes, refusals: Refusals) -> Iterator[EventColumns | None]:
        """Yields None between two runs of work, to let others work, and the columns at the end.

        Raises:
            BadRequest: the body can't be read, or its arrays differ in length.
            TooLarge: it has too many fields or symbols.
        """
        sent = self._open(body)
        at = yield from read(EVENT_TIMES, bytes(sent.at))
        count = len(at.column)
        symbols = self._symbols(sent)
        index = yield from self._index(sent, count, len(symbols.ids))
        seq = yield from _sequences(sent)
        session = read_sessions(bytes(sent.session), count)
        fields: dict[str, Field] = {}
        for name, text in sent.fields.items():
            fields[name] = yield from read_field(bytes(text))
        _check_lengths(count, index, seq, session, fields)
        refused = np.zeros(count, np.bool_)
        for numbers in (index, at, seq):
            if numbers is not None:
                refuse_faulty(numbers, refused, refusals)
        symbol, feed = _looked_up(symbols, index.column, refused, refusals)
        yield EventColumns(
            start=0,
            feeds=symbols.feeds,
            feed=feed,
            symbol=symbol,
            at=at.column,
            seq=None if seq is None else seq.column,
            session=session,
            fields=fields,
        )

    def _open(self, body: bytes) -> EventBody:
        try:
            sent = self._body.decode(body)
        except msgspec.ValidationError as error:
            raise BadRequest(f"the columnar body is faulty: {error}", hint=HINT) from None
        except UNREADABLE:
            sent = readable(self._body.decode, body)
        if len(sent.fields) > MOST_FIELDS:
            raise TooLarge(f"the body has {len(sent.fields)} fields; at most {MOST_FIELDS} are read")
        if bool(sent.feed) == (bytes(sent.feeds) != b"null"):
            raise BadRequest("the body must have either feed or feeds", hint=HINT)
        return sent

    @staticmethod
    def _index(sent: EventBody, count: int, symbols: int) -> Generator[None, None, Numbers]:
        if bytes(sent.index) == b"null":
            if symbols != count:
                raise BadRequest(f"without index, symbols ({symbols}) and at ({count}) must be equally long", hint=HINT)
            return Numbers(spec=INDICES, column=np.arange(count, dtype=np.int64))
        return (yield from read(INDICES, bytes(sent.index)))

    def _symbols(self, sent: EventBody) -> SymbolList:
        key = b"\0".join((sent.feed.encode(errors="replace"), bytes(sent.feeds), bytes(sent.symbols)))
        known = self._lists.get(key)
        if known is not None:
            return known
        names = readable(_TEXTS.decode, bytes(sent.symbols))
        if len(names) > MOST_SYMBOLS:
            raise TooLarge(f"the body lists more than {MOST_SYMBOLS} symbols", hint="send several bodies")
        feeds = [sent.feed] * len(names) if sent.feed else readable(_TEXTS.decode, bytes(sent.feeds))
        if len(feeds) != len(names):
            raise BadRequest(f"feeds has {len(feeds)}, symbols {len(names)} entries: they must be equally long")
        found = self._look_up(feeds, names)
        if not found.why and len(key) <= _LIST_BYTES // 4:
            self._keep(key, found)
        return found

    def _look_up(self, feeds: list[str], names: list[str]) -> SymbolList:
        distinct = tuple(dict.fromkeys(feeds))
        numbers = {feed: number for number, feed in enumerate(distinct)}
        ids = np.full(len(names), REFUSED, np.int32)
        why: dict[int, Refused] = {}
        for i, (feed, name) in enumerate(zip(feeds, names, strict=True)):
            try:
                symbols = self._ids.open(feed)
            except Refused as refused:
                why[i] = refused.with_traceback(None)
                continue
            ids[i] = symbols[name]
            if ids[i] == REFUSED:
                why[i] = symbols.why(name)
        several = None if len(distinct) <= 1 else np.array([numbers[feed] for feed in feeds], np.int32)
        return SymbolList(feeds=distinct, ids=ids, feed=several, why=why)

    def _keep(self, key: bytes, found: SymbolList) -> None:
        while self._lists and (len(self._lists) >= _LISTS or self._held + len(key) > _LIST_BYTES):
            oldest = next(iter(self._lists))
            del self._lists[oldest]
            self._held -= len(oldest)
        self._lists[key] = found
        self._held += len(key)


def _sequences(sent: EventBody) -> Generator[None, None, Numbers | None]:
    if bytes(sent.seq) == b"null":
        return None
    return (yield from read(SEQUENCES, bytes(sent.seq)))


def _check_lengths(
    count: int, index: Numbers, seq: Numbers | None, session: Int32s | None, fields: dict[str, Field]
) -> None:
    lengths = {"index": len(index.column), **{f"fields.{name}": len(one.value) for name, one in fields.items()}}
    if seq is not None:
        lengths["seq"] = len(seq.column)
    if session is not None:
        lengths["session"] = len(session)
    wrong = [f"{name} has {length}" for name, length in lengths.items() if length != count]
    if wrong:
        raise BadRequest(f"at has {count} entries, {', '.join(wrong)}: they must be equally long", hint=HINT)


def _looked_up(
    symbols: SymbolList, index: Int64s, refused: np.ndarray[tuple[int], np.dtype[np.bool_]], refusals: Refusals
) -> tuple[Int32s, Int32s | None]:
    count = len(symbols.ids)
    outside = ~refused & ((index < 0) | (index >= count))
    if outside.any():
        refusals.add_all(
            "bad-index",
            0,
            np.flatnonzero(outside),
            lambda i: f"index {index[i]} is none of the {count} entries of symbols",
        )
    bad = refused | outside
    if bad.any():
        index = np.where(bad, 0, index)
    symbol = symbols.ids[index] if count else np.full(len(index), REFUSED, np.int32)
    if symbols.why:
        for position in np.flatnonzero(~bad & (symbol == REFUSED)).tolist():
            refusals.add(position, symbols.why[int(index[position])])
    if bad.any():
        symbol[bad] = REFUSED
    feed = symbols.feed[index] if symbols.feed is not None and count else None
    return symbol, feed
