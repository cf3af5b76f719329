"""Rates, back-off and circuit breaker."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bongsu.model.errors import ChannelError
from bongsu.notify.pace import Health, Pace, delivered, failed, full, spend, wait_of


def error(kind: str = "temporary", retry_after: float | None = None) -> ChannelError:
    """A failure of that class."""
    return ChannelError("away", kind=kind, retry_after=retry_after)  # type: ignore[arg-type]


@given(
    per_minute=st.floats(1, 600), burst=st.integers(1, 20), steps=st.lists(st.floats(0, 60), min_size=1, max_size=60)
)
def test_never_more_than_the_pace(per_minute: float, burst: int, steps: list[float]) -> None:
    """In any run of tries no more pass than the burst and what the time has brought."""
    pace, now, passed = Pace(per_minute=per_minute, burst=burst), 0.0, 0
    allowance = full(pace, now)
    for step in steps:
        now += step
        allowance, wait = spend(allowance, pace, now)
        passed += wait == 0
        assert passed <= burst + now * per_minute / 60 + 1e-6


def test_the_wait_is_long_enough() -> None:
    """Who waits as long as he is told may go then."""
    pace = Pace(per_minute=20, burst=1)
    allowance, wait = spend(full(pace, 5.0), pace, 5.0)
    assert wait == 0
    allowance, wait = spend(allowance, pace, 5.0)
    assert wait == pytest.approx(3.0)
    assert spend(allowance, pace, 5.0 + wait)[1] == 0


def test_three_failures_open_it() -> None:
    """Two in a row are bad luck, three are an outage; one success ends it."""
    health = Health()
    opened = []
    for _ in range(4):
        health = failed(health, error(), now=0.0, chance=0.5)
        opened.append(health.open)
    assert opened == [False, False, True, True]
    assert health.retry_at == 8.0
    assert delivered(7) == Health(last_sent_at=7)


@pytest.mark.parametrize(
    ("kind", "retry_after", "is_open", "wait"),
    [
        ("auth", None, True, 60.0),
        ("rate_limited", None, False, 1.0),
        ("rate_limited", 5.0, False, 5.5),
        ("rate_limited", 31.0, True, 31.5),
        ("rate_limited", 0.0, False, 0.0),
        ("temporary", 7.0, False, 7.5),
        ("permanent", None, False, 0.0),
    ],
)
def test_each_class(kind: str, retry_after: float | None, is_open: bool, wait: float) -> None:
    """What the first failure of each class means: open or not, and the pause."""
    health = failed(Health(), error(kind, retry_after), now=100.0, chance=0.5)
    assert health.open == is_open
    assert max(0.0, health.retry_at - 100.0) == pytest.approx(wait)
    assert health.error == "away"


@given(tries=st.integers(1, 10_000), chance=st.floats(0, 1))
def test_waits_are_bounded(tries: int, chance: float) -> None:
    """However often it failed, the next try comes within six minutes (36 where it is set up wrongly)."""
    assert 0.8 <= wait_of(tries, "temporary", chance) <= 360
    assert 48 <= wait_of(tries, "auth", chance) <= 2_160
