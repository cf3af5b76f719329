"""Rates of senders: bursts, waiting, and a bounded table."""

from __future__ import annotations

import pytest

from bongsu.ingest.limits import IntakeLimits
from bongsu.ingest.senders import SenderRates
from bongsu.model.errors import TooMany
from tests.fakes.clock import VirtualClock

LIMITS = IntakeLimits(samples_per_second=100, bodies_per_second=2, burst_seconds=2, senders=3)


async def test_bodies_are_limited_and_come_back_with_time() -> None:
    """After its burst of bodies a sender is told to wait, and may send again after that time."""
    clock = VirtualClock()
    rates = SenderRates(clock=clock, limits=LIMITS)
    for _ in range(4):
        rates.begin("a")
    with pytest.raises(TooMany) as caught:
        rates.begin("a")
    assert caught.value.retry_after == 1
    await clock.advance(1)
    rates.begin("a")


async def test_samples_are_limited_by_debt() -> None:
    """One body may overdraw the samples; the next waits until the debt is paid, as long as it was told."""
    clock = VirtualClock()
    rates = SenderRates(clock=clock, limits=LIMITS)
    rates.begin("a")
    rates.spend("a", 700)
    with pytest.raises(TooMany) as caught:
        rates.begin("a")
    assert caught.value.retry_after == 5
    await clock.advance(5.1)
    rates.begin("a")


def test_a_body_that_lost_the_race_is_not_spent() -> None:
    """Of two bodies decoded at once the second finds the allowance used up."""
    rates = SenderRates(clock=VirtualClock(), limits=LIMITS)
    rates.begin("a")
    rates.begin("a")
    rates.spend("a", 1_000)
    with pytest.raises(TooMany):
        rates.spend("a", 1)


def test_senders_do_not_share_an_allowance() -> None:
    """What one sender used up doesn't hinder another."""
    rates = SenderRates(clock=VirtualClock(), limits=LIMITS)
    rates.begin("a")
    rates.spend("a", 10_000)
    rates.begin("b")
    rates.spend("b", 1)


def test_the_table_is_bounded() -> None:
    """A flood of senders never holds more than the table's size, and forgets the one heard of longest ago."""
    rates = SenderRates(clock=VirtualClock(), limits=LIMITS)
    rates.begin("busy")
    rates.spend("busy", 10_000)
    for number in range(100):
        rates.begin(f"sender {number}")
        with pytest.raises(TooMany):
            rates.begin("busy")
    assert len(rates) == 3
