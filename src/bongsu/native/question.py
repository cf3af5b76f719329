"""Questions to history read out of a query string."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from bongsu.native.library import made

Read: TypeAlias = Callable[[bytes], tuple[Any, ...]]


def question_reader(aggs: Sequence[str], tiers: Sequence[str]) -> Read:
    """Reads query strings that may name these aggregations and tiers.

    It gives metric, start and end (UTC ms), step (ms), the places of aggregation and tier among those given (-1 where
    they aren't told), and a pair of name and value for each label; nothing where the query string isn't plain, or the
    library isn't there.
    """
    words = tuple(b"".join([b"%b," % name.encode() for name in names]) for names in (aggs, tiers))
    read: Read | None = made("bongsu_question", words)
    return read or (lambda _: ())
