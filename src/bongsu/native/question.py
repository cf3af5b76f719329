"""Questions to history read out of a query string."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from bongsu.native.library import made


class QuestionReader:
    """Reads questions that may name these aggregations and tiers."""

    def __init__(self, aggs: Sequence[str], tiers: Sequence[str]) -> None:
        self._aggs, self._tiers = (b"".join(b"%b," % name.encode() for name in names) for names in (aggs, tiers))
        self._read: Callable[[bytes, bytes, bytes], tuple[Any, ...]] | None = made("bongsu_question")

    def read(self, text: bytes) -> tuple[Any, ...]:
        """Metric, start and end (UTC ms), step (ms), the places of aggregation and tier among those given (-1 where
        they aren't told), and a pair of name and value for each label; nothing where the query string isn't plain, or
        the library isn't there.
        """
        return () if self._read is None else self._read(text, self._aggs, self._tiers)
