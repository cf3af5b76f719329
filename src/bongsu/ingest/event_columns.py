"""Decoded events as columns, on their way to the feeds: time is checked here, and each feed gets its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from bongsu.ingest.columns import REFUSED
from bongsu.ingest.refusals import Refusals
from bongsu.model.event import Bools, EventBatch, Field
from bongsu.model.sample import Int32s, Int64s

Number = TypeVar("Number", np.int32, np.int64)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventColumns:
    """A run of consecutive events of a body; `start` is the index of the first one in the body as sent.

    `feed` says for each event which of `feeds` it is of; None: all are of the first.
    """

    start: int
    feeds: tuple[str, ...]
    symbol: Int32s
    at: Int64s
    feed: Int32s | None = None
    seq: Int64s | None = None
    session: Int32s | None = None
    fields: Mapping[str, Field] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.symbol)


def screen(columns: EventColumns, refusals: Refusals, *, first: int, last: int) -> Bools | None:
    """Which events may be taken, refusing those before `first` or after `last` (UTC ms); None: all."""
    symbol, at = columns.symbol, columns.at
    if not len(symbol) or (symbol.min() > REFUSED and at.min() >= first and at.max() <= last):
        return None
    left: Bools = symbol != REFUSED
    for code, mask, rule in (
        ("too-old", at < first, f"the oldest event taken just now is of {first}"),
        ("too-new", at > last, f"the newest event taken just now is of {last} (UTC milliseconds)"),
    ):
        refusals.add_all(code, columns.start, np.flatnonzero(left & mask), _worded(at, rule))
        left &= ~mask
    return left


def _worded(at: Int64s, rule: str) -> Callable[[int], str]:
    return lambda i: f"at is {at[i]}; {rule}"


def batches(columns: EventColumns, taken: Bools | None, arrived: int) -> Iterator[EventBatch]:
    """The events that may be taken, as one batch for each feed."""
    if columns.feed is None:
        whole = _batch(columns, columns.feeds[0] if columns.feeds else "", arrived)
        if taken is not None:
            whole = whole.take(taken)
        if len(whole):
            yield whole
        return
    for number, feed in enumerate(columns.feeds):
        mask: Bools = columns.feed == number
        if taken is not None:
            mask &= taken
        if mask.any():
            yield _batch(columns, feed, arrived).take(mask)


def _batch(columns: EventColumns, feed: str, arrived: int) -> EventBatch:
    return EventBatch(
        feed=feed,
        arrived=arrived,
        symbol=columns.symbol,
        at=columns.at,
        seq=columns.seq,
        session=columns.session,
        fields=columns.fields,
    )


def joined(parts: list[EventBatch]) -> EventBatch:
    """Batches of one feed as one."""
    if len(parts) == 1:
        return parts[0]
    names = dict.fromkeys(name for part in parts for name in part.fields)
    lengths = [len(part) for part in parts]
    return EventBatch(
        feed=parts[0].feed,
        arrived=parts[0].arrived,
        symbol=np.concatenate([part.symbol for part in parts]),
        at=np.concatenate([part.at for part in parts]),
        seq=_joined_numbers([part.seq for part in parts], lengths, np.int64, -(2**63)),
        session=_joined_numbers([part.session for part in parts], lengths, np.int32, 0),
        fields={name: _joined_field([part.fields.get(name) for part in parts], lengths) for name in names},
    )


def _joined_numbers(
    parts: Sequence[NDArray[Number] | None], lengths: list[int], kind: type[Number], absent: int
) -> NDArray[Number] | None:
    if all(part is None for part in parts):
        return None
    return np.concatenate(
        [np.full(length, absent, kind) if part is None else part for part, length in zip(parts, lengths, strict=True)]
    )


def _joined_field(parts: list[Field | None], lengths: list[int]) -> Field:
    filled = [
        Field(value=np.full(length, np.nan)) if part is None else part
        for part, length in zip(parts, lengths, strict=True)
    ]
    plain = all(part.kind is None for part in filled)
    return Field(
        value=np.concatenate([part.value for part in filled]),
        kind=None if plain else np.concatenate([part.kinds() for part in filled]),
    )
