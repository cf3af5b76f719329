"""`GET /api/v1/processes`: the machine's busiest and largest processes."""

from __future__ import annotations

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from bongsu.model.errors import Unavailable
from bongsu.ports import Processes
from bongsu.server.parameters import Parameters
from bongsu.server.samples import JSON


class TopProcesses:
    """Handler of the route."""

    def __init__(self, *, processes: Processes) -> None:
        self._processes = processes

    async def get(self, request: Request) -> Response:
        """The newest list; 503 until the machine was read once."""
        Parameters(request.scope["query_string"], known=())
        top = self._processes.top()
        if top is None:
            raise Unavailable("processes haven't been read yet", hint="try again in a few seconds", retry_after=5)
        return Response(msgspec.json.encode(top), media_type=JSON, headers={"cache-control": "no-store"})
