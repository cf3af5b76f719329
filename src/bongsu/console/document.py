"""Mends the one HTML page that Streamlit sends: its language, title, icon, first paint and what it may load.

Streamlit writes `<html lang="en">` whatever is shown, preloads a font we don't use, and sets no policy.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from html import escape
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bongsu.console.gate import SIGN_IN
from bongsu.console.place import Place
from bongsu.console.words import Language, language_of, words

COOKIE = "bongsu_language"
"""Set by the language switch; cookies ignore ports, so board and console share it."""

_INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_CHARSET = re.compile(r'<meta\s+charset="[^"]*"\s*/?>', re.IGNORECASE)
_STREAMLIT = re.compile(r'<script type="module" crossorigin src="([^"]+)"></script>')
_TITLE = re.compile(r"<title>.*?</title>", re.DOTALL)
_DROPPED = re.compile(
    r'<link\s+(?:rel="preload"[^>]*?as="font"|rel="shortcut icon"|rel="service-desc")[^>]*>', re.DOTALL
)
_HOST = re.compile(r"^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+)(?::\d+)?$")


class Document:
    """ASGI middleware for HTML answers. `head` gives what stands first and last in `<head>`, for a page of that name
    in a language.
    """

    def __init__(self, app: ASGIApp, *, place: Place, head: Callable[[str, Language], tuple[str, str]]) -> None:
        self._app = app
        self._place = place
        self._head = head

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, with the page mended where it is one."""
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD") or scope["path"] == SIGN_IN:
            await self._app(scope, receive, send)
            return
        asked = Headers(scope=scope)
        is_page = "text/html" in asked.get("accept", "")
        kept = [pair for pair in scope["headers"] if not _hindering(scope["path"], pair[0], is_page=is_page)]
        scope = {**scope, "headers": kept}
        head: Message = {}
        parts: list[bytes] = []

        async def hold(message: Message) -> None:
            nonlocal head
            if message["type"] == "http.response.start":
                told = Headers(raw=message["headers"])
                if "content-encoding" in told or not told.get("content-type", "").startswith("text/html"):
                    await send(message)  # what is packed can't be mended
                    return
                head = message
                return
            if not head:
                await send(message)
                return
            parts.append(message.get("body", b""))
            if not message.get("more_body", False):
                language = chosen_language(scope, asked, self._place.language)
                page = self.mended(b"".join(parts).decode("utf-8"), language, _asked(scope, "page") or "")
                await self._answer(head, page, asked, send)

        await self._app(scope, receive, hold)

    def mended(self, page: str, language: Language, name: str = "") -> str:
        """The page in a language of ours, under the title of the page of that name."""
        said = words(language)
        title = f"{said.get(f'page.{name}', said('page.system'))} · {said('brand')}"
        page = _DROPPED.sub("", page).replace('<html lang="en">', f'<html lang="{language}" class="notranslate">', 1)
        page = _TITLE.sub(f"<title>{escape(title)}</title>", page, count=1)
        first, last = self._head(name, language)
        if first:  # Streamlit's own script waits for the live view: `start.js` adds it
            page = _STREAMLIT.sub(r'<meta name="bongsu-streamlit" content="\1" />', page, count=1)
        page = _CHARSET.sub(lambda found: f"{found[0]}\n{first}\n", page, count=1)
        return page.replace("</head>", f"{last}\n</head>", 1)

    async def _answer(self, head: Message, page: str, asked: Headers, send: Send) -> None:
        body = page.encode("utf-8")
        headers = MutableHeaders(raw=head["headers"])
        for name in ("etag", "last-modified"):
            if name in headers:
                del headers[name]
        headers["content-length"] = str(len(body))
        headers["cache-control"] = "no-cache"
        headers["content-security-policy"] = policy(page, asked.get("host", ""), self._place)
        headers["referrer-policy"] = "same-origin"
        headers["x-content-type-options"] = "nosniff"
        headers["cross-origin-opener-policy"] = "same-origin"
        headers["permissions-policy"] = "camera=(), microphone=(), geolocation=(), payment=(), usb=()"
        host = urlsplit("//" + asked.get("host", "")).hostname or ""
        if self._place.certificate and host not in ("localhost", "127.0.0.1", "::1"):
            headers["strict-transport-security"] = "max-age=31536000"
        headers.add_vary_header("cookie")
        await send(head)
        await send({"type": "http.response.body", "body": body})


def policy(page: str, host: str, place: Place) -> str:
    """What the page may load: its own files, its inline script by hash, the live socket, nothing from elsewhere.

    `blob:` carries a component's script as Streamlit loads it; styles are made at run time by its style engine.
    """
    hashes = " ".join(f"'sha256-{_digest(script)}'" for script in _INLINE.findall(page))
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' blob: {hashes}".rstrip(),
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            f"connect-src 'self' {' '.join(_sockets(host, place))}".rstrip(),
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            "frame-ancestors 'self'",
        )
    )


def _sockets(host: str, place: Place) -> list[str]:
    """Where the live socket may be opened, as sources of a policy."""
    if place.public_url:
        return [
            f"{'wss' if urlsplit(place.public_url).scheme == 'https' else 'ws'}://{urlsplit(place.public_url).netloc}"
        ]
    found = _HOST.match(host)
    return [f"{scheme}://{found[1]}:{place.live_port}" for scheme in ("ws", "wss")] if found else []


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def chosen_language(scope: Scope, headers: Headers, otherwise: Language) -> Language:
    """The page's language: `?lang=`, else the switch's cookie, else the browser's own, else the setting."""
    asked = _asked(scope, "lang")
    browser = headers.get("accept-language", "").partition(",")[0].partition(";")[0]
    return language_of(asked, cookie_language(headers.get("cookie", "")), browser, otherwise)


def _asked(scope: Scope, name: str) -> str | None:
    """What the address's query says under a name."""
    query: bytes = scope.get("query_string", b"")
    values = parse_qs(query.decode("latin-1")).get(name)
    return values[0] if values else None


def cookie_language(cookie: str) -> str | None:
    """What the language switch left in the browser's cookies."""
    try:
        morsel = SimpleCookie(cookie).get(COOKIE)
    except CookieError:
        return None
    return morsel.value if morsel else None


def _hindering(path: str, name: bytes, *, is_page: bool) -> bool:
    """Whether a request header asks for what a page that we change on the way can't be: unchanged, or compressed."""
    if "." in path.rsplit("/", 1)[-1]:
        return False
    return name in (b"if-none-match", b"if-modified-since") or (is_page and name == b"accept-encoding")
