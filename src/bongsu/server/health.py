"""`GET /healthz`: the process answers. `GET /readyz`: everything it needs is there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from bongsu.model.errors import Unavailable
from bongsu.server.endpoint import Part
from bongsu.server.samples import JSON
from bongsu.version import __version__

Missing = Callable[[], Sequence[str]]
"""Tells what isn't ready, one short phrase each; nothing when all is."""


class Health:
    """Handler of both routes. `degraded` tells what is served all the same, but not as it should be."""

    def __init__(self, *, missing: Missing, degraded: Missing = tuple) -> None:
        self._missing = missing
        self._degraded = degraded

    def routes(self) -> Part:
        """What this part adds to the server."""
        return (("GET", "/healthz", self.alive), ("GET", "/readyz", self.ready))

    async def alive(self, request: Request) -> Response:  # noqa: ARG002 (a handler's shape)
        """200 as long as the event loop turns."""
        return _answer({"status": "alive", "version": __version__})

    async def ready(self, request: Request) -> Response:  # noqa: ARG002
        """200 when requests can be served, else 503 with what is missing."""
        missing = list(self._missing())
        if missing:
            raise Unavailable(f"not ready: {'; '.join(missing)}", hint="try again in a moment", retry_after=1)
        degraded = list(self._degraded())
        more: dict[str, object] = {"degraded": degraded} if degraded else {}
        return _answer({"status": "ready", "version": __version__, **more})


def _answer(content: Mapping[str, object]) -> Response:
    return Response(msgspec.json.encode(content), media_type=JSON, headers={"cache-control": "no-store"})
