"""What all connections have in common: a service is asked, and what comes becomes an outcome."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Protocol

from bongsu.collect.checks.lookup import Lookup, ProbeFailed, since
from bongsu.model.check import Outcome, Phases, State
from bongsu.ports import Clock
from bongsu.redaction import Redactor

NEARLY_FULL = 0.9
"""Share of the connections allowed from which a service is degraded."""
_DETAIL_CHARACTERS = 200


class Refused(Exception):
    """The service answered, but doesn't let us in or isn't well."""

    def __init__(self, state: State, reason: str, detail: str = "") -> None:
        super().__init__(detail)
        self.state: State = state
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a service told: its version for people, figures by name, and what is wrong though it answers."""

    detail: str = ""
    figures: Mapping[str, float] = field(default_factory=dict)
    phases: Phases = field(default_factory=Phases)
    certificate_ends: int | None = None
    ailing: str = ""
    """The reason for which it is degraded."""


class Service(Protocol):
    """A service that can be asked."""

    async def ask(self) -> Found:
        """Ask once.

        Raises:
            ProbeFailed: it can't be reached.
            Refused: it answers, but not as it should.
        """
        ...


class Connected:
    """A service as something that is probed."""

    def __init__(
        self, service: Service, *, clock: Clock, timeout: float, slow_ms: float | None, redactor: Redactor
    ) -> None:
        self._service = service
        self._clock = clock
        self._timeout = timeout
        self._slow_ms = slow_ms
        self._redactor = redactor

    async def probe(self) -> Outcome:
        """Ask once."""
        at, began = self._clock.now(), self._clock.monotonic()
        try:
            async with asyncio.timeout(self._timeout):
                found = await self._service.ask()
        except TimeoutError:
            return Outcome(at=at, state="down", reason="timeout", detail=f"no answer within {self._timeout:g} s")
        except ProbeFailed as error:
            return Outcome(at=at, state="down", reason=error.kind, detail=self._clean(error.detail))
        except Refused as error:
            return Outcome(at=at, state=error.state, reason=error.reason, detail=self._clean(error.detail))
        except (OSError, asyncio.IncompleteReadError) as error:
            detail = f"the connection broke: {type(error).__name__}"
            return Outcome(at=at, state="down", reason="protocol", detail=detail)
        took = since(began, self._clock)
        reason = found.ailing or nearly_full(found.figures) or self._slow(took)
        return Outcome(
            at=at,
            state="degraded" if reason else "up",
            reason=reason,
            detail=self._clean(found.detail),
            response_ms=took,
            phases=found.phases,
            certificate_ends=found.certificate_ends,
            figures=found.figures,
        )

    def _slow(self, took: float) -> str:
        return "slow" if self._slow_ms is not None and took > self._slow_ms else ""

    def _clean(self, text: str) -> str:
        return self._redactor.text(" ".join(text.split()))[:_DETAIL_CHARACTERS]


def nearly_full(figures: Mapping[str, float]) -> str:
    """`full` where nine tenths of the connections allowed are used."""
    limit = figures.get("sessions_limit", 0.0)
    return "full" if limit and figures.get("sessions", 0.0) >= NEARLY_FULL * limit else ""


class OneAtATime:
    """Runs a driver that blocks in a thread, never twice for one service: what hangs holds one thread, not many."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup
        self._running = False

    async def run(self, work: Callable[[], Any]) -> Any:
        """What `work` gives.

        Raises:
            ProbeFailed: the call before is still under way.
        """
        if self._running:
            raise ProbeFailed("timeout", "the call before hasn't come back yet")
        self._running = True
        begun = False

        def alone() -> Any:
            nonlocal begun
            begun = True
            try:
                return work()
            finally:
                self._running = False

        try:
            return await self._lookup.in_thread(alone)
        except asyncio.CancelledError:
            self._running = begun and self._running
            raise

    async def module(self, name: str, extra: str) -> Any:
        """A driver's module, imported in the thread: it takes a tenth of a second.

        Raises:
            Refused: it isn't installed.
        """
        try:
            return await self.run(lambda: import_module(name))
        except ModuleNotFoundError:
            raise Refused("config_error", "driver", f"pip install 'bongsu[{extra}]'") from None
