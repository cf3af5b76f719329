"""`/api/v1/requests`: requests that other programs answered; `/api/v1/services`: how all services do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import msgspec
import numpy as np
from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import Response

from bongsu.model.errors import BadRequest
from bongsu.model.query import RangeQuery
from bongsu.model.request import Requests, ServiceView
from bongsu.model.sample import Int64s
from bongsu.model.share import Share, settled, share, since
from bongsu.ports import Clock, History, RequestBook
from bongsu.server.body import BodyReader
from bongsu.server.endpoint import Part
from bongsu.server.json_body import JsonBodies
from bongsu.server.samples import JSON, receipt_text

_DAY = 86_400_000
SPANS: Mapping[str, int] = {"24h": _DAY, "7d": 7 * _DAY, "30d": 30 * _DAY}
_FRESH_MS = 30_000
_MOST = 10_000
_LARGEST = 4 << 20
"""Bytes: two thousand routes with their sketches."""
_DECODER = msgspec.json.Decoder(list[Requests])


class Services:
    """Handlers of the routes. Availability comes from history, and is worked out every half minute at most."""

    def __init__(self, *, book: RequestBook, history: History, clock: Clock, bodies: BodyReader) -> None:
        self._book = book
        self._history = history
        self._clock = clock
        self._bodies = JsonBodies(bodies, largest=_LARGEST)
        self._known: dict[str, dict[str, Share]] = {}
        self._known_at = -_FRESH_MS

    def table(self) -> Part:
        """What this part adds to the server."""
        return (("POST", "/api/v1/requests", self.post), ("GET", "/api/v1/services", self.get))

    async def post(self, request: Request) -> Response:
        """Take requests, single ones or summed up."""
        items = await self._bodies.read(request, _DECODER)
        if len(items) > _MOST:
            raise BadRequest(f"{len(items)} items in one body", hint=f"send at most {_MOST}")
        return Response(receipt_text(self._book.take(items)), media_type=JSON)

    async def get(self, _: Request) -> Response:
        """Every service, the worst first."""
        now = self._clock.now()
        if now - self._known_at >= _FRESH_MS:
            self._known_at = now
            self._known = await self._availability(now)
        views = [_told(view, self._known.get(view.service, {})) for view in self._book.views()]
        return Response(msgspec.json.encode({"at": now, "services": views}), media_type=JSON)

    async def _availability(self, now: int) -> dict[str, dict[str, Share]]:
        """By service and span: the share of requests that did not fail."""
        found: dict[str, dict[str, Share]] = {}
        for span, length in SPANS.items():
            requests = await self._increase("service_requests_total", now - length, now)
            errors = await self._increase("service_errors_total", now - length, now)
            for service, grown in requests.items():
                if grown.by > 0:
                    failed = errors[service].by if service in errors else 0.0
                    percent = 100.0 * (1 - min(grown.by, failed) / grown.by)
                    found.setdefault(service, {})[span] = share(round(percent, 4), grown.at, step=grown.step, now=now)
        return {service: settled(shares.items()) for service, shares in found.items()}

    async def _increase(self, metric: str, start: int, end: int) -> dict[str, _Growth]:
        """How much each service's counter grew, restarts respected."""
        step = 60_000 if end - start <= _DAY else 3_600_000
        query = RangeQuery(metric=metric, start=start, end=end, step=step, agg="rate")
        found: dict[str, _Growth] = {}
        for points in await self._history.range(query):
            service = dict(points.labels).get("service", "")
            grown = _Growth(float(points.value.sum()) * step / 1000, points.at, step)
            found[service] = _both(found[service], grown) if service in found else grown
        return found


class _Growth(NamedTuple):
    """How much a counter grew; the pieces (ms long) with readings of it."""

    by: float
    at: Int64s
    step: int


def _both(one: _Growth, other: _Growth) -> _Growth:
    return _Growth(one.by + other.by, np.union1d(one.at, other.at), one.step)


def _told(view: ServiceView, shares: Mapping[str, Share]) -> ServiceView:
    return replace(
        view,
        availability={span: one.percent for span, one in shares.items()},
        watched_ms={span: one.watched_ms for span, one in shares.items()},
        watched_since=since(shares),
    )
