"""`GET /api/v1/query` and its short form `GET /api/v1/metrics/{name}/history`: samples over time."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response

from bongsu.http.limits import ServerLimits
from bongsu.model.catalogue import Catalogue
from bongsu.model.errors import BadRequest, NotFound
from bongsu.model.query import AGGREGATIONS, TIERS, Points, RangeQuery
from bongsu.ports import Clock, History, Live, Prompt
from bongsu.server.endpoint import Pieces
from bongsu.server.json_text import series_text, series_texts
from bongsu.server.parameters import LONGEST, UNITS_MS, Parameters
from bongsu.server.points_text import Text
from bongsu.server.samples import JSON
from bongsu.server.usual_query import usual_query

QUERY = ("metric", "start", "end", "step", "agg", "tier")
HISTORY = ("hours", "step", "agg", "tier")

_HOUR = UNITS_MS["h"]
_GUESSED_INTERVAL = 10_000
"""Milliseconds between two samples of a series, as a guess before they are read; most come more often."""

_GUESSED_RAW = 7 * UNITS_MS["d"]
"""How long samples are kept as they were measured, as a guess."""

_POINTS_OF_SHORT_FORM = 1_440
_STEPS = tuple(1_000 * s for s in (1, 5, 10, 15, 30, 60, 300, 900, 3_600, 21_600, 86_400, 604_800))
HINT = "ask for a shorter range, a longer step or fewer series (label.NAME=value)"


class Queries:
    """Handler of both routes."""

    def __init__(
        self,
        *,
        history: History,
        prompt: Prompt | None,
        live: Live,
        catalogue: Catalogue,
        clock: Clock,
        limits: ServerLimits,
    ) -> None:
        self._history = history
        self._prompt = prompt
        self._live = live
        self._catalogue = catalogue
        self._clock = clock
        self._limits = limits

    async def query(self, request: Request) -> Response:
        """Any range, by steps or as it was measured; the last hour if nothing else is asked."""
        query = self._asked(request.scope["query_string"])
        self._check_size(query)
        return await self._answer(query, await self._history.range(query))

    def at_once(self, text: bytes) -> list[Text] | None:
        """The same from a query string, where the history has it at hand; None where it must be waited for.

        Raises:
            BadRequest: as `query`.
        """
        return self._told(self._asked(text))

    def usual_at_once(self, text: bytes) -> list[Text] | None:
        """The same where it is asked as boards, consoles and clients ask."""
        query = usual_query(text, self._limits.query_series + 1)
        return None if query is None else self._told(query)

    def _told(self, query: RangeQuery) -> list[Text] | None:
        series = self._prompt.at_once(query) if self._prompt is not None else None
        if series is None:
            return None
        self._check_answer(series)
        return series_texts(_head(query), series)

    def _asked(self, text: bytes) -> RangeQuery:
        limit = self._limits.query_series + 1
        return usual_query(text, limit) or self._read(text)

    def _read(self, text: bytes) -> RangeQuery:
        asked = Parameters(text, known=QUERY, labels=True)
        now = self._clock.now()
        end = asked.time("end", now)
        end = now + 1 if end is None else end
        start = asked.time("start", now)
        start = end - _HOUR if start is None else start
        if not 0 < end - start <= LONGEST or max(abs(start), abs(end)) > LONGEST:
            raise BadRequest(f"start {start} must be before end {end}, and both within 200 years of 1970")
        return self._checked(asked, asked.needed("metric"), start, end, asked.duration("step"))

    async def history(self, request: Request) -> Response:
        """The last hours of one metric, with a step that gives a drawable number of points."""
        asked = Parameters(request.scope["query_string"], known=HISTORY, labels=True)
        name = _metric_of(request.scope["path"])
        length = asked.hours("hours", 24)
        now = self._clock.now()
        step = asked.duration("step") or next((s for s in _STEPS if length <= s * _POINTS_OF_SHORT_FORM), _STEPS[-1])
        query = self._checked(asked, name, now + 1 - length, now + 1, step)
        self._check_size(query)
        series = await self._history.range(query)
        if not series and name not in self._catalogue and not self._live.latest(name):
            raise NotFound(f"there is no metric {name}", hint="GET /api/v1/metrics lists what there is")
        return await self._answer(query, series)

    def _checked(self, asked: Parameters, metric: str, start: int, end: int, step: int | None) -> RangeQuery:
        agg = asked.choice("agg", AGGREGATIONS)
        if agg is not None and step is None:
            raise BadRequest(f"agg={agg} needs a step", hint="add step=60s")
        return RangeQuery(
            metric=metric,
            labels=asked.labels(),
            start=start,
            end=end,
            step=step,
            agg=agg or "avg",
            tier=asked.choice("tier", TIERS) or "auto",
            limit=self._limits.query_series + 1,
        )

    def _check_size(self, query: RangeQuery) -> None:
        """Refuse beforehand what would be far too much to read; only what was read is counted exactly."""
        length = query.end - query.start
        points = -(-length // query.step) if query.step else min(length, _GUESSED_RAW) // _GUESSED_INTERVAL
        if points * query.limit > self._limits.query_points:
            series = len(self._live.latest(query.metric, query.labels)) or 1
            self._check_points(min(series, query.limit) * points)

    async def _answer(self, query: RangeQuery, series: Sequence[Points]) -> Response:
        self._check_answer(series)
        pieces = await series_text(_head(query), series)
        return Pieces(pieces, media_type=JSON, headers={"cache-control": "no-store"})

    def _check_answer(self, series: Sequence[Points]) -> None:
        if len(series) > self._limits.query_series:
            raise BadRequest(f"more than {self._limits.query_series} series match", hint=HINT)
        count = 0
        for points in series:
            count += len(points.at)
        self._check_points(count)

    def _check_points(self, count: int) -> None:
        if count > self._limits.query_points:
            raise BadRequest(f"the answer would have {count} points; at most {self._limits.query_points}", hint=HINT)


def _head(query: RangeQuery) -> dict[str, object]:
    return {"start": query.start, "end": query.end, "step": query.step, "agg": query.agg if query.step else None}


def _metric_of(path: str) -> str:
    return path.removeprefix("/api/v1/metrics/").removesuffix("/history")
