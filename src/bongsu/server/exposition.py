"""`GET /metrics`: the newest values in the Prometheus text format 0.0.4.

Prometheus wants base units in names. So that what is scraped passes its linter, `x_ms` is exposed as `x_seconds` with
its value divided by 1,000; a counter gets the suffix `_total` where it lacks it; a gauge whose name ends like a part of
a histogram (`_count`, `_sum`, `_bucket`) gets `_value` appended. Series that weren't
measured for five minutes are left out, as Prometheus does with stale ones.
"""

from __future__ import annotations

import asyncio
from collections.abc import Container
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from bongsu.model.catalogue import Catalogue
from bongsu.model.metric import Metric
from bongsu.model.query import Latest
from bongsu.ports import Clock, Newest
from bongsu.server.endpoint import Part
from bongsu.server.parameters import Parameters

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_PARTS_OF_HISTOGRAMS = ("_count", "_sum", "_bucket")
_RUN = 1_000
"""Series written before others get their turn: about 2 ms."""

STALE_MS = 5 * 60_000
UNDESCRIBED = "Sent to Bongsu without a description."


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposed:
    """The name under which Prometheus sees a metric, and what its values are divided by."""

    name: str
    divisor: float = 1.0


def exposed(metric: Metric, taken: Container[str] = ()) -> Exposed:
    """How a metric is called in the exposition; by its own name if the other is `taken`."""
    name, divisor = metric.name, 1.0
    if name.endswith("_ms"):
        name, divisor = name.removesuffix("_ms") + "_seconds", 1_000.0
    if metric.kind == "counter" and not name.endswith("_total"):
        name += "_total"
    elif name.endswith(_PARTS_OF_HISTOGRAMS):
        name += "_value"
    if name != metric.name and name in taken:
        return Exposed(name=metric.name)
    return Exposed(name=name, divisor=divisor)


class Exposition:
    """Handler of the route."""

    def __init__(self, *, live: Newest, catalogue: Catalogue, clock: Clock) -> None:
        self._live = live
        self._catalogue = catalogue
        self._clock = clock

    def routes(self) -> Part:
        """What this part adds to the server."""
        return (("GET", "/metrics", self.get),)

    async def get(self, request: Request) -> Response:
        """All fresh series, metric by metric."""
        Parameters(request.scope["query_string"], known=())
        since = self._clock.now() - STALE_MS
        metrics: dict[str, list[Latest]] = {}
        for one in self._live.latest():
            if one.at >= since:
                metrics.setdefault(one.metric, []).append(one)
        lines: list[str] = []
        written = 0
        for name, series in metrics.items():
            metric = self._catalogue.get(name)
            shape = exposed(metric, metrics)
            lines.append(
                f"# HELP {shape.name} {_escaped(metric.en or UNDESCRIBED)}\n# TYPE {shape.name} {metric.kind}\n"
            )
            for begin in range(0, len(series), _RUN):
                run = series[begin : begin + _RUN]
                lines += [f"{shape.name}{_labels(one)} {_number(one.value / shape.divisor)}\n" for one in run]
                written += len(run)
                if written >= _RUN:
                    written = 0
                    await asyncio.sleep(0)
        return Response("".join(lines).encode(), media_type=MEDIA_TYPE, headers={"cache-control": "no-store"})


def _labels(one: Latest) -> str:
    if not one.labels:
        return ""
    return "{" + ",".join(f'{name}="{_quoted(value)}"' for name, value in one.labels) + "}"


def _number(value: float) -> str:
    return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n")


def _quoted(text: str) -> str:
    return _escaped(text).replace('"', '\\"')
