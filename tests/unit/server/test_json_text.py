"""Points as JSON text."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from bongsu.model.query import Points
from bongsu.server.json_text import series_text, series_texts


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
    pieces = await series_text({"start": 1, "step": None}, given)
    assert b"".join(series_texts({"start": 1, "step": None}, given)) == b"".join(pieces)
    text = json.loads(b"".join(pieces))
    assert (text["start"], text["step"]) == (1, None)
    assert [one["metric"] for one in text["series"]] == [one.metric for one in given]
    for told, points in zip(text["series"], given, strict=True):
        assert told["labels"] == dict(points.labels)
        assert told["points"] == [list(pair) for pair in zip(points.at.tolist(), points.value.tolist(), strict=True)]


@pytest.mark.parametrize("at", [np.arange(6)[::2], np.arange(3, dtype=np.int32), np.arange(3).astype(">i8")])
def test_numbers_however_they_lie(at: NDArray[Any]) -> None:
    """One series' numbers are written whichever way they are kept."""
    given = Points(metric="m", labels=(), at=at, value=np.array([0.0, 0.5, 1.0]))
    (told,) = json.loads(b"".join(series_texts({}, [given])))["series"]
    assert told["points"] == [[int(time), place * 0.5] for place, time in enumerate(at)]


def test_names_are_not_mixed_up() -> None:
    """What is remembered of a name is that of these labels."""
    for given in [series(1, "a"), series(1, "b"), Points(metric="a", labels=(), at=np.arange(1), value=np.arange(1.0))]:
        (told,) = json.loads(b"".join(series_texts({}, [given])))["series"]
        assert (told["metric"], told["labels"]) == (given.metric, dict(given.labels))


async def test_without_a_head() -> None:
    """The head may be empty."""
    assert json.loads(b"".join(await series_text({}, [series(1)])))["series"][0]["points"] == [[1_763_778_000_000, 0.0]]
