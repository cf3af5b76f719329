"""Points as JSON text."""

from __future__ import annotations

import json

import numpy as np
import pytest

from bongsu.model.query import Points
from bongsu.server.json_text import series_text


def series(count: int, name: str = "a") -> Points:
    """A series of so many points, its labels hard to write."""
    return Points(
        metric=name,
        labels=(("l", 'quo"te\\ 한글'),),
        at=np.arange(count, dtype=np.int64) + 1_763_778_000_000,
        value=np.arange(count, dtype=np.float64) / 3,
    )


@pytest.mark.parametrize(
    "counts", [[], [0], [1], [3, 2], [19_999, 20_001], [45_000], [20_000, 0, 20_000], [70] * 4, [19_000] * 3]
)
async def test_every_point_is_written_exactly(counts: list[int]) -> None:
    """However many points and series, the text is JSON that holds each of them to the last bit, in order."""
    given = [series(count, f"m{i}") for i, count in enumerate(counts)]
    text = json.loads(b"".join(await series_text({"start": 1, "step": None}, given)))
    assert (text["start"], text["step"]) == (1, None)
    assert [one["metric"] for one in text["series"]] == [one.metric for one in given]
    for told, points in zip(text["series"], given, strict=True):
        assert told["labels"] == dict(points.labels)
        assert told["points"] == [list(pair) for pair in zip(points.at.tolist(), points.value.tolist(), strict=True)]


async def test_without_a_head() -> None:
    """The head may be empty."""
    assert json.loads(b"".join(await series_text({}, [series(1)])))["series"][0]["points"] == [[1_763_778_000_000, 0.0]]
