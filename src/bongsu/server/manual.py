"""`GET /openapi.json`, and `GET /docs`: the same as a page, drawn by our own script and asking no other host."""

from __future__ import annotations

from pathlib import Path

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from bongsu.server.endpoint import Part
from bongsu.server.samples import JSON

PAGE = Path(__file__).parent / "page"
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "img-src 'self' data:",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)


class Manual:
    """Handler of these routes. The description is made and the files are read when they are first asked for."""

    def __init__(self, folder: Path = PAGE) -> None:
        self._folder = folder
        self._texts: dict[str, bytes] = {}

    def routes(self) -> Part:
        """What this part adds to the server."""
        return (
            ("GET", "/openapi.json", self.openapi),
            ("GET", "/docs", self.page),
            ("GET", "/docs/page.css", self.style),
            ("GET", "/docs/page.js", self.script),
        )

    async def openapi(self, request: Request) -> Response:  # noqa: ARG002 (a handler's shape)
        """The description."""
        text = self._texts.get(JSON) or self._texts.setdefault(JSON, _described())
        return Response(text, media_type=JSON, headers={"cache-control": "no-cache"})

    async def page(self, request: Request) -> Response:  # noqa: ARG002
        """The page."""
        return self._file("page.html", "text/html")

    async def style(self, request: Request) -> Response:  # noqa: ARG002
        """Its style."""
        return self._file("page.css", "text/css")

    async def script(self, request: Request) -> Response:  # noqa: ARG002
        """Its script."""
        return self._file("page.js", "text/javascript")

    def _file(self, name: str, media_type: str) -> Response:
        text = self._texts.get(name) or self._texts.setdefault(name, (self._folder / name).read_bytes())
        headers = {"cache-control": "no-cache", "content-security-policy": POLICY}
        return Response(text, media_type=media_type, headers=headers)


def _described() -> bytes:
    from bongsu.server.openapi import document  # 3 MiB of memory, which a server that nobody asks doesn't need

    return msgspec.json.encode(document())
