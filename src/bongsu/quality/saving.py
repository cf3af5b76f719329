"""A feed's state as parts for a checkpoint, and back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
import numpy as np

from bongsu.model.event import Symbols
from bongsu.quality.book import Watched
from bongsu.quality.feed import FeedState
from bongsu.quality.store import Part

_SHORT = "short"
_EXAMPLES = "examples"
_PLAIN = ("now", "clock", "arrived", "total", "opened", "session_clock", "fields", "fields_before")


def parts_of(one: Watched, *, everything: bool) -> Iterator[Part]:
    """Copies of what a checkpoint must write: what events and time touched, or everything."""
    feed, count = one.state, len(one.state.symbols)
    for prefix, table in feed.tables.items():
        rows = 1 if table is feed.whole else count
        for name, column in table.parts(rows, everything=everything):
            yield Part(feed=feed.name, name=f"{prefix}.{name}", column=column.copy())
    for ring, slots in feed.counters.rings.items():
        for slot, counts in enumerate(slots):
            if everything or (ring, slot) in feed.counters.dirty:
                yield Part(feed=feed.name, name=f"{ring}/{slot}", column=counts)  # rings' buckets never change
    feed.counters.dirty.clear()
    yield _packed(feed, _SHORT, _short(feed))
    yield _packed(feed, _EXAMPLES, {"offenders": feed.offenders.state(), "gaps": feed.gaps.state()})


def _short(feed: FeedState) -> dict[str, object]:
    return {
        **{name: getattr(feed, name) for name in _PLAIN},
        "skew": feed.skew.state(),
        "delays": feed.delays.state(),
        "schema": feed.schema.state(),
        "minute_number": feed.counters.minute_number,
        "session": feed.session,
    }


def _packed(feed: FeedState, name: str, value: object) -> Part:
    return Part(feed=feed.name, name=name, column=np.frombuffer(msgspec.msgpack.encode(value), np.uint8))


def restore(feed: FeedState, parts: Iterable[Part]) -> None:
    """Take back the parts of one feed."""
    declared = feed.last.declared.copy()
    for part in parts:
        if part.column is None:
            continue
        if part.name == _SHORT:
            _restore_short(feed, msgspec.msgpack.decode(part.column.tobytes()))
        elif part.name == _EXAMPLES:
            examples = msgspec.msgpack.decode(part.column.tobytes())
            feed.offenders.restore(examples["offenders"])
            feed.gaps.restore(examples["gaps"])
        elif "/" in part.name:
            ring, _, slot = part.name.partition("/")
            feed.counters.rings[ring][int(slot)] = part.column
        else:
            prefix, _, name = part.name.partition(".")
            feed.tables[prefix].restore(name, part.column)
    feed.grow()
    feed.last.declared[:] = False
    feed.last.declared[: len(declared)] = declared
    feed.counters.resum()
    feed.counters.dirty.clear()


def _restore_short(feed: FeedState, short: dict[str, Any]) -> None:
    for name in _PLAIN:
        setattr(feed, name, short[name])
    feed.skew.restore(short["skew"])
    feed.delays.restore(short["delays"])
    feed.schema.restore(short["schema"])
    feed.counters.minute_number = short["minute_number"]
    feed.session = None if short["session"] is None else tuple(short["session"])


def restore_names(symbols: Symbols, names: Iterable[str]) -> None:
    """Take back a feed's symbols in the order of their ids; `limit` doesn't bound what is remembered."""
    for name in names:
        if name not in symbols.ids:
            symbols.ids[name] = len(symbols.names)
            symbols.names.append(name)
