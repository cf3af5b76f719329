"""`GET /api/v1/audit`: who changed what, and what automatic actions did, newest first."""

from __future__ import annotations

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from bongsu.ports import AuditRecords, Clock
from bongsu.server.endpoint import Part
from bongsu.server.parameters import UNITS_MS, Parameters
from bongsu.server.samples import JSON

_MOST = 1_000


class AuditTrail:
    """Handler of the route."""

    def __init__(self, *, audit: AuditRecords, clock: Clock) -> None:
        self._audit = audit
        self._clock = clock

    def table(self) -> Part:
        """Method, path and handler."""
        return (("GET", "/api/v1/audit", self.get),)

    async def get(self, request: Request) -> Response:
        """Entries from `start` on (a week ago), `limit` at most (200)."""
        asked = Parameters(request.scope["query_string"], known=("start", "limit"))
        now = self._clock.now()
        start = asked.time("start", now)
        entries = await self._audit.audit(
            start=now - 7 * UNITS_MS["d"] if start is None else start, limit=asked.number("limit", 200, most=_MOST)
        )
        body = {"at": now, "entries": entries}
        return Response(msgspec.json.encode(body), media_type=JSON, headers={"cache-control": "no-store"})
