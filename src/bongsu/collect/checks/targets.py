"""The own checks to watch, out of the settings."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import SplitResult, urlsplit

from bongsu.calendars.window import window_of
from bongsu.collect.checks.exchange import Request, shown
from bongsu.collect.checks.expect import Expected
from bongsu.collect.checks.lookup import ProbeFailed
from bongsu.collect.checks.own import DnsCheck, HttpCheck, InWindow, TcpCheck, Unusable
from bongsu.collect.checks.tools import Tools
from bongsu.collect.checks.watch import Prober, Target
from bongsu.model.check import Kind
from bongsu.settings.checked import Check, Watched
from bongsu.settings.model import Settings


def checks(settings: Settings, tools: Tools) -> Iterable[Target]:
    """A target for each check."""
    for one in settings.checks:
        url = one.url.get_secret_value()
        yield target("check", one, url, _prober(one, url, tools), tools, zone=settings.monitoring.timezone)


def target(kind: Kind, one: Watched, url: str, prober: Prober, tools: Tools, *, zone: str) -> Target:
    """A watched address as a target; within its windows a failure is maintenance."""
    windows = [window_of(text, zone=zone) for text in one.maintenance]
    return Target(
        kind=kind,
        name=one.name,
        title_ko=one.name,
        title_en=one.name,
        protocol=urlsplit(url).scheme,
        address=shown(url),
        interval_ms=round(one.interval_seconds * 1000),
        timeout=one.timeout_seconds,
        prober=InWindow(prober, windows, clock=tools.clock) if windows else prober,
    )


def _prober(one: Check, url: str, tools: Tools) -> Prober:
    parts = urlsplit(url)
    if parts.scheme in ("http", "https"):
        return _http(one, url, tools)
    if parts.scheme == "dns":
        return DnsCheck(
            parts.hostname or "",
            one.addresses,
            lookup=tools.lookup,
            clock=tools.clock,
            timeout=one.timeout_seconds,
            slow_ms=one.slow_ms,
        )
    return tcp(one, parts, tools)


def tcp(one: Watched, parts: SplitResult, tools: Tools) -> Prober:
    """Whether a port takes connections, over TLS where the scheme is `tls`."""
    try:
        tls = tools.exchanger.context(one.ca_file) if parts.scheme == "tls" else None
    except ProbeFailed as error:
        return Unusable(error.detail, clock=tools.clock)
    return TcpCheck(
        parts.hostname or "",
        parts.port or 0,
        lookup=tools.lookup,
        clock=tools.clock,
        timeout=one.timeout_seconds,
        slow_ms=one.slow_ms,
        tls=tls,
    )


def _http(one: Check, url: str, tools: Tools) -> HttpCheck:
    return HttpCheck(
        Request(url=url, headers={name: value.get_secret_value() for name, value in one.headers.items()}),
        Expected(status=tuple(one.status), text=one.text, json=one.json_, slow_ms=one.slow_ms),
        exchanger=tools.exchanger,
        clock=tools.clock,
        timeout=one.timeout_seconds,
        ca_file=one.ca_file,
    )
