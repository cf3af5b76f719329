"""The book of services: who answered how many requests, how fast, and how many went wrong."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence

from bongsu.model.errors import NothingAcceptable
from bongsu.model.request import (
    HIGHEST,
    LOWEST,
    Latency,
    Requests,
    RouteView,
    ServiceView,
    bucket_of,
    quantiles,
)
from bongsu.model.sample import Labels, Receipt, Refusal, Sample
from bongsu.ports import Clock
from bongsu.services.window import SECONDS, Window

MOST_SERVICES = 100
MOST_ROUTES = 200
"""Routes kept apart in one service; further ones are counted together."""
OTHERS = "(others)"
_NAME = 200
_KNOWN_FOR = 3600
"""Seconds for which a service without requests is told as answering none; then it is silent."""
_SHARES = (0.5, 0.95, 0.99)
_WORST = 20
_LISTED = 1_000
NOTED = 10_000
"""What is noted before it is added up: more than one event loop answers in the second between two looks."""


class _Service:
    __slots__ = ("all", "parts", "routes")

    def __init__(self) -> None:
        self.all = Window()
        self.routes: dict[str, Window] = {}
        self.parts: set[str] = set()
        """Routes that are parts of ours: told after those that answer somebody, unless they fail."""


class ServiceBook:
    """Takes requests on the event loop; is read as a collector each second. Bounded: 100 services of 200 routes."""

    name = "services"
    interval = 1.0
    inline = True
    """Read on the loop: it only adds up."""

    def __init__(self, *, clock: Clock, route_interval: int = 5) -> None:
        """`route_interval` is the seconds between two readings of single routes."""
        self._clock = clock
        self._services: dict[str, _Service] = {}
        self._route_interval = route_interval
        self._refused = 0
        self._second = 0
        self._noted: dict[tuple[str, str], list[tuple[float, float]]] = {}

    # -- taking ------------------------------------------------------------------------------------------------

    def note(self, service: str, route: str, milliseconds: float, *, error: bool, warning: bool) -> None:
        """Count one request of our own: names are known to be good."""
        second = self._now()
        found = self._services.get(service)
        if found is None:
            found = self._services[service] = _Service()
        found.all.one(second, milliseconds, error=error, warning=warning)
        self._route(found, route).one(second, milliseconds, error=error, warning=warning)

    def part(self, service: str, route: str, milliseconds: float, *, total: int = 1, errors: int = 0) -> None:
        """Count what a part of ours did, as a route beside the service's own figures.

        A reading or a commit isn't an answer anybody waited for: thresholds on the service's latency are about those.
        """
        self._add_part(self._now(), service, route, milliseconds, total, errors)

    def noting(self, service: str, route: str) -> Callable[[tuple[float, float]], None]:
        """The same in one stroke, for what is done while somebody waits: takes when it began and ended (monotonic
        seconds); what is noted is added up when somebody looks, or when there is much of it.
        """
        noted = self._noted[service, route] = list[tuple[float, float]]()

        def note(times: tuple[float, float]) -> None:
            noted.append(times)
            if len(noted) >= NOTED:
                self._add_noted()

        return note

    def _add_noted(self) -> None:
        second, now = self._now(), self._clock.monotonic()
        for (service, route), noted in self._noted.items():
            for began, ended in noted:
                self._add_part(second - int(now - ended), service, route, (ended - began) * 1_000, 1, 0)
            noted.clear()

    def _add_part(self, second: int, service: str, route: str, milliseconds: float, total: int, errors: int) -> None:
        found = self._services.get(service)
        if found is None:
            found = self._services[service] = _Service()
        found.all.seen = max(found.all.seen, second)  # alive, though nobody asks
        found.parts.add(route)
        self._route(found, route).add(
            second, total=total, errors=errors, warnings=0, buckets={bucket_of(milliseconds): total}
        )

    def take(self, items: Sequence[Requests]) -> Receipt:
        """Count what a program sent; faulty items are refused one by one.

        Raises:
            NothingAcceptable: there were items, and all were refused.
        """
        second = self._now()
        refused: list[Refusal] = []
        for index, item in enumerate(items):
            fault = self._fault(item)
            if fault is not None:
                refused.append(Refusal(index, *fault))
                continue
            self._add(item, second)
        self._refused += len(refused)
        if items and len(refused) == len(items):
            raise NothingAcceptable(tuple(refused[:_LISTED]), unlisted=max(0, len(refused) - _LISTED))
        return Receipt(
            accepted=len(items) - len(refused),
            refused=tuple(refused[:_LISTED]),
            unlisted=max(0, len(refused) - _LISTED),
        )

    def _add(self, item: Requests, second: int) -> None:
        service = self._services.setdefault(item.service, _Service())
        total, errors, warnings, buckets = counted(item)
        for window in (service.all, self._route(service, item.route)):
            window.add(second, total=total, errors=errors, warnings=warnings, buckets=buckets)

    def _fault(self, item: Requests) -> tuple[str, str] | None:
        for what, name, least in (("service", item.service, 1), ("route", item.route, 0)):
            if not least <= len(name) <= _NAME or not name.isprintable():
                return f"bad_{what}", f"{what} must be {least} to {_NAME} printable characters"
        if item.service not in self._services and len(self._services) >= MOST_SERVICES:
            return "too_many_services", f"{MOST_SERVICES} services are known already"
        if item.total is None:
            if item.ms is None or not math.isfinite(item.ms) or item.ms < 0:
                return "bad_ms", "give ms (0 or more), or total with latency"
            return None
        return _summary_fault(item)

    @staticmethod
    def _route(service: _Service, route: str) -> Window:
        found = service.routes.get(route)
        if found is None:
            if len(service.routes) >= MOST_ROUTES:
                route = OTHERS
            found = service.routes.setdefault(route, Window())
        return found

    def _now(self) -> int:
        self._second = max(self._second, self._clock.now() // 1000)
        return self._second

    # -- telling -----------------------------------------------------------------------------------------------

    def collect(self) -> Iterable[Sample]:
        """Every service's figures; those of single routes every few seconds."""
        self._add_noted()
        second = self._now()
        samples: list[Sample] = []
        for name, service in list(self._services.items()):
            service.all.move(second)
            if service.all.seen < second - _KNOWN_FOR:
                del self._services[name]
                continue
            labels = (("service", name),)
            samples += _figures("service", service.all, labels)
            rate = service.all.total / SECONDS
            samples.append(Sample(metric="service_requests_per_second", labels=labels, value=rate))
            if second % self._route_interval == 0:
                samples += self._routes(name, service, second)
        return samples

    def _routes(self, name: str, service: _Service, second: int) -> Iterator[Sample]:
        for route, window in list(service.routes.items()):
            window.move(second)
            if window.seen < second - _KNOWN_FOR:
                del service.routes[route]
                continue
            yield from _figures("service_route", window, (("route", route), ("service", name)))

    def views(self) -> list[ServiceView]:
        """Every service as a screen shows it, the failing ones first, then the slowest."""
        self._add_noted()
        second = self._now()
        found = []
        for name, service in self._services.items():
            service.all.move(second)
            routes = []
            for route, window in service.routes.items():
                window.move(second)
                if window.total:
                    routes.append(_route_view(route, window, part=route in service.parts))
            routes.sort(key=lambda one: (-(one.error_rate or 0), one.part, -(one.latency.p95 or 0)))
            found.append(_view(name, service.all, tuple(routes[:_WORST])))
        return sorted(found, key=lambda one: (-(one.error_rate or 0), -(one.latency.p95 or 0)))

    def figures(self) -> Iterable[Sample]:
        """How much is known, and what was refused."""
        self._add_noted()
        yield Sample(metric="bongsu_services", value=float(len(self._services)))
        routes = sum(len(service.routes) for service in self._services.values())
        yield Sample(metric="bongsu_service_routes", value=float(routes))
        yield Sample(metric="bongsu_requests_refused_total", value=float(self._refused))


