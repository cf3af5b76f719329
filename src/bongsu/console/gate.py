"""The console's gate: before every page, file of a session and socket of Streamlit's it asks the server who is there.

The answer holds for a few seconds. Whoever must sign in is led to the page for it, which the console serves itself; a
socket whose session ended is closed. With the server away whoever was in stays, and who wasn't stays out.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from time import monotonic
from typing import Final
from urllib.parse import quote

import httpx
from starlette.datastructures import Headers
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bongsu.console.jar import no_jar
from bongsu.console.passport import cookie_in, shown
from bongsu.console.secure import verifying

HOLDS: Final = 3.0
"""Seconds for which an answer of the server's is believed."""
MOST: Final = 1_000
"""Visitors remembered."""
SIGN_IN: Final = "/signin"
SIGN_IN_AGAIN: Final = 4401
OPEN: Final = ("/healthz", SIGN_IN, "/api/v1/session", "/_stcore/health")
OPEN_BELOW: Final = ("/assets/", "/console/", "/plotly/", "/static/")
"""Scripts, styles and fonts: the same for everybody, and nothing of anybody's."""

Time = Callable[[], float]


class Visitors:
    """Who may see the console, by cookie."""

    def __init__(
        self,
        rest_url: str,
        *,
        token: Callable[[], str],
        certificate: str = "",
        transport: httpx.AsyncBaseTransport | None = None,
        time: Time = monotonic,
    ) -> None:
        """`token` tells what the console may pass on cookies with; `time` seconds that never go back.

        `certificate`: the file of the one that the server shows, where it speaks TLS.
        """
        self._client = httpx.AsyncClient(
            base_url=rest_url,
            transport=transport,
            timeout=3.0,
            trust_env=False,
            cookies=no_jar(),
            verify=verifying(certificate),
        )
        self._token = token
        self._certificate = certificate
        self._time = time
        self._known: OrderedDict[str, tuple[float, bool]] = OrderedDict()
        self._closed = False

    async def let_in(self, cookie: str) -> bool:
        """Whether whoever has this cookie (or none) may see the console."""
        key = hashlib.sha256(cookie.encode("utf-8", "replace")).hexdigest()
        known = self._known.get(key)
        if known is not None and self._time() < known[0]:
            return known[1]
        verdict = await self._ask(cookie)
        if verdict is None:
            verdict = known[1] if known is not None else not self._closed
        self._known[key] = (self._time() + HOLDS, verdict)
        self._known.move_to_end(key)
        while len(self._known) > MOST:
            self._known.popitem(last=False)
        return verdict

    def forget(self, cookie: str) -> None:
        """Ask anew the next time: whoever had this cookie signed in or out."""
        self._known.pop(hashlib.sha256(cookie.encode("utf-8", "replace")).hexdigest(), None)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._client.aclose()

    async def _ask(self, cookie: str) -> bool | None:
        """The server's word; None where it doesn't answer."""
        verifying(self._certificate)  # takes in a renewed one before a new connection needs it
        try:
            answer = await self._client.get("/api/v1/session", headers=shown(cookie, self._token()))
            view = answer.json()
            is_open, user = bool(view["open"]), view["user"]
        except (httpx.HTTPError, ValueError, KeyError, TypeError):
            return None
        self._closed = not is_open
        return is_open or user is not None


class ConsoleGate:
    """ASGI middleware: nothing passes but what is open to everybody and what `visitors` let in."""

    def __init__(self, app: ASGIApp, *, visitors: Visitors) -> None:
        self._app = app
        self._visitors = visitors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let pass, send to sign in, or refuse."""
        path = scope.get("path", "")
        if scope["type"] not in ("http", "websocket") or path in OPEN or path.startswith(OPEN_BELOW):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        cookie = cookie_in(headers.get("cookie", ""))
        let_in = await self._visitors.let_in(cookie)
        if scope["type"] == "websocket":
            await self._socket(scope, receive, send, cookie, let_in=let_in)
        elif let_in:
            await self._app(scope, receive, send)
        else:
            await _instead(scope, headers)(scope, receive, send)

    async def _socket(self, scope: Scope, receive: Receive, send: Send, cookie: str, *, let_in: bool) -> None:
        """A socket lasts for hours: each message asks again whether its session does."""
        if not let_in:
            await send({"type": "websocket.close", "code": SIGN_IN_AGAIN})
            return
        over = False

        async def hear() -> Message:
            message = await receive()
            if message["type"] == "websocket.receive" and not await self._visitors.let_in(cookie):
                await end()
                return {"type": "websocket.disconnect", "code": SIGN_IN_AGAIN}
            return message

        async def tell(message: Message) -> None:
            if over:
                return
            if message["type"] == "websocket.send" and not await self._visitors.let_in(cookie):
                await end()
            else:
                await send(message)

        async def end() -> None:
            nonlocal over
            if not over:
                over = True
                await send({"type": "websocket.close", "code": SIGN_IN_AGAIN})

        await self._app(scope, hear, tell)


def _instead(scope: Scope, headers: Headers) -> Response:
    if scope["method"] in ("GET", "HEAD") and "text/html" in headers.get("accept", ""):
        query = scope["query_string"].decode("latin-1")
        wanted = quote(scope["path"] + (f"?{query}" if query else ""), safe="")
        return RedirectResponse(f"{SIGN_IN}?next={wanted}", status_code=303, headers={"cache-control": "no-store"})
    problem = {
        "type": "urn:bongsu:problem:sign-in-needed",
        "title": "Sign in first",
        "status": 401,
        "detail": "this server has accounts",
    }
    return JSONResponse(problem, status_code=401, media_type="application/problem+json")
