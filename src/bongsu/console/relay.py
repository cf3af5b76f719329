"""The console's own way to the server's REST answers, so that its live parts stay on one origin.

Only what those parts read and command is passed on, and nothing of a request but its query and its JSON body. A
command must come from a page of the console: it carries JSON, which no other site's page can send unasked, and the
Origin of this very host.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

import httpx
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bongsu.console.jar import no_jar
from bongsu.console.passport import COOKIE, cookie_in, shown
from bongsu.console.secure import verifying

_ALERT = "/api/v1/alerts/{id}"
_RULE = "/api/v1/rules/{id}"
_SETTINGS = "/api/v1/settings"
READS = (
    "/monitoring/boot.json",
    "/api/v1/session",
    "/api/v1/metrics",
    "/api/v1/metrics/{name}/history",
    "/api/v1/query",
    "/api/v1/processes",
    "/api/v1/services",
    "/api/v1/shop",
    "/api/v1/checks",
    "/api/v1/connections",
    "/api/v1/marks",
    "/api/v1/anomalies",
    "/api/v1/anomalies/band",
    "/api/v1/quality",
    "/api/v1/quality/{feed}.csv",
    "/api/v1/quality/{feed}",
    "/api/v1/quality/{feed}/{symbol:path}",
    "/api/v1/alerts",
    _ALERT,
    "/api/v1/rules",
    _RULE,
    f"{_RULE}/versions",
    "/api/v1/silences",
    "/api/v1/channels",
    "/api/v1/notifications",
    _SETTINGS,
    f"{_SETTINGS}/versions",
    f"{_SETTINGS}/export",
    f"{_SETTINGS}/schema",
)
"""What the live parts read."""

COMMANDS = (
    ("POST", "/api/v1/session"),
    ("DELETE", "/api/v1/session"),
    ("POST", f"{_ALERT}/acknowledge"),
    ("POST", f"{_ALERT}/unacknowledge"),
    ("POST", f"{_ALERT}/resolve"),
    ("POST", "/api/v1/rules"),
    ("POST", "/api/v1/rules/preview"),
    ("POST", "/api/v1/rules/backtest"),
    ("PUT", _RULE),
    ("DELETE", _RULE),
    ("POST", f"{_RULE}/rollback"),
    ("POST", "/api/v1/silences"),
    ("DELETE", "/api/v1/silences/{id}"),
    ("POST", "/api/v1/channels/{name}/test"),
    ("POST", "/api/v1/notifications/{id}/resend"),
    ("PUT", _SETTINGS),
    ("POST", f"{_SETTINGS}/preview"),
    ("POST", f"{_SETTINGS}/rollback"),
)
"""What the live parts command."""

MOST_BYTES = 256 * 1024
"""Of a command's body."""

_PASSED_ON = ("content-type", "cache-control", "etag", "retry-after")
_SAID = ("x-csrf-token", "user-agent")
"""Of the visitor's headers: what proves that a command is meant, and which browser it is."""
_JSON = "application/json"


class Relay:
    """Passes requests on to the server at `rest_url`, as whoever asks; `transport` replaces the network (httpx).

    `token` tells what the console may pass on cookies and addresses with; `changed` hears the cookie of whoever signed
    in or out. `certificate`: the file of the one that the server shows, where it speaks TLS.
    """

    def __init__(
        self,
        rest_url: str,
        *,
        certificate: str = "",
        transport: httpx.AsyncBaseTransport | None = None,
        token: Callable[[], str] = lambda: "",
        changed: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._token = token
        self._changed = changed
        self._rest_url = rest_url
        self._certificate = certificate
        self._transport = transport
        self._client: httpx.AsyncClient | None = None

    def routes(self) -> list[Route]:
        """One route a path of `READS`, then one a path of `COMMANDS`."""
        reads = [Route(path, self._read, methods=["GET"]) for path in READS]
        return [*(Route(path, self._command, methods=[method]) for method, path in COMMANDS), *reads]

    async def open(self) -> None:
        """Make the connection pool; before, requests are answered 503."""
        self._client = httpx.AsyncClient(
            base_url=self._rest_url,
            transport=self._transport,
            timeout=httpx.Timeout(10.0, connect=2.0),
            limits=httpx.Limits(max_connections=16),
            trust_env=False,
            verify=verifying(self._certificate),
            cookies=no_jar(),
        )

    async def close(self) -> None:
        """Let go of the connections."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def _read(self, request: Request) -> Response:
        return await self._pass(request, None)

    async def _command(self, request: Request) -> Response:
        if not _from_our_page(request):
            return _problem(403, "This command doesn't come from a page of this console")
        if request.method != "DELETE" and request.headers.get("content-type", "").partition(";")[0].strip() != _JSON:
            return _problem(415, "A command carries JSON")
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > MOST_BYTES:
                return _problem(413, f"A command has {MOST_BYTES} bytes at most")
        return await self._pass(request, bytes(body))

    async def _pass(self, request: Request, body: bytes | None) -> Response:
        if self._client is None:
            return _away("the console is starting or stopping")
        verifying(self._certificate)  # takes in a renewed one before a new connection needs it
        token = self._token()
        cookie = cookie_in(request.headers.get("cookie", ""))
        headers = shown(cookie, token) | {name: request.headers[name] for name in _SAID if name in request.headers}
        if token:
            headers |= _way(request)
        if body:
            headers["content-type"] = _JSON
        try:
            answer = await self._client.request(
                request.method, request.url.path, params=request.url.query.encode(), content=body, headers=headers
            )
        except httpx.HTTPError as error:
            return _away(f"{type(error).__name__}: {error}")
        kept = {name: answer.headers[name] for name in _PASSED_ON if name in answer.headers}
        passed = Response(answer.content, status_code=answer.status_code, headers=kept)
        for value in answer.headers.get_list("set-cookie"):
            if value.startswith(f"{COOKIE}="):
                passed.headers.append("set-cookie", value)
                self._changed(cookie)
        return passed


def _way(request: Request) -> dict[str, str]:
    """Where the visitor is and whether they speak TLS: what proxies before us say, our own neighbour at its end."""
    peer = request.client.host if request.client else ""
    before = [*request.headers.getlist("x-forwarded-for"), *([peer] if peer else [])]
    scheme = request.headers.get("x-forwarded-proto", request.url.scheme)
    return {"x-forwarded-for": ", ".join(before), "x-forwarded-proto": scheme}


def _from_our_page(request: Request) -> bool:
    """Whether the browser says so; a request without an Origin comes from no browser's page."""
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")


def _problem(status: int, title: str) -> JSONResponse:
    return JSONResponse(
        {"type": "about:blank", "title": title, "status": status, "detail": title},
        status_code=status,
        media_type="application/problem+json",
    )


def _away(reason: str) -> JSONResponse:
    problem = {
        "type": "about:blank",
        "title": "The monitoring server can't be reached",
        "status": 503,
        "detail": reason,
        "hint": "start it with `bongsu up`; this page picks up by itself",
    }
    return JSONResponse(problem, status_code=503, headers={"retry-after": "2"}, media_type="application/problem+json")
