from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import httpx
import pytest
import streamlit
from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.types import Receive, Scope, Send

from bongsu.console.document import Document, chosen_language, cookie_language, policy
from bongsu.console.place import Place

INDEX = (Path(streamlit.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")
PLACE = Place(rest_url="http://127.0.0.1:8080", live_port=8765)


async def streamlit_like(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers as Streamlit's static files do."""
    if scope["path"] == "/plain":
        await PlainTextResponse("as it is", headers={"etag": '"1"'})(scope, receive, send)
        return
    conditional = "if-none-match" in Headers(scope=scope)
    answer = HTMLResponse(INDEX, status_code=304 if conditional else 200, headers={"etag": '"streamlit"'})
    await answer(scope, receive, send)


def _client(place: Place = PLACE) -> httpx.AsyncClient:
    app = Document(
        streamlit_like, place=place, head=lambda *_: ("<i>first</i>", '<link rel="icon" href="/console/x/icon.svg" />')
    )
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost:8501")


async def test_the_page_is_mended() -> None:
    """Language, title and icon are ours, and the font that nobody uses isn't fetched."""
    async with _client() as client:
        page = (await client.get("/")).text
    assert '<html lang="ko"' in page
    assert "<title>시스템 상태 · 봉수</title>" in page
    assert page.count('rel="icon"') == 1
    assert page.index("<i>first</i>") < page.index("<script"), "ours begins before Streamlit's"
    assert '<meta name="bongsu-streamlit" content="./static/js/index' in page, "whose own waits to be started"
    assert '<script type="module"' not in page
    assert "shortcut icon" not in page
    assert 'as="font"' not in page
    assert 'rel="service-desc"' not in page
    assert INDEX.count("modulepreload") == page.count("modulepreload"), "Streamlit's own preloads stay"


async def test_each_page_begins_with_its_own_title_and_comes_uncompressed_to_us() -> None:
    """The alerts page is called so before its script runs; Streamlit isn't let compress what must be mended."""

    async def compressing(scope: Scope, receive: Receive, send: Send) -> None:
        packed = "gzip" in Headers(scope=scope).get("accept-encoding", "")
        await HTMLResponse(b"\x1f\x8b" if packed else INDEX)(scope, receive, send)

    app = Document(compressing, place=PLACE, head=lambda *_: ("", ""))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost:8501") as client:
        answer = await client.get("/?page=alerts", headers={"accept": "text/html,*/*", "accept-encoding": "gzip"})
    assert "<title>알림 시스템 · 봉수</title>" in answer.text


async def test_length_and_freshness_are_those_of_the_mended_page() -> None:
    """The length fits, and no tag of the unmended page lets a browser keep the wrong language."""
    async with _client() as client:
        answer = await client.get("/", headers={"if-none-match": '"streamlit"'})
    assert answer.status_code == 200
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert "etag" not in answer.headers
    assert "cookie" in answer.headers["vary"]


async def test_other_answers_pass_untouched() -> None:
    """What isn't HTML keeps its body and its tag."""
    async with _client() as client:
        answer = await client.get("/plain")
    assert (answer.text, answer.headers["etag"]) == ("as it is", '"1"')
    assert "content-security-policy" not in answer.headers


async def test_the_policy_lets_in_what_the_page_holds_and_nothing_else() -> None:
    """The inline script is named by hash, the socket by its address; nothing may be asked from elsewhere."""
    async with _client() as client:
        answer = await client.get("/")
    said = answer.headers["content-security-policy"]
    script = answer.text.partition("<script>")[2].partition("</script>")[0]
    assert base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() in said
    assert "connect-src 'self' ws://localhost:8765 wss://localhost:8765;" in said
    assert "http:" not in said.replace("https:", "")
    assert "unsafe-eval" not in said


@pytest.mark.parametrize(
    ("host", "public_url", "sockets"),
    [
        ("127.0.0.1:8501", "", "ws://127.0.0.1:8765 wss://127.0.0.1:8765"),
        ("[::1]:8501", "", "ws://[::1]:8765 wss://[::1]:8765"),
        ("a b; script-src *", "", ""),
        ("localhost", "https://monitor.example/x", "wss://monitor.example"),
    ],
)
def test_the_socket_is_where_browsers_open_it(host: str, public_url: str, sockets: str) -> None:
    """The policy names the page's own host, or the proxy's; a forged Host writes nothing into it."""
    place = Place(rest_url="http://127.0.0.1:8080", public_url=public_url)
    assert f"connect-src 'self' {sockets}".rstrip() + ";" in policy("", host, place)


@pytest.mark.parametrize(
    ("query", "cookie", "browser", "language"),
    [
        (b"", "", "", "ko"),
        (b"", "", "en-US,en;q=0.9", "en"),
        (b"", "", "de-DE,en;q=0.9", "ko"),
        (b"lang=en", "", "ko-KR", "en"),
        (b"lang=en", "bongsu_language=ko", "", "en"),
        (b"lang=xx", "a=1; bongsu_language=en", "ko-KR", "en"),
        (b"lang=%3Cscript%3E", "", "", "ko"),
    ],
)
def test_the_language_is_the_address_the_switch_the_browser_the_setting(
    query: bytes, cookie: str, browser: str, language: str
) -> None:
    """What was asked for in the address goes first, then the switch, the browser's own language, the setting."""
    headers = Headers({"cookie": cookie, "accept-language": browser})
    assert chosen_language({"type": "http", "query_string": query}, headers, "ko") == language


def test_a_broken_cookie_is_no_wish() -> None:
    """Cookies that can't be read are passed over."""
    assert cookie_language("bongsu_language") is None
    assert cookie_language("\x00=;;;") is None
