"""How a watched thing stands after one more probe, and when it is asked again: pure functions.

3 failures in a row make it `down` (till then it is `pending`), 2 successes in a row bring it back. What the other side
says outright (`auth_failed`, `rate_limited`, `maintenance`, `config_error`) holds at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from bongsu.model.check import UP, Outcome, Standing, State

FAILURES: Final = 3
SUCCESSES: Final = 2
MINUTE: Final = 60_000
_REFUSALS: frozenset[State] = frozenset({"rate_limited", "auth_failed", "config_error"})
_STEPS: Final = (2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE)
"""Pauses after the first, second … refusal in a row: from the second on the 5 to 15 minutes that providers want."""
_JITTER: Final = 0.05
_RETRY: Final = 3
"""While it isn't decided whether it is down, it is asked this many times as often."""


def advance(standing: Standing, outcome: Outcome) -> Standing:
    """The standing after this outcome; `next_at` stays to be set."""
    good, failed = outcome.state in UP, outcome.state == "down"
    after = replace(
        standing,
        failures=standing.failures + 1 if failed else 0,
        successes=standing.successes + 1 if good else 0,
        refusals=standing.refusals + 1 if outcome.state in _REFUSALS else 0,
        probes=standing.probes + 1,
        outcome=outcome,
    )
    state = _shown(standing, after, outcome)
    kept = state == "down" and good
    return replace(
        after,
        state=state,
        since=standing.since if state == standing.state else outcome.at,
        reason=standing.reason if kept else outcome.reason,
        detail=standing.detail if kept else outcome.detail,
    )


def _shown(before: Standing, after: Standing, outcome: Outcome) -> State:
    if outcome.state == "down":
        return "down" if after.failures >= FAILURES or before.state == "down" else "pending"
    if before.state == "down" and outcome.state in UP and after.successes < SUCCESSES:
        return "down"
    return outcome.state


def pause_ms(standing: Standing, *, interval_ms: int, chance: Callable[[], float]) -> int:
    """For how long it is left alone now; `chance` gives numbers in [0, 1), spread so that not all ask at once."""
    outcome = standing.outcome
    spread = 1 + _JITTER * (2 * chance() - 1)
    if outcome is None:
        return round(interval_ms * spread)
    pause = _pause(standing, outcome, interval_ms)
    if outcome.hold_ms is not None or standing.refusals:
        return round(pause * (1 + _JITTER * chance()))  # never sooner than was asked for
    return round(pause * spread)


def _pause(standing: Standing, outcome: Outcome, interval_ms: int) -> int:
    pause = interval_ms
    if standing.refusals and (outcome.state == "rate_limited" or standing.refusals > 1):
        pause = max(interval_ms, _STEPS[min(standing.refusals, len(_STEPS)) - 1])
    elif standing.state == "pending" or (standing.state == "down" and standing.successes):
        pause = interval_ms // _RETRY
    return max(pause, outcome.hold_ms or 0)


def spared(pause: int, interval_ms: int) -> int:
    """How many probes a pause leaves out."""
    return max(0, round(pause / interval_ms) - 1)
