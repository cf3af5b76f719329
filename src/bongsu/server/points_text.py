"""The points of curves as JSON text: `[ms,value],[ms,value]…`; reading it gives back the same float64s."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import msgspec

from bongsu import native
from bongsu.model.sample import Float64s, Int64s

Text: TypeAlias = bytes | memoryview


def points_texts(at: Int64s, values: Sequence[Float64s]) -> Sequence[Text]:
    """The texts of curves that have their points at the same times."""
    texts = native.points(at, values)
    if texts is not None:
        return texts
    times = at.tolist()
    return [msgspec.json.encode(list(zip(times, value.tolist(), strict=True)))[1:-1] for value in values]
