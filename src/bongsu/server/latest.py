"""`GET /api/v1/metrics`: the newest value of every series."""

from __future__ import annotations

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from bongsu.model.catalogue import Catalogue
from bongsu.model.metric import TOPICS, Topic
from bongsu.model.query import Latest
from bongsu.ports import Clock, Live
from bongsu.server.parameters import Parameters
from bongsu.server.samples import JSON


class LatestMetrics:
    """Handler of the route."""

    def __init__(self, *, live: Live, catalogue: Catalogue, clock: Clock) -> None:
        self._live = live
        self._catalogue = catalogue
        self._clock = clock

    async def get(self, request: Request) -> Response:
        """The newest values, of one metric, of one topic, with some labels, or of all."""
        asked = Parameters(request.scope["query_string"], known=("metric", "topic"), labels=True)
        found = self._live.latest(asked.get("metric"), asked.labels())
        topic = asked.choice("topic", TOPICS)
        return Response(self._text(found, topic), media_type=JSON, headers={"cache-control": "no-store"})

    def _text(self, found: list[Latest], topic: Topic | None) -> bytes:
        entries = {name: self._catalogue.get(name) for name in {one.metric for one in found}}
        if topic is not None:
            found = [one for one in found if entries[one.metric].topic == topic]
        return msgspec.json.encode(
            {
                "at": self._clock.now(),
                "metrics": [
                    {
                        "metric": one.metric,
                        "labels": dict(one.labels),
                        "value": one.value,
                        "unit": entries[one.metric].unit,
                        "at": one.at,
                    }
                    for one in found
                ],
            }
        )
