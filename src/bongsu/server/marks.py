"""`/api/v1/marks`: deploys, campaigns and changes of state on the timeline."""

from __future__ import annotations

from typing import Literal

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from bongsu.check_ports import Marks
from bongsu.model.errors import BadRequest, NotFound
from bongsu.model.mark import MARK_KINDS, Mark
from bongsu.ports import Clock
from bongsu.server.endpoint import Part
from bongsu.server.identity import spoken_by
from bongsu.server.json_body import JsonBodies
from bongsu.server.parameters import UNITS_MS, Parameters
from bongsu.server.samples import JSON

MOST = 1_000
"""Marks in one answer; the newest where there are more."""
LABEL = 120
"""Characters of a label: it stands beside a hairline."""
_PAST, _FUTURE = 3 * 366 * UNITS_MS["d"], 366 * UNITS_MS["d"]
_YEAR_9999 = 253_402_300_799_000


class Sent(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A mark as it is sent; without `at` (UTC ms) it is of now."""

    label: str
    kind: Literal["deploy", "campaign", "note"] = "note"
    at: int | None = None
    by: str = ""
    link: str = ""


_DECODER = msgspec.json.Decoder(Sent)


class TimelineMarks:
    """Handler of the routes."""

    def __init__(self, *, marks: Marks, clock: Clock, bodies: JsonBodies) -> None:
        self._marks = marks
        self._clock = clock
        self._bodies = bodies

    def routes(self) -> Part:
        """The routes of this part."""
        return (
            ("GET", "/api/v1/marks", self.get),
            ("POST", "/api/v1/marks", self.post),
            ("DELETE", "/api/v1/marks/{id}", self.delete),
        )

    async def get(self, request: Request) -> Response:
        """Marks of a range (the last day if nothing else is asked), oldest first."""
        asked = Parameters(request.scope["query_string"], known=("start", "end", "kind"))
        now = self._clock.now()
        end = asked.time("end", now)
        end = now + _FUTURE if end is None else end
        start = asked.time("start", now)
        start = min(now, end) - UNITS_MS["d"] if start is None else start
        if start >= end or max(abs(start), abs(end)) > _YEAR_9999:
            raise BadRequest(f"start {start} must be before end {end}")
        kind = asked.choice("kind", MARK_KINDS)
        found = await self._marks.marks(start=start, end=end, limit=MOST)
        return _answer({"at": now, "marks": [one for one in found if kind in (None, one.kind)]})

    async def post(self, request: Request) -> Response:
        """Take a mark; answers once it is kept."""
        sent = await self._bodies.read(request, _DECODER)
        now = self._clock.now()
        label = " ".join(sent.label.split())
        if not label or len(label) > LABEL:
            raise BadRequest(f"label has {len(label)} characters", hint=f"a few words, {LABEL} characters at most")
        if len(sent.by) > LABEL or len(sent.link) > 2_000:
            raise BadRequest("by or link is too long")
        if sent.link and not sent.link.startswith(("https://", "http://")):
            raise BadRequest("link is no http(s) address")
        at = now if sent.at is None else sent.at
        if not now - _PAST <= at <= now + _FUTURE:
            raise BadRequest(f"at is {at}", hint="UTC milliseconds, within three years back and one ahead")
        by = spoken_by(request, sent.by)
        mark = await self._marks.add(Mark(id="", at=at, kind=sent.kind, label=label, by=by, link=sent.link))
        return _answer({"mark": mark})

    async def delete(self, request: Request) -> Response:
        """Take a mark away again."""
        mark_id = request.path_params["id"]
        if not await self._marks.remove(mark_id):
            raise NotFound("there is no such mark", hint="GET /api/v1/marks lists them")
        return _answer({"removed": mark_id})


def _answer(body: object) -> Response:
    return Response(msgspec.json.encode(body), media_type=JSON, headers={"cache-control": "no-store"})
