"""The routes of the board: one page, its facts, its files."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bongsu.web.assets import STATIC, Assets
from bongsu.web.boot import Boot

BOARD = "/monitoring/dashboard"
BOOT = "/monitoring/boot.json"
SIGN_IN = "/signin"

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'self'",
    )
)
"""Nothing from elsewhere and nothing inline; `'self'` covers the live socket on the same port."""


def routes(boot: Callable[[], Boot], *, assets: Assets | None = None) -> list[Route]:
    """The board's routes; `boot` is asked at each page load, so that changed settings and new metrics show."""
    files = assets or Assets()
    page = (STATIC / "board.html").read_text(encoding="utf-8")

    async def board(_: Request) -> Response:
        return Response(render(page, boot(), files), headers=_headers(), media_type="text/html; charset=utf-8")

    async def facts(_: Request) -> Response:
        headers = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
        return Response(msgspec.json.encode(boot().body()), headers=headers, media_type="application/json")

    async def front(_: Request) -> Response:
        return RedirectResponse(BOARD, status_code=307)

    async def sign_in(_: Request) -> Response:
        return entrance(boot().language, files)

    return [Route("/", front), Route(BOARD, board), Route(SIGN_IN, sign_in), Route(BOOT, facts), *asset_routes(files)]


def asset_routes(assets: Assets | None = None) -> list[Route]:
    """The files alone: what the console mounts on its own port to draw its live parts with the same modules."""
    files = assets or Assets()
    return [Route("/assets/{path:path}", files.answer)]


def render(page: str, boot: Boot, assets: Assets) -> str:
    """The page with the addresses of this build's files, the first modules named so that they load at once."""
    prefix = f"/assets/{assets.digest}"
    preload = "\n".join(f'<link rel="modulepreload" href="{prefix}/{name}">' for name in assets.modules("overview"))
    return _fill(page.replace("{{modules}}", preload), boot.language, assets)


def entrance(language: str, assets: Assets) -> Response:
    """The page where one signs in; the console serves it on its own port too."""
    page = _fill((STATIC / "signin.html").read_text(encoding="utf-8"), language, assets)
    return Response(page, headers=_headers(), media_type="text/html; charset=utf-8")


def _fill(page: str, language: str, assets: Assets) -> str:
    """A page with the addresses of this build's files and its language."""
    from html import escape  # its table of entities (0.5 MiB) is for whoever shows a page

    return (
        page.replace("{{assets}}", f"/assets/{assets.digest}")
        .replace("{{language}}", escape(language))
        .replace("{{boot}}", BOOT)
    )


def _headers() -> dict[str, str]:
    return {
        "cache-control": "no-cache",
        "content-security-policy": POLICY,
        "referrer-policy": "same-origin",
        "x-content-type-options": "nosniff",
    }
