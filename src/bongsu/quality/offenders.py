"""The last faulty events and the gaps of each symbol: a few of each, for those symbols that had some lately."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from bongsu.model.event import NO_SEQ, Bools, EventBatch, Field, Kind

One = TypeVar("One")

SYMBOLS = 1_000
"""Symbols remembered at once; the one longest without anything new is forgotten."""

EACH = 20
A_BATCH = 64
"""Faulty events of one batch that are kept: a batch full of them must not hold up the others."""


class Lately(Generic[One]):
    """A few things of each symbol, bounded in both."""

    def __init__(self, each: int = EACH, symbols: int = SYMBOLS) -> None:
        self._each = each
        self._symbols = symbols
        self._kept: OrderedDict[int, deque[One]] = OrderedDict()

    def add(self, symbol: int, one: One) -> None:
        """Remember something of a symbol."""
        kept = self._kept.get(symbol)
        if kept is None:
            if len(self._kept) >= self._symbols:
                self._kept.popitem(last=False)
            kept = self._kept[symbol] = deque(maxlen=self._each)
        self._kept.move_to_end(symbol)
        kept.append(one)

    def of(self, symbol: int) -> list[One]:
        """What is remembered of a symbol, newest first."""
        return list(reversed(self._kept.get(symbol, ())))

    def state(self) -> list[Any]:
        """All of it as plain values."""
        return [[symbol, list(kept)] for symbol, kept in self._kept.items()]

    def restore(self, state: list[Any]) -> None:
        """Take back what `state` gave."""
        for symbol, kept in state:
            for one in kept:
                self.add(symbol, one)


def examples(
    batch: EventBatch, positions: NDArray[np.intp], reasons: Mapping[str, Bools], *, hidden: Collection[str]
) -> Iterator[tuple[int, dict[str, object]]]:
    """Faulty events with their symbols' ids, as plain values; fields in `hidden` without their values."""
    for i in positions.tolist():
        yield (
            int(batch.symbol[i]),
            {
                "at": int(batch.at[i]),
                "arrived": batch.arrived,
                "seq": None if batch.seq is None or batch.seq[i] == NO_SEQ else int(batch.seq[i]),
                "reasons": [name for name, mask in reasons.items() if mask[i]],
                "fields": {name: "…" if name in hidden else _shown(one, i) for name, one in batch.fields.items()},
            },
        )


def _shown(one: Field, i: int) -> object:
    """A value as an example shows it; of texts only that they are texts is known."""
    if one.kind is not None and one.kind[i] in (Kind.TEXT, Kind.OTHER):
        return Kind(int(one.kind[i])).name.lower()
    value = float(one.value[i])
    return None if np.isnan(value) else value