def counted(item: Requests) -> tuple[int, int, int, dict[int, int]]:
    """Total, errors, warnings and sketch of one item; an error is no warning besides."""
    if item.total is not None:
        return item.total, item.errors, item.warnings, {int(bucket): count for bucket, count in item.latency.items()}
    status = item.status or 0
    error = item.error or status >= 500
    warning = not error and (item.warning or status >= 400)
    return 1, int(error), int(warning), {bucket_of(item.ms or 0.0): 1}


def _summary_fault(item: Requests) -> tuple[str, str] | None:
    total = item.total or 0
    if not 0 < total <= 1_000_000_000:
        return "bad_total", "total must be 1 to 1,000,000,000"
    if not (0 <= item.errors <= total and 0 <= item.warnings <= total):
        return "bad_counts", "errors and warnings must be 0 to total"
    for bucket, count in item.latency.items():
        if not bucket.removeprefix("-").isdecimal() or not LOWEST <= int(bucket) <= HIGHEST or count < 0:
            return "bad_latency", f"latency maps buckets ({LOWEST} to {HIGHEST}) to counts"
    if item.latency and sum(item.latency.values()) != total:
        return "bad_latency", "latency must sum up to total"
    return None


def _figures(prefix: str, window: Window, labels: Labels) -> Iterator[Sample]:
    """What isn't known in a minute without requests (error rate, latency) is left out."""
    yield Sample(metric=f"{prefix}_requests_total", labels=labels, value=float(window.all_total))
    yield Sample(metric=f"{prefix}_errors_total", labels=labels, value=float(window.all_errors))
    yield Sample(metric=f"{prefix}_warnings_total", labels=labels, value=float(window.all_warnings))
    if window.total:
        yield Sample(metric=f"{prefix}_error_rate", labels=labels, value=100.0 * window.errors / window.total)
    if window.buckets:
        for share, value in zip(_SHARES, quantiles(window.buckets, _SHARES), strict=True):
            with_share = tuple(sorted((*labels, ("quantile", f"{share:g}"))))
            yield Sample(metric=f"{prefix}_latency_ms", labels=with_share, value=value)


def _latency(window: Window) -> Latency:
    if not window.buckets:
        return Latency()
    p50, p95, p99 = (round(value, 3) for value in quantiles(window.buckets, _SHARES))
    return Latency(p50=p50, p95=p95, p99=p99)


def _error_rate(window: Window) -> float | None:
    return round(100.0 * window.errors / window.total, 3) if window.total else None


def _route_view(route: str, window: Window, *, part: bool) -> RouteView:
    return RouteView(
        route=route,
        requests=window.total,
        errors=window.errors,
        warnings=window.warnings,
        error_rate=_error_rate(window),
        latency=_latency(window),
        part=part,
    )


def _view(name: str, window: Window, routes: tuple[RouteView, ...]) -> ServiceView:
    return ServiceView(
        service=name,
        requests_per_second=round(window.total / SECONDS, 3),
        requests=window.total,
        errors=window.errors,
        warnings=window.warnings,
        error_rate=_error_rate(window),
        latency=_latency(window),
        routes=routes,
    )
