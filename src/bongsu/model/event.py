"""What a feed sends: events of symbols, many of them as columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TypeAlias

import msgspec
import numpy as np
from numpy.typing import NDArray

from bongsu.model.sample import Float64s, Int32s, Int64s

UInt8s: TypeAlias = NDArray[np.uint8]
UInt64s: TypeAlias = NDArray[np.uint64]
Bools: TypeAlias = NDArray[np.bool_]

NO_SEQ = -(2**63)
"""Stands in the column of sequence numbers where the sender gave none."""

NO_SESSION = 0
"""The session of events that name none."""


class Kind(IntEnum):
    """What kind of value a field of an event holds."""

    ABSENT = 0
    NUMBER = 1
    TEXT = 2
    FLAG = 3
    OTHER = 4
    """An object or an array: never what a field should hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of many events.

    `value` holds numbers as they are, texts as `text_code`, flags as 0 and 1, NaN where there is nothing readable.
    `kind` holds a `Kind` for each event; None says: a number wherever `value` isn't NaN, absent elsewhere.
    """

    value: Float64s
    kind: UInt8s | None = None

    def take(self, chosen: NDArray[np.intp] | Bools) -> Field:
        """The chosen events' part."""
        return Field(value=self.value[chosen], kind=None if self.kind is None else self.kind[chosen])

    def kinds(self) -> UInt8s:
        """The `Kind` of each value."""
        if self.kind is not None:
            return self.kind
        return np.where(np.isnan(self.value), np.uint8(Kind.ABSENT), np.uint8(Kind.NUMBER))


@dataclass(frozen=True, slots=True, kw_only=True)
class EventBatch:
    """Events of one feed that came in one body, in the order sent; all columns are equally long.

    `arrived` is UTC ms, `symbol` holds ids of the feed's `Symbols`, `at` UTC ms, `seq` `NO_SEQ` where there is none,
    `session` a code of the session's name (None: no event names one). The arrays are not to be written to.
    """

    feed: str
    arrived: int
    symbol: Int32s
    at: Int64s
    seq: Int64s | None = None
    session: Int32s | None = None
    fields: Mapping[str, Field] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.symbol)

    def take(self, chosen: NDArray[np.intp] | Bools) -> EventBatch:
        """Some of the events as a batch of their own."""
        return EventBatch(
            feed=self.feed,
            arrived=self.arrived,
            symbol=self.symbol[chosen],
            at=self.at[chosen],
            seq=None if self.seq is None else self.seq[chosen],
            session=None if self.session is None else self.session[chosen],
            fields={name: one.take(chosen) for name, one in self.fields.items()},
        )


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One event as a program sends it: `at` is UTC ms, `seq` rises by one in each session of a symbol."""

    feed: str
    symbol: str
    at: int
    seq: int | None = None
    session: str | int | None = None
    fields: Mapping[str, float | str | bool | None] = {}


def text_code(text: str) -> float:
    """A number that stands for a text: equal texts have equal codes in every run (53 bits of FNV-1a)."""
    code = 0xCBF29CE484222325
    for byte in text.encode(errors="surrogatepass")[:256]:
        code = ((code ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return float(code >> 11)


class SymbolLimitReached(Exception):
    """A new feed or symbol was refused: there are as many as may be."""


class Symbols:
    """The symbols of one feed: name ↔ small id, given in the order first seen and never again."""

    def __init__(self, feed: str, limit: int) -> None:
        self.feed = feed
        self.limit = limit
        self.ids: dict[str, int] = {}
        self.names: list[str] = []

    def __len__(self) -> int:
        return len(self.names)

    def intern(self, name: str) -> int:
        """The id of a symbol, new or known.

        Raises:
            SymbolLimitReached: it is new and the feed holds `limit` symbols.
        """
        found = self.ids.get(name)
        if found is not None:
            return found
        if len(self.names) >= self.limit:
            raise SymbolLimitReached(f"feed {self.feed} already has {self.limit} symbols; raise limits.feed_symbols")
        self.ids[name] = len(self.names)
        self.names.append(name)
        return len(self.names) - 1


class FeedTable:
    """All feeds by name, each with its symbols."""

    def __init__(self, *, feeds: int = 64, symbols: int = 20_000) -> None:
        self.limit = feeds
        self.symbols = symbols
        self._feeds: dict[str, Symbols] = {}

    def __iter__(self) -> Iterator[str]:
        return iter(self._feeds)

    def bound(self, *, feeds: int, symbols: int) -> None:
        """Refuse what is new beyond these numbers from now on; what is known stays."""
        self.limit, self.symbols = feeds, symbols
        for one in self._feeds.values():
            one.limit = symbols

    def get(self, feed: str) -> Symbols | None:
        """The symbols of a known feed."""
        return self._feeds.get(feed)

    def open(self, feed: str) -> Symbols:
        """The symbols of a feed, new or known.

        Raises:
            SymbolLimitReached: it is new and there are `limit` feeds.
        """
        found = self._feeds.get(feed)
        if found is None:
            if len(self._feeds) >= self.limit:
                raise SymbolLimitReached(f"there are already {self.limit} feeds; raise limits.feeds")
            found = self._feeds[feed] = Symbols(feed, self.symbols)
        return found
