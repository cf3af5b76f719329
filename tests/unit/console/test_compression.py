from __future__ import annotations

import gzip

import httpx
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from bongsu.console.compression import Compression

SCRIPT = "export const a = 1;\n" * 500


class Files:
    """Answers scripts, and counts."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"]
        self.asked.append(path)
        answer: Response = PlainTextResponse(SCRIPT + path, media_type="text/javascript")
        if path.endswith(".woff2"):
            answer = Response(b"\x00" * 9_000, media_type="font/woff2")
        if path.endswith("missing.js"):
            answer = PlainTextResponse("no" * 900, status_code=404)
        await answer(scope, receive, send)


def _client(app: Compression, encoding: str = "gzip") -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://localhost", headers={"accept-encoding": encoding}
    )


async def test_scripts_are_compressed() -> None:
    """A script arrives compressed, says so, and inflates to what it was."""
    async with _client(Compression(Files())) as client:
        answer = await client.get("/static/js/index.1.js")
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.text == SCRIPT + "/static/js/index.1.js"
    assert int(answer.headers["content-length"]) < len(SCRIPT) / 10
    assert "accept-encoding" in answer.headers["vary"].lower()


async def test_what_gains_nothing_is_left_alone() -> None:
    """Fonts, errors, ranges, other paths and browsers that don't ask get what was there."""
    app = Compression(Files())
    async with _client(app) as client:
        for path in ("/static/media/a.woff2", "/static/js/missing.js", "/api/v1/metrics"):
            assert "content-encoding" not in (await client.get(path)).headers, path
        assert "content-encoding" not in (await client.get("/static/a.js", headers={"range": "bytes=0-9"})).headers
    async with _client(app, encoding="identity") as client:
        assert "content-encoding" not in (await client.get("/static/a.js")).headers


async def test_kept_copies_are_bounded() -> None:
    """The least recently asked for copies make room; answers stay right."""
    app = Compression(Files(), room=2 * len(gzip.compress(SCRIPT.encode() + b"/static/0.js", 6)) + 40)
    async with _client(app) as client:
        for number in (0, 1, 0, 2, 0, 1):
            assert (await client.get(f"/static/{number}.js")).text.endswith(f"/static/{number}.js")
    assert list(app._kept) == ["/static/0.js", "/static/1.js"]
    assert app._bytes == sum(map(len, app._kept.values()))
