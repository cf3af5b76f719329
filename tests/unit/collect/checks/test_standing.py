"""How a watched thing stands after each outcome."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bongsu.collect.checks.standing import advance, pause_ms, spared
from bongsu.model.check import Outcome, Standing, State

MINUTE = 60_000


def after(*states: State) -> list[State]:
    """The shown state after each outcome."""
    standing = Standing(since=0)
    shown = []
    for at, state in enumerate(states, start=1):
        standing = advance(standing, Outcome(at=at, state=state))
        shown.append(standing.state)
    return shown


@pytest.mark.parametrize(
    ("outcomes", "shown"),
    [
        (("up",), ["up"]),
        (("down", "down", "down"), ["pending", "pending", "down"]),
        (("up", "down", "down", "up"), ["up", "pending", "pending", "up"]),
        (("down", "down", "down", "up", "up"), ["pending", "pending", "down", "down", "up"]),
        (("down", "down", "down", "up", "down", "up", "up"), ["pending", "pending", *["down"] * 4, "up"]),
        (("up", "auth_failed", "up"), ["up", "auth_failed", "up"]),
        (("down", "down", "rate_limited", "down"), ["pending", "pending", "rate_limited", "pending"]),
        (("down", "down", "down", "maintenance", "up"), ["pending", "pending", "down", "maintenance", "up"]),
        (("down", "down", "down", "degraded", "degraded"), ["pending", "pending", "down", "down", "degraded"]),
    ],
)
def test_three_failures_down_two_successes_up(outcomes: tuple[State, ...], shown: list[State]) -> None:
    """One failure is no outage, one success no recovery; what is said outright holds at once."""
    assert after(*outcomes) == shown


def test_since_is_when_the_state_began() -> None:
    """`since` moves only with the state; the reason of an outage stays until it is over."""
    standing = Standing(since=0)
    for at in (1, 2, 3, 4):
        standing = advance(standing, Outcome(at=at, state="down", reason="timeout"))
    assert (standing.state, standing.since) == ("down", 3)
    standing = advance(standing, Outcome(at=5, state="up"))
    assert (standing.state, standing.since, standing.reason) == ("down", 3, "timeout")


def pauses(*outcomes: Outcome, chance: float = 0.5, interval: int = MINUTE) -> list[float]:
    """The pause after each outcome, in minutes."""
    standing = Standing(since=0)
    taken = []
    for outcome in outcomes:
        standing = advance(standing, outcome)
        taken.append(pause_ms(standing, interval_ms=interval, chance=lambda: chance) / MINUTE)
    return taken


def test_refusals_are_backed_off_from() -> None:
    """The second auth_failed or edge_block in a row waits 5 minutes, then 10, then 15, never less."""
    auth = Outcome(at=0, state="auth_failed", reason="ip")
    block = Outcome(at=0, state="rate_limited", reason="edge_block")
    assert [round(one) for one in pauses(auth, auth, auth, auth, auth, chance=0)] == [1, 5, 10, 15, 15]
    assert [round(one) for one in pauses(block, block, block, block, chance=0)] == [2, 5, 10, 15]
    assert all(later >= least for later, least in zip(pauses(block, block, chance=0.99), (2, 5), strict=True))


def test_a_hold_is_kept_in_full() -> None:
    """What the other side asks for is never cut short by jitter, nor by a shorter interval."""
    quota = Outcome(at=0, state="rate_limited", reason="quota", hold_ms=60 * MINUTE)
    assert pauses(quota, chance=0) == [60]
    assert 60 <= pauses(quota, chance=0.99)[0] <= 63
    spared_by_success = Outcome(at=0, state="up", hold_ms=600 * MINUTE)
    assert pauses(spared_by_success, chance=0)[0] == 600


def test_jitter_spreads_probes() -> None:
    """A usual pause lies within 5 per cent of the interval."""
    up = Outcome(at=0, state="up")
    assert pauses(up, chance=0) == [0.95]
    assert pauses(up, chance=0.5) == [1]


def test_what_is_undecided_is_asked_more_often() -> None:
    """While pending, and while coming back, a third of the interval."""
    down, up = Outcome(at=0, state="down"), Outcome(at=0, state="up")
    assert [round(60 * one) for one in pauses(down, down, down, down, up, up)] == [20, 20, 60, 60, 20, 60]


def test_probes_left_out_are_counted() -> None:
    """A pause of five intervals leaves out four probes."""
    assert spared(5 * MINUTE, MINUTE) == 4
    assert spared(MINUTE + 3_000, MINUTE) == 0
    assert spared(20_000, MINUTE) == 0


def test_a_refusal_before_is_forgotten_after_success() -> None:
    """Back-off begins anew once an answer was good."""
    standing = replace(Standing(since=0), refusals=4)
    assert advance(standing, Outcome(at=1, state="up")).refusals == 0
