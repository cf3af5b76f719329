"""The ASGI application: every route, composed from the ports it reads."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from starlette.routing import BaseRoute, Route, Router

from bongsu.access_ports import Visitors
from bongsu.http.crowd import Crowd
from bongsu.http.limits import ServerLimits
from bongsu.model.catalogue import Catalogue
from bongsu.ports import Clock, History, Intake, Live, Processes, Prompt
from bongsu.server.body import BodyReader
from bongsu.server.door import Answered, Door
from bongsu.server.endpoint import Endpoint, Part
from bongsu.server.exposition import Exposition
from bongsu.server.gate import Gate
from bongsu.server.health import Health, Missing
from bongsu.server.hosts import Hosts, Origins
from bongsu.server.latest import LatestMetrics
from bongsu.server.manual import Manual
from bongsu.server.processes import TopProcesses
from bongsu.server.proxies import Proxies
from bongsu.server.query import Queries
from bongsu.server.samples import Samples


def build(
    *,
    intake: Intake,
    history: History,
    live: Live,
    catalogue: Catalogue,
    clock: Clock,
    missing: Missing,
    degraded: Missing = tuple,
    processes: Processes,
    prompt: Prompt | None = None,
    limits: ServerLimits | None = None,
    allowed_hosts: Collection[str] = (),
    allowed_origins: Collection[str] = (),
    web_routes: Sequence[BaseRoute] = (),
    parts: Iterable[Part] = (),
    answered: Answered | None = None,
    secure: bool = False,
    crowd: Crowd | None = None,
    visitors: Visitors | None = None,
    proxies: Proxies | None = None,
) -> Door:
    """The application. `missing` tells what isn't ready, `degraded` what isn't as it should be.

    `web_routes` are the board's, `parts` further ones; `prompt` answers small questions of the past without a thread;
    `answered` is told of each request.
    `secure`: browsers are told to come over TLS alone from now on. `crowd` bounds connections and requests.
    `visitors` says who comes (without it nobody is asked), `proxies` where they come from.
    """
    limits = limits or ServerLimits()
    samples = Samples(intake=intake, bodies=BodyReader(limits))
    latest = LatestMetrics(live=live, catalogue=catalogue, clock=clock)
    queries = Queries(history=history, prompt=prompt, live=live, catalogue=catalogue, clock=clock, limits=limits)
    exposition = Exposition(live=live, catalogue=catalogue, clock=clock)
    top = TopProcesses(processes=processes)
    health = Health(missing=missing, degraded=degraded)
    manual = Manual()
    table: Part = (
        ("POST", "/api/v1/samples", samples.post),
        ("GET", "/api/v1/query", queries.query),
        *latest.routes(),
        ("GET", "/api/v1/metrics/{name}/history", queries.history),
        ("GET", "/api/v1/processes", top.get),
        *exposition.routes(),
        *health.routes(),
        *manual.routes(),
        *(entry for part in parts for entry in part),
    )
    endpoints = {(method, path): Endpoint(handle, name=f"{method} {path}") for method, path, handle in table}
    own = [Route(path, endpoint, methods=[method]) for (method, path), endpoint in endpoints.items()]
    routes = [*own, *web_routes]
    return Door(
        router=Router(routes, redirect_slashes=False),
        gate=Gate(visitors, routes=routes, proxies=proxies) if visitors else None,
        shortcuts={key: endpoint for key, endpoint in endpoints.items() if "{" not in key[1]},
        hosts=Hosts(allowed_hosts),
        origins=Origins(allowed_origins),
        prompt={b"/api/v1/query": queries},
        answered=answered,
        secure=secure,
        crowd=crowd,
    )
