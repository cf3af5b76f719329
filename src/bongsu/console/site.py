"""What the console serves beside Streamlit's own: the board's modules, the relay, health, styles."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from html import escape
from importlib.metadata import distribution, version
from importlib.resources import files
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bongsu.console.bounds import Bounds
from bongsu.console.compression import Compression
from bongsu.console.document import Document
from bongsu.console.gate import SIGN_IN, ConsoleGate, Visitors
from bongsu.console.menu import LIVE, bar_of, live_of
from bongsu.console.passport import console_token
from bongsu.console.place import Place
from bongsu.console.relay import Relay
from bongsu.console.secure import Renewal
from bongsu.console.words import Language, words
from bongsu.http.limits import ServerLimits
from bongsu.tls import KeyFiles
from bongsu.web import Assets, asset_routes
from bongsu.web.assets import FOREVER
from bongsu.web.pages import entrance

PLOTLY = f"/plotly/{version('plotly')}.js"
"""The library of the very Plotly that makes the figures; its address changes with its version."""

_PLOTLY_FILE = Path(str(distribution("plotly").locate_file("plotly/package_data/plotly.min.js")))
LOOPBACK = ("localhost", "127.0.0.1", "[::1]", "::1")
_OWN = {
    "figure.js": "text/javascript; charset=utf-8",
    "saving.js": "text/javascript; charset=utf-8",
    "bar.js": "text/javascript; charset=utf-8",
    "live.js": "text/javascript; charset=utf-8",
    "drawing.js": "text/javascript; charset=utf-8",
    "start.js": "text/javascript; charset=utf-8",
    "early.js": "text/javascript; charset=utf-8",
    "console.css": "text/css; charset=utf-8",
}


class Companion(Protocol):
    """Something that lives as long as the console does."""

    async def start(self) -> None:
        """Begin; returns soon."""
        ...

    async def stop(self) -> None:
        """End, and wait for it."""
        ...


class Site:
    """Everything `st.App` wants beside the page script: `routes`, `middleware`, `lifespan`, `secrets`."""

    def __init__(
        self,
        place: Place,
        *,
        hosts: Sequence[str] = (),
        companions: Sequence[Companion] = (),
        tls: KeyFiles | None = None,
        limits: ServerLimits | None = None,
    ) -> None:
        """`tls`: what Streamlit speaks TLS with, where it isn't what its options name; `limits` bound connections."""
        self._place = place
        self._tls = tls
        self._limits = limits or ServerLimits()
        public = urlsplit(place.public_url).hostname
        self._hosts = [*LOOPBACK, *hosts, *([public] if public else [])]
        self._companions = tuple(companions)
        self._visitors = Visitors(place.rest_url, token=console_token, certificate=place.certificate)
        self._relay = Relay(
            place.rest_url,
            certificate=place.certificate,
            token=console_token,
            changed=self._visitors.forget,
        )
        self._assets = Assets()
        self._files = {name: files("bongsu.console").joinpath("static", name).read_bytes() for name in _OWN}
        self._heads: dict[tuple[str, Language], tuple[str, str]] = {}
        self._digest = hashlib.sha256(b"".join(self._files.values())).hexdigest()[:16]

    @property
    def place(self) -> Place:
        """Where the server is."""
        return self._place

    def secrets(self) -> dict[str, Any]:
        """What the page script needs to know."""
        served = {"board": self.board_prefix, "console": self.console_prefix, "plotly": PLOTLY}
        return self._place.secrets() | {"assets": served}

    @property
    def board_prefix(self) -> str:
        """Address of the board's modules; it changes when one of them does."""
        return f"/assets/{self._assets.digest}"

    @property
    def console_prefix(self) -> str:
        """Address of the console's own files; it changes when one of them does."""
        return f"/console/{self._digest}"

    def routes(self) -> list[BaseRoute]:
        """Routes of our own; Streamlit's come after them."""
        return [
            Route("/healthz", self._health, methods=["GET"]),
            Route(SIGN_IN, self._sign_in, methods=["GET"]),
            Route("/console/{digest}/{name}", self._file, methods=["GET"]),
            Route(PLOTLY, self._plotly, methods=["GET"]),
            *asset_routes(self._assets),
            *self._relay.routes(),
        ]

    def middleware(self) -> list[Middleware]:
        """Outermost first: bounds of connections, the renewed certificate, names we answer to, who comes, the mended
        page, compression.
        """
        return [
            Middleware(Bounds, limits=self._limits),
            Middleware(Renewal, files=self._tls),
            Middleware(TrustedHostMiddleware, allowed_hosts=self._hosts, www_redirect=False),
            Middleware(ConsoleGate, visitors=self._visitors),
            Middleware(Document, place=self._place, head=self.head),
            Middleware(Compression),
        ]

    def lifespan(self) -> Callable[[Any], AbstractAsyncContextManager[dict[str, Any] | None]]:
        """Opens the relay and starts the companions; ends them in the opposite order."""

        @asynccontextmanager
        async def living(_: Any) -> AsyncIterator[dict[str, Any] | None]:
            await self._relay.open()
            for companion in self._companions:
                await companion.start()
            try:
                yield None
            finally:
                for companion in reversed(self._companions):
                    await companion.stop()
                await self._relay.close()
                await self._visitors.close()

        return living

    def head(self, name: str = "", language: Language = "ko") -> tuple[str, str]:
        """What stands first in the head of the page of that name: what draws the live view while Streamlit still
        starts, before whose scripts it must come; and what stands last: icon and styles.
        """
        current = name or next(iter(LIVE))
        key = (current if current in LIVE else "", language)
        if key not in self._heads:
            self._heads[key] = self._head(*key)
        return self._heads[key]

    def _head(self, current: str, language: Language) -> tuple[str, str]:
        """The head of one page; the empty name stands for any without a live view."""
        board, console = self.board_prefix, self.console_prefix
        said = words(language)
        early: dict[str, Any] = {"bar": bar_of(board, said, list(LIVE), current, demo=False)}
        modules = [f"{console}/{own}" for own in ("bar.js", "live.js", "drawing.js", "early.js")]
        if current in LIVE:
            early["live"] = live_of(LIVE[current], self._place.live(), board, said)
            modules += [f"{board}/{one}" for one in self._assets.modules(LIVE[current])]
        fetched = ["/monitoring/boot.json", f"{board}/i18n/{language}.json"]
        first = [
            f'<meta name="bongsu-early" content="{escape(json.dumps(early, ensure_ascii=False))}" />',
            f'<script type="module" async fetchpriority="high" src="{console}/early.js"></script>',
            *(f'<link rel="modulepreload" href="{module}" />' for module in modules),
            *(f'<link rel="preload" as="fetch" crossorigin="anonymous" href="{one}" />' for one in fetched),
        ]
        last = [
            f'<script defer src="{console}/start.js"></script>',
            f'<link rel="icon" type="image/svg+xml" href="{board}/beacon.svg" />',
            *(f'<link rel="stylesheet" href="{sheet}" />' for sheet in (f"{board}/tokens.css", f"{board}/board.css")),
            f'<link rel="stylesheet" href="{console}/console.css" />',
        ]
        return "\n".join(first), "\n".join(last)

    async def _health(self, _: Request) -> Response:
        return JSONResponse({"status": "ok", "console": True})

    async def _sign_in(self, _: Request) -> Response:
        return entrance(self._place.language, self._assets)

    async def _plotly(self, _: Request) -> Response:
        return FileResponse(_PLOTLY_FILE, headers={"cache-control": FOREVER}, media_type="text/javascript")

    async def _file(self, request: Request) -> Response:
        name: str = request.path_params["name"]
        if name not in self._files:
            return Response("no such file\n", status_code=404, media_type="text/plain")
        pinned = request.path_params["digest"] == self._digest
        headers = {
            "cache-control": FOREVER if pinned else "no-cache",
            "x-content-type-options": "nosniff",
        }
        return Response(self._files[name], headers=headers, media_type=_OWN[name])
