"""Probers of own checks: HTTP, TCP, TLS, DNS."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Sequence
from dataclasses import replace

from bongsu.calendars.window import Window
from bongsu.collect.checks.exchange import Exchanger, Request
from bongsu.collect.checks.expect import Expected, judge, quick_and_valid
from bongsu.collect.checks.lookup import Lookup, ProbeFailed, certificate_ends, connected, opened, since
from bongsu.collect.checks.watch import Prober
from bongsu.model.check import Outcome, Phases
from bongsu.ports import Clock


class HttpCheck:
    """An address and what it must answer."""

    def __init__(
        self, request: Request, expected: Expected, *, exchanger: Exchanger, clock: Clock, timeout: float, ca_file: str
    ) -> None:
        self._request = request
        self._expected = expected
        self._exchanger = exchanger
        self._clock = clock
        self._timeout = timeout
        self._ca_file = ca_file

    async def probe(self) -> Outcome:
        """Ask once."""
        at = self._clock.now()
        answer = await self._exchanger.exchange(self._request, timeout=self._timeout, ca_file=self._ca_file)
        state, reason, detail = judge(answer, self._expected)
        if state == "up":
            state, reason = quick_and_valid(
                answer.response_ms, answer.certificate_ends, slow_ms=self._expected.slow_ms, now=at
            )
        retry = answer.headers.get("retry-after", "")
        return Outcome(
            at=at,
            state=state,
            reason=reason,
            detail=detail,
            status=answer.status,
            response_ms=answer.response_ms,
            phases=answer.phases,
            certificate_ends=answer.certificate_ends,
            hold_ms=int(retry) * 1000 if state == "rate_limited" and retry.isdigit() and len(retry) < 6 else None,
        )


class TcpCheck:
    """Whether a port takes connections; with `tls` also whether its certificate is good."""

    def __init__(
        self,
        host: str,
        port: int,
        *,
        lookup: Lookup,
        clock: Clock,
        timeout: float,
        slow_ms: float | None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._host = host
        self._port = port
        self._lookup = lookup
        self._clock = clock
        self._timeout = timeout
        self._slow_ms = slow_ms
        self._tls = tls

    async def probe(self) -> Outcome:
        """Connect once."""
        at, began = self._clock.now(), self._clock.monotonic()
        try:
            async with asyncio.timeout(self._timeout):
                phases, ends = await self._connect()
        except TimeoutError:
            return Outcome(at=at, state="down", reason="timeout", detail=f"no answer within {self._timeout:g} s")
        except ProbeFailed as error:
            return Outcome(at=at, state="down", reason=error.kind, detail=error.detail)
        took = since(began, self._clock)
        state, reason = quick_and_valid(took, ends, slow_ms=self._slow_ms, now=at)
        return Outcome(at=at, state=state, reason=reason, response_ms=took, phases=phases, certificate_ends=ends)

    async def _connect(self) -> tuple[Phases, int | None]:
        began = self._clock.monotonic()
        addresses = await self._lookup.addresses(self._host, self._port)
        dns, began = since(began, self._clock), self._clock.monotonic()
        one = await connected(addresses)
        connect, began = since(began, self._clock), self._clock.monotonic()
        if self._tls is None:
            one.close()
            return Phases(dns=dns, connect=connect), None
        _, writer = await opened(one, self._tls, self._host)
        ends = certificate_ends(writer)
        with contextlib.suppress(OSError, RuntimeError):
            writer.transport.abort()
        return Phases(dns=dns, connect=connect, tls=since(began, self._clock)), ends


class DnsCheck:
    """Whether a name leads somewhere, or to the addresses that it must lead to."""

    def __init__(
        self,
        name: str,
        addresses: Sequence[str],
        *,
        lookup: Lookup,
        clock: Clock,
        timeout: float,
        slow_ms: float | None,
    ) -> None:
        self._name = name
        self._wanted = frozenset(addresses)
        self._lookup = lookup
        self._clock = clock
        self._timeout = timeout
        self._slow_ms = slow_ms

    async def probe(self) -> Outcome:
        """Look the name up once."""
        at, began = self._clock.now(), self._clock.monotonic()
        try:
            async with asyncio.timeout(self._timeout):
                found = await self._lookup.told(self._name, 0)
        except TimeoutError:
            return Outcome(at=at, state="down", reason="timeout", detail=f"no answer within {self._timeout:g} s")
        except ProbeFailed as error:
            return Outcome(at=at, state="down", reason=error.kind, detail=error.detail)
        took = since(began, self._clock)
        told = sorted({str(address[0]) for _, address in found})
        phases = Phases(dns=took)
        if self._wanted and not self._wanted & set(told):
            detail = f"leads to {', '.join(told)}"
            return Outcome(at=at, state="down", reason="address", detail=detail, response_ms=took, phases=phases)
        state, reason = quick_and_valid(took, None, slow_ms=self._slow_ms, now=at)
        return Outcome(at=at, state=state, reason=reason, detail=", ".join(told), response_ms=took, phases=phases)


class InWindow:
    """A prober whose failures within declared maintenance are maintenance."""

    def __init__(self, prober: Prober, windows: Sequence[Window], *, clock: Clock) -> None:
        self._prober = prober
        self._windows = tuple(windows)
        self._clock = clock

    async def probe(self) -> Outcome:
        """Ask once."""
        outcome = await self._prober.probe()
        covered = outcome.state in ("down", "config_error", "auth_failed")
        if covered and any(window.contains(self._clock.now()) for window in self._windows):
            return replace(outcome, state="maintenance", reason="declared")
        return outcome


class Unusable:
    """Something whose settings can't be used: it says so, and asks nobody."""

    def __init__(self, reason: str, *, clock: Clock) -> None:
        self._reason = reason
        self._clock = clock

    async def probe(self) -> Outcome:
        """What is wrong with the settings."""
        return Outcome(at=self._clock.now(), state="config_error", reason="settings", detail=self._reason)
