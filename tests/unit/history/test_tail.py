"""The tail: pages, chains, detaching and letting go."""

from __future__ import annotations

import numpy as np
import pytest

from bongsu.history.tail import PAGE, Tail
from bongsu.model.sample import Batch

T0 = 1_763_776_800_000


def batch(series: list[int], start: int = 0) -> Batch:
    """Sample i of the batch is i seconds later, and its value says which it is."""
    count = len(series)
    order = np.arange(start, start + count)
    return Batch(series=np.array(series, np.int32), at=T0 + order * 1000, value=order.astype(np.float64))


@pytest.mark.parametrize(
    "series",
    [
        pytest.param([0, 1, 2], id="each once"),
        pytest.param([5, 5, 5, 5], id="one many times"),
        pytest.param([0, 1, 0, 1, 0, 1], id="tick by tick"),
        pytest.param([3, 1, 3, 3, 2, 1], id="any order"),
        pytest.param(list(range(300)) * 2, id="long ticks"),
    ],
)
def test_every_sample_is_found_again(series: list[int]) -> None:
    """Whatever the shape of batches, each series gives back its samples in the order they came, over many pages."""
    tail = Tail(200_000)
    sent: dict[int, list[float]] = {}
    for seq in range(1, 3 * PAGE):
        one = batch(series, start=seq * len(series))
        tail.push(one, seq=seq, now=0)
        for which, value in zip(series, one.value.tolist(), strict=True):
            sent.setdefault(which, []).append(value)
    for which, values in sent.items():
        snapshot = tail.snapshot(which)
        assert snapshot.value.tolist() == values
        assert snapshot.at.tolist() == [T0 + round(value) * 1000 for value in values]


def test_detached_samples_are_seen_until_released() -> None:
    """What is being sealed stays visible; letting go frees its pages and leaves what came after."""
    tail = Tail(100_000)
    tail.push(batch([7] * 100), seq=1, now=0)
    taken = tail.detach(7)
    assert taken is not None
    tail.push(batch([7] * 10, start=100), seq=2, now=0)
    assert len(tail.snapshot(7).at) == 110
    assert tail.snapshot(7).since(sealed=0)[1].tolist() == list(range(110))
    assert tail.snapshot(7).since(sealed=1)[1].tolist() == list(range(100, 110))
    assert tail.detach(7) is None
    assert tail.oldest() == 1
    tail.release(taken)
    assert tail.oldest() == 2
    assert tail.snapshot(7).value.tolist() == list(range(100, 110))
    assert tail.holds() == PAGE


def test_a_full_tail_says_so_and_pages_are_used_again() -> None:
    """Pages that were let go serve others; without a free one the tail asks not to be given more."""
    tail = Tail(1024 * PAGE + 4 * PAGE)
    for seq in range(1, 30):
        tail.push(batch([1] * (600 * PAGE)), seq=seq, now=0)
        assert not tail.has_room(batch([2] * (500 * PAGE)))
        taken = tail.detach(1)
        assert taken is not None
        tail.release(taken)
        assert tail.holds() == 0


def test_a_restated_tail_is_complete() -> None:
    """What starts a new file holds every unsealed sample, numbered so that it is covered when its blobs would be."""
    tail = Tail(100_000)
    tail.push(batch([1, 2]), seq=5, now=0)
    taken = tail.detach(1)
    tail.push(batch([1, 2], start=2), seq=6, now=0)
    assert taken is not None
    blobs = tail.restated()
    assert sorted(blobs) == [5, 6]
    assert blobs[5].series.tolist() == [1]
    assert sorted(blobs[6].series.tolist()) == [1, 2, 2]


def test_memory_is_given_back_and_samples_stay() -> None:
    """When memory is short, what lies behind the last page in use goes back; samples in use are untouched."""
    tail = Tail(64 * 1024 * PAGE)
    tail.push(batch([1] * (200 * PAGE)), seq=1, now=0)
    tail.push(batch([2] * 100), seq=2, now=0)
    taken = tail.detach(1)
    assert taken is not None
    tail.release(taken)
    assert tail.trim() > 0
    assert tail.snapshot(2).value.tolist() == list(range(100))
    tail.push(batch([1] * 300), seq=3, now=0)
    assert tail.snapshot(1).value.tolist() == list(range(300))
    assert tail.snapshot(2).value.tolist() == list(range(100))
