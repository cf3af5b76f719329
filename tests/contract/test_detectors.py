"""The port `Detector`, over every implementation."""

from __future__ import annotations

import numpy as np
import pytest

from bongsu.anomaly.plan import Spec, detector
from bongsu.anomaly_ports import Detector
from bongsu.model.sample import Float64s, Int64s

METHODS = ("zscore", "robust_zscore", "novelty", "seasonal_novelty", "stuck", "silence", "volume")
SERIES = 5
START = 1_763_778_000_000


def made(method: str) -> Detector:
    """A fresh detector of that method."""
    return detector(Spec(threshold=3.0).by(method))


def readings(count: int, seed: int = 1) -> tuple[Int64s, Float64s]:
    """Times (one a second) and values of all series."""
    rng = np.random.default_rng(seed)
    at = START + 1_000 * np.arange(count, dtype=np.int64)
    return at, 50 + rng.normal(0, 1, (count, SERIES)).round(2)


def scores(one: Detector, at: Int64s, value: Float64s, rows: Int64s) -> Float64s:
    """The scores of these rows, reading by reading."""
    return np.array(
        [one.score(rows, np.full(len(rows), t), v[rows]).score for t, v in zip(at.tolist(), value, strict=True)]
    )


@pytest.mark.parametrize("method", METHODS)
def test_many_series_at_once_score_as_each_alone(method: str) -> None:
    """Rows don't touch each other: together or one at a time, in any order, the scores are the same."""
    at, value = readings(400)
    every = np.arange(SERIES)
    together = scores(made(method), at, value, every)
    backwards = scores(made(method), at, value, every[::-1].copy())[:, ::-1]
    np.testing.assert_array_equal(together, backwards)
    for row in range(SERIES):
        alone = scores(made(method), at, value, np.array([row]))
        np.testing.assert_allclose(together[:, [row]], alone, rtol=1e-9, equal_nan=True)


@pytest.mark.parametrize("method", METHODS)
def test_judged_by_the_past_alone(method: str) -> None:
    """What comes later changes no earlier score."""
    at, value = readings(400)
    other = value.copy()
    other[300:] += 1_000.0
    every = np.arange(SERIES)
    np.testing.assert_array_equal(
        scores(made(method), at, value, every)[:300], scores(made(method), at, other, every)[:300]
    )


@pytest.mark.parametrize("method", METHODS)
def test_silent_while_it_knows_too_little(method: str) -> None:
    """The first readings have no score and no band."""
    one, rows = made(method), np.array([0])
    found = one.score(rows, np.array([START]), np.array([5.0]))
    assert np.isnan(found.score).all()
    assert np.isnan(found.lower).all()
    assert np.isnan(one.band(rows, np.array([START + 1_000]))).all()


@pytest.mark.parametrize("method", METHODS)
def test_a_forgotten_row_is_as_new(method: str) -> None:
    """A row given to another series knows nothing of the one before; the others keep what they know."""
    at, value = readings(400)
    one, every = made(method), np.arange(SERIES)
    scores(one, at, value, every)
    one.forget(np.array([2]))
    later = at + 400_000
    found = scores(one, later, value, every)
    np.testing.assert_array_equal(found[:, 2], scores(made(method), later, value, np.array([2]))[:, 0])
    assert not np.isnan(found[0, [0, 1, 3, 4]]).any()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("value", [0.0, 5.0, -3.5, 1e300, 5e-324, 1e15])
def test_no_value_breaks_it(method: str, value: float) -> None:
    """Constants, huge and tiny values give finite scores or none, without a warning."""
    one, rows = made(method), np.array([0])
    for index in range(300):
        here = value * (-1 if index % 50 == 49 else 1)
        found = one.score(rows, np.array([START + index * 1_000]), np.array([here]))
        assert not np.isneginf(found.score).any()
    again = one.score(rows, np.array([START + 300_000]), np.array([1.0]))
    assert len(again.score) == 1


@pytest.mark.parametrize("method", METHODS)
def test_memory_is_bounded_and_stated(method: str) -> None:
    """A row takes what `row_bytes` says, after ten readings or a thousand."""
    one = made(method)
    before = one.row_bytes
    at, value = readings(1_000)
    scores(one, at, value, np.arange(SERIES))
    assert one.row_bytes == before
    assert 0 < before < 8_192


@pytest.mark.parametrize("method", ["zscore", "robust_zscore", "novelty", "seasonal_novelty"])
def test_the_band_is_where_nothing_is_anomalous(method: str) -> None:
    """A reading inside its band scores at most the threshold, one well outside scores above it."""
    at, value = readings(600)
    for shift in (0.0, 40.0):
        one, rows = made(method), np.arange(SERIES)
        scores(one, at, value, rows)
        moment = at[-1:].repeat(SERIES) + 1_000
        lower, upper = one.band(rows, moment)
        assert (lower < upper).all()
        last = one.score(rows, moment, (lower + upper) / 2 if shift == 0 else upper + shift)
        np.testing.assert_allclose(last.upper, upper, rtol=1e-6)
        assert ((last.score > one.threshold) == (shift > 0)).all()
