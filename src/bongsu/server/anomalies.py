"""`GET /api/v1/anomalies` and `/anomalies/band`: what was out of the ordinary, and what is expected."""

from __future__ import annotations

import math

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from bongsu.anomaly_ports import Anomalies
from bongsu.model.anomaly import Anomaly, Band
from bongsu.model.errors import BadRequest
from bongsu.model.query import RangeQuery
from bongsu.ports import Clock
from bongsu.server.endpoint import Part
from bongsu.server.parameters import UNITS_MS, Parameters
from bongsu.server.samples import JSON

LIST = ("metric", "start", "end", "limit")
BAND = ("metric", "start", "end", "step", "limit")
_HOUR = UNITS_MS["h"]
_LONGEST = 31 * 24 * _HOUR
_AS_MEASURED = 2 * _HOUR
"""Longer ranges are judged by steps where none is asked for."""
_STEPS = tuple(1_000 * s for s in (10, 15, 30, 60, 300, 900, 3_600))
_POINTS = 720
_MOST_STEPS = 3_000
_SERIES = 20


class AnomalyRoutes:
    """Handler of both routes; where detection is switched off, `enabled` says so."""

    def __init__(self, *, anomalies: Anomalies | None, clock: Clock) -> None:
        self._anomalies = anomalies
        self._clock = clock

    def routes(self) -> Part:
        """What this part adds to the server."""
        return (("GET", "/api/v1/anomalies", self.listed), ("GET", "/api/v1/anomalies/band", self.band))

    async def listed(self, request: Request) -> Response:
        """The anomalies of a range (the last day), newest first."""
        asked = Parameters(request.scope["query_string"], known=LIST, labels=True)
        start, end = self._range(asked, 24 * _HOUR)
        limit = _limit(asked, usual=1_000, most=10_000)
        found: list[Anomaly] = []
        if self._anomalies is not None:
            found = await self._anomalies.recent(
                metric=asked.get("metric"), labels=asked.labels(), start=start, end=end, limit=limit
            )
        return _json(
            {
                "enabled": self._anomalies is not None and self._anomalies.enabled,
                "start": start,
                "end": end,
                "anomalies": [{**msgspec.structs.asdict(one), "labels": dict(one.labels)} for one in found],
            }
        )

    async def band(self, request: Request) -> Response:
        """What was expected of each series of a metric in a range (the last hour), moment by moment."""
        asked = Parameters(request.scope["query_string"], known=BAND, labels=True)
        metric = asked.needed("metric")
        start, end = self._range(asked, _HOUR)
        step = asked.duration("step")
        if step is None and end - start > _AS_MEASURED:
            step = next((one for one in _STEPS if (end - start) <= one * _POINTS), _STEPS[-1])
        if step is not None and end - start > step * _MOST_STEPS:
            raise BadRequest(
                f"the range holds more than {_MOST_STEPS} steps of {step} ms", hint="ask for a longer step"
            )
        limit = _limit(asked, usual=_SERIES, most=_SERIES)
        found: list[Band] = []
        if self._anomalies is not None and self._anomalies.enabled:
            query = RangeQuery(
                metric=metric, labels=asked.labels(), start=start, end=end, step=step, agg="avg", limit=limit
            )
            found = await self._anomalies.bands(query)
        return _json(
            {
                "enabled": self._anomalies is not None and self._anomalies.enabled,
                "start": start,
                "end": end,
                "step": step,
                "series": [_band(one) for one in found],
            }
        )

    def _range(self, asked: Parameters, usual: int) -> tuple[int, int]:
        now = self._clock.now()
        end = asked.time("end", now)
        end = now + 1 if end is None else end
        start = asked.time("start", now)
        start = end - usual if start is None else start
        if not 0 < end - start <= _LONGEST or abs(end) > 1 << 52:
            raise BadRequest(f"start {start} must be before end {end}, by 31 days at most")
        return start, end


def _limit(asked: Parameters, *, usual: int, most: int) -> int:
    text = asked.get("limit") or str(usual)
    if not (text.isascii() and text.isdigit() and len(text) < 6 and 0 < int(text) <= most):
        raise BadRequest(f"limit is {text[:20]!r}", hint=f"it must be a whole number from 1 to {most}")
    return int(text)


def _band(band: Band) -> dict[str, object]:
    columns = (band.value, band.lower, band.upper, band.score)
    rows = zip(band.at.tolist(), *(column.tolist() for column in columns), strict=True)
    return {
        "metric": band.metric,
        "labels": dict(band.labels),
        "method": band.method,
        "threshold": band.threshold,
        "points": [[at, *(_number(one) for one in rest)] for at, *rest in rows],
    }


def _number(value: float) -> float | None:
    return float(f"{value:.6g}") if math.isfinite(value) else None


def _json(body: dict[str, object]) -> Response:
    return Response(msgspec.json.encode(body), media_type=JSON, headers={"cache-control": "no-store"})
