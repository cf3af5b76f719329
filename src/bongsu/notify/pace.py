"""How fast, and when again: rate limits, back-off and the circuit breaker as pure functions of values."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bongsu.model.errors import ChannelError
from bongsu.notify.classing import ErrorClass

FIRST = 1.0
"""Seconds before the second try."""
LONGEST = 300.0
"""Seconds between two tries at most."""
AUTH_FIRST = 60.0
"""Seconds before the next try where the channel is set up wrongly: somebody has to mend it first."""
AUTH_LONGEST = 1_800.0
OPENS_AFTER = 3
"""Failures in a row after which the circuit opens and others step in."""
LONG_PAUSE = 30.0
"""A pause asked for by the service that is longer opens the circuit too."""
JITTER = 0.2
"""Share by which a wait is longer or shorter, so that many don't come back at the same moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Messages a minute that a service takes, and how many of them at once."""

    per_minute: float
    burst: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What is left of the pace at a moment (seconds, monotonic)."""

    tokens: float
    at: float


def full(pace: Pace, now: float) -> Allowance:
    """As after a long rest."""
    return Allowance(tokens=float(pace.burst), at=now)


def spend(allowance: Allowance, pace: Pace, now: float) -> tuple[Allowance, float]:
    """Take one message's worth, or how many seconds until there is one (nothing is taken then)."""
    a_second = pace.per_minute / 60
    tokens = min(float(pace.burst), allowance.tokens + max(0.0, now - allowance.at) * a_second)
    if tokens < 1 - 1e-9:
        return Allowance(tokens=tokens, at=now), (1 - tokens) / a_second
    return Allowance(tokens=tokens - 1, at=now), 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How a channel does. `retry_at` is monotonic seconds; `open` means that others step in meanwhile."""

    failures: int = 0
    limited: int = 0
    open: bool = False
    retry_at: float = 0.0
    error: str = ""
    last_sent_at: int | None = None

    @property
    def failing(self) -> bool:
        """Whether the last try went wrong."""
        return bool(self.failures or self.limited)


def delivered(at: int) -> Health:
    """After a message went through, at that time (UTC ms)."""
    return Health(last_sent_at=at)


def failed(health: Health, error: ChannelError, *, now: float, chance: float) -> Health:
    """After a try went wrong; `chance` (0 to 1) spreads the waits.

    A `permanent` failure is the message's, not the channel's.
    """
    if error.kind == "permanent":
        return replace(health, error=error.detail)
    if error.kind == "rate_limited":
        limited = health.limited + 1
        wait = _asked(error, limited, chance)
        return replace(
            health, limited=limited, retry_at=now + wait, open=health.open or wait > LONG_PAUSE, error=error.detail
        )
    failures = health.failures + 1
    wait = _asked(error, failures, chance)
    return replace(
        health,
        failures=failures,
        retry_at=now + wait,
        open=error.kind == "auth" or failures >= OPENS_AFTER,
        error=error.detail,
    )


def wait_of(tries: int, kind: ErrorClass, chance: float) -> float:
    """Seconds before the next try: doubled each time up to a bound, spread by a fifth."""
    first, longest = (AUTH_FIRST, AUTH_LONGEST) if kind == "auth" else (FIRST, LONGEST)
    return float(min(longest, first * 2 ** min(tries - 1, 30)) * (1 + JITTER * (2 * chance - 1)))


def _asked(error: ChannelError, tries: int, chance: float) -> float:
    """The wait that the service asks for is obeyed in full, and a little more so that not all come back at once."""
    if error.retry_after is not None:
        return error.retry_after + min(1.0, error.retry_after * JITTER) * chance
    return wait_of(tries, error.kind, chance)
