"""The console's own way to the server's REST answers, so that its live parts stay on one origin.

Only what those parts read is passed on, by GET, and nothing of a request but its query.
"""

from __future__ import annotations

import httpx
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

PATHS = (
    "/monitoring/boot.json",
    "/api/v1/metrics",
    "/api/v1/metrics/{name}/history",
    "/api/v1/query",
    "/api/v1/processes",
)
"""What the live parts read."""

_PASSED_ON = ("content-type", "cache-control", "etag")


class Relay:
    """Passes reads on to the server at `rest_url`; `transport` replaces the network (httpx)."""

    def __init__(self, rest_url: str, *, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._rest_url = rest_url
        self._transport = transport
        self._client: httpx.AsyncClient | None = None

    def routes(self) -> list[Route]:
        """One route a path of `PATHS`."""
        return [Route(path, self._pass, methods=["GET"]) for path in PATHS]

    async def open(self) -> None:
        """Make the connection pool; before, requests are answered 503."""
        self._client = httpx.AsyncClient(
            base_url=self._rest_url,
            transport=self._transport,
            timeout=httpx.Timeout(10.0, connect=2.0),
            limits=httpx.Limits(max_connections=16),
            trust_env=False,
        )

    async def close(self) -> None:
        """Let go of the connections."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def _pass(self, request: Request) -> Response:
        if self._client is None:
            return _away("the console is starting or stopping")
        try:
            answer = await self._client.get(request.url.path, params=request.url.query.encode())
        except httpx.HTTPError as error:
            return _away(f"{type(error).__name__}: {error}")
        headers = {name: answer.headers[name] for name in _PASSED_ON if name in answer.headers}
        return Response(answer.content, status_code=answer.status_code, headers=headers)


def _away(reason: str) -> JSONResponse:
    problem = {
        "type": "about:blank",
        "title": "The monitoring server can't be reached",
        "status": 503,
        "detail": reason,
        "hint": "start it with `bongsu up`; this page picks up by itself",
    }
    return JSONResponse(problem, status_code=503, headers={"retry-after": "2"}, media_type="application/problem+json")
