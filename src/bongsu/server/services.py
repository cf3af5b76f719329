"""`/api/v1/requests`: requests that other programs answered; `/api/v1/services`: how all services do."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import Response

from bongsu.model.errors import BadRequest
from bongsu.model.query import RangeQuery
from bongsu.model.request import Requests
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
        self._known: dict[str, dict[str, float]] = {}
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
        views = [replace(view, availability=self._known.get(view.service, {})) for view in self._book.views()]
        return Response(msgspec.json.encode({"at": now, "services": views}), media_type=JSON)

    async def _availability(self, now: int) -> dict[str, dict[str, float]]:
        """By service and span: the share of requests that did not fail, %."""
        found: dict[str, dict[str, float]] = {}
        for span, length in SPANS.items():
            requests = await self._increase("service_requests_total", now - length, now)
            errors = await self._increase("service_errors_total", now - length, now)
            for service, count in requests.items():
                if count > 0:
                    share = 100.0 * (1 - min(count, errors.get(service, 0.0)) / count)
                    found.setdefault(service, {})[span] = round(share, 4)
        return found

    async def _increase(self, metric: str, start: int, end: int) -> dict[str, float]:
        """How much each service's counter grew, restarts respected."""
        step = 60_000 if end - start <= _DAY else 3_600_000
        query = RangeQuery(metric=metric, start=start, end=end, step=step, agg="rate")
        found: dict[str, float] = {}
        for points in await self._history.range(query):
            service = dict(points.labels).get("service", "")
            found[service] = found.get(service, 0.0) + float(points.value.sum()) * step / 1000
        return found
