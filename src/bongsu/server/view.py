"""The ASGI application of a viewer: what is newest it knows itself, everything else it asks the owner."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence

from starlette.routing import BaseRoute, Route, Router
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bongsu.http.crowd import Crowd
from bongsu.model.catalogue import Catalogue
from bongsu.model.errors import Unavailable
from bongsu.ports import Clock, Newest
from bongsu.server.door import Door
from bongsu.server.endpoint import Endpoint, Part
from bongsu.server.exposition import Exposition
from bongsu.server.health import Health, Missing
from bongsu.server.hosts import Hosts, Origins
from bongsu.server.latest import LatestMetrics
from bongsu.server.manual import Manual
from bongsu.server.owners_visitors import OwnersVisitors, ViewGate
from bongsu.server.relay import Relay

PASSED_ON = ("/api/v1/{path:path}", "/ack/{path:path}")
"""Where the owner answers, unless a route of the viewer's own does."""
_FACTS_SECONDS = 3.0


def build_view(
    *,
    live: Newest,
    own: Newest,
    catalogue: Catalogue,
    clock: Clock,
    missing: Missing,
    degraded: Missing,
    relay: Relay,
    allowed_hosts: Collection[str] = (),
    allowed_origins: Collection[str] = (),
    web_routes: Sequence[BaseRoute] = (),
    secure: bool = False,
    crowd: Crowd | None = None,
    visitors: OwnersVisitors | None = None,
) -> Door:
    """The application. `live` is what the owner told, `own` the viewer's own figures; see `server.app.build`.

    `visitors` says who comes, by the owner's word; without it nobody is asked.
    """
    latest = LatestMetrics(live=live, catalogue=catalogue, clock=clock)
    exposition = Exposition(live=own, catalogue=catalogue, clock=clock)
    health = Health(missing=missing, degraded=degraded)
    manual = Manual()
    table: Part = (*latest.routes(), *exposition.routes(), *health.routes(), *manual.routes())
    endpoints = {(method, path): Endpoint(handle, name=f"{method} {path}") for method, path, handle in table}
    routes = [Route(path, endpoint, methods=[method]) for (method, path), endpoint in endpoints.items()]
    passed_on = [Route(path, relay) for path in PASSED_ON]
    every = [*routes, *passed_on, *web_routes]
    return Door(
        router=Router(every, redirect_slashes=False),
        gate=ViewGate(visitors, routes=every) if visitors else None,
        shortcuts=endpoints,
        hosts=Hosts(allowed_hosts),
        origins=Origins(allowed_origins),
        secure=secure,
        crowd=crowd,
    )


class OwnerFirst:
    """The owner's answer to a GET, or the viewer's own where the owner is away or slow."""

    def __init__(self, relay: Relay, otherwise: ASGIApp) -> None:
        self._relay = relay
        self._otherwise = otherwise

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def told(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            async with asyncio.timeout(_FACTS_SECONDS):
                await self._relay(scope, receive, told)
        except (Unavailable, TimeoutError):
            if begun:
                raise
            await self._otherwise(scope, receive, send)
