"""What somebody who can reach our doors might try, held against the whole server."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import websockets
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route
from websockets.typing import Origin

from bongsu.app import App
from bongsu.console.place import Place
from bongsu.console.site import Site
from bongsu.settings.faults import SettingsError
from bongsu.settings.load import load

EVIL = "evil.example"
METADATA = (
    "169.254.169.254",
    "2852039166",
    "0xA9FEA9FE",
    "0251.0376.0251.0376",
    "[::ffff:169.254.169.254]",
    "[fe80::1]",
    "[fd00:ec2::254]",
    "100.100.100.200",
    "metadata.google.internal",
    "METADATA.google.internal.",
)


def app_in(folder: Path, **settings: Any) -> App:
    """A server of its own with these sections."""
    file = folder / "settings.json"
    here = {"server": {"port": 0, "live_port": 0}, "storage": {"data_dir": str(folder / "data")}}
    file.write_text(json.dumps(here | settings), encoding="utf-8")
    return App(load(config=file, environment={}, folder=folder), console=False)


@asynccontextmanager
async def running(app: App) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the started server."""
    await app.start()
    try:
        async with httpx.AsyncClient(base_url=app.addresses.rest, trust_env=False, timeout=20) as http:
            yield http
    finally:
        await app.stop()


# -- DNS rebinding, other sites' pages ---------------------------------------------------------------------------------


async def test_dns_rebinding_on_rest_and_live(tmp_path: Path) -> None:
    """A foreign name that leads here gets no page, no figure and no frame, on either port."""
    app = app_in(tmp_path)
    async with running(app) as http:
        for path in ("/", "/monitoring/dashboard", "/api/v1/metrics", "/metrics", "/assets/board.js", "/openapi.json"):
            for host in (EVIL, f"{EVIL}:8080", "127.0.0.1.evil.example", "localhost.evil.example", ""):
                answer = await http.get(path, headers={"host": host})
                assert answer.status_code in (400, 421), (path, host)
        for url in (app.addresses.live, app.addresses.rest.replace("http", "ws") + "/live"):
            port = url.split(":")[2].split("/")[0]
            for origin in (None, f"http://{EVIL}", f"http://127.0.0.1:{port}"):
                said = None if origin is None else Origin(origin)
                foreign = url.replace("127.0.0.1", EVIL)
                with pytest.raises(websockets.InvalidStatus) as raised:
                    await websockets.connect(foreign, host="127.0.0.1", port=int(port), origin=said, proxy=None)
                assert raised.value.response.status_code in (403, 421)


async def test_dns_rebinding_on_the_console() -> None:
    """The console answers to its own names alone, over HTTP and for its WebSocket."""

    async def page(_: Request) -> HTMLResponse:
        return HTMLResponse("<html lang='en'><head></head><body></body></html>")

    site = Site(Place(rest_url="http://127.0.0.1:1"), hosts=["ops.example.kr"])
    app = Starlette(routes=[*site.routes(), Route("/", page)], middleware=site.middleware())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as http:
        for path in ("/", "/healthz", "/api/v1/metrics"):
            for host in (EVIL, "localhost.evil.example", ""):
                assert (await http.get(path, headers={"host": host})).status_code == 400
        assert (await http.get("/", headers={"host": "ops.example.kr"})).status_code == 200
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    headers = [(b"host", EVIL.encode())]
    scope = {"type": "websocket", "path": "/_stcore/stream", "headers": headers, "query_string": b"", "scheme": "ws"}
    await app({**scope, "server": ("127.0.0.1", 8501), "subprotocols": [], "app": app}, receive, send)
    assert sent[0]["type"] == "websocket.close" or sent[0].get("status") == 400


async def test_pages_of_other_sites_neither_read_nor_command(tmp_path: Path) -> None:
    """No CORS header for anybody unnamed, none with credentials for anybody; changes and frames are refused."""
    app = app_in(tmp_path, server={"port": 0, "live_port": 0, "allowed_origins": ["https://ops.example.kr"]})
    async with running(app) as http:
        for origin in (f"https://{EVIL}", "null", "https://ops.example.kr.evil.example", "http://ops.example.kr"):
            answer = await http.get("/api/v1/metrics", headers={"origin": origin})
            assert "access-control-allow-origin" not in answer.headers
            asked = await http.post(
                "/api/v1/alerts", json={"message": "x"}, headers={"origin": origin, "sec-fetch-site": "cross-site"}
            )
            assert asked.status_code == 403
            with pytest.raises(websockets.InvalidStatus):
                await websockets.connect(app.addresses.live, origin=Origin(origin), proxy=None)
        named = await http.get("/api/v1/metrics", headers={"origin": "https://ops.example.kr"})
        assert named.headers["access-control-allow-origin"] == "https://ops.example.kr"
        assert "access-control-allow-credentials" not in named.headers


@pytest.mark.parametrize(
    ("setting", "value"), [("allowed_origins", "*"), ("allowed_origins", "https://*"), ("allowed_hosts", "*")]
)
def test_there_are_no_wildcards(tmp_path: Path, setting: str, value: str) -> None:
    """`*` is no origin and no host name."""
    with pytest.raises(SettingsError):
        app_in(tmp_path, server={setting: [value]})


# -- paths -------------------------------------------------------------------------------------------------------------


async def test_path_traversal(tmp_path: Path) -> None:
    """No spelling of `..` leads to a file of this machine, neither under /assets/ nor in names of feeds and metrics."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "canary.txt").write_text("root:x:0:0", encoding="utf-8")
    climbs = ("../" * 12, "..%2f" * 12, "%2e%2e/" * 12, "....//" * 12, "..\\" * 12, "%252e%252e%252f" * 12, "/" * 3)
    prefixes = ("/assets/", "/assets/0123456789abcdef/", "/docs/", "/api/v1/quality/", "/api/v1/metrics/", "/ack/", "/")
    app = app_in(tmp_path)
    async with running(app):
        port = int(app.addresses.rest.rpartition(":")[2])
        for prefix in prefixes:
            for climb in climbs:
                for target in ("etc/passwd", f"{str(tmp_path)[1:]}/data/canary.txt", "etc/passwd%00.js"):
                    answer = await _raw(port, prefix + climb + target)
                    assert b"root:" not in answer, (prefix, climb, target)
                    assert re.match(rb"HTTP/1\.1 4\d\d ", answer), answer[:100]


async def _raw(port: int, path: str) -> bytes:
    """The answer to a path that no client tidies up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n".encode())
    async with asyncio.timeout(20):
        answer = await reader.read()
    writer.close()
    return answer


async def test_names_stay_names_in_headers(tmp_path: Path) -> None:
    """A feed's name can't break out of the header of its export, nor a line break of any other."""
    async with running(app_in(tmp_path)) as http:
        for name in ('a"; filename="x.exe', "a%0d%0aset-cookie: x=1", "a\\..\\b"):
            event = [{"symbol": "s", "price": 1.0}]
            await http.post("/api/v1/events", json={"feed": name, "events": event})
            answer = await http.get(f"/api/v1/quality/{name}.csv")
            assert "set-cookie" not in answer.headers
            assert "x.exe" not in answer.headers.get("content-disposition", "")


# -- outbound ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", METADATA)
def test_metadata_services_are_no_targets(tmp_path: Path, host: str) -> None:
    """No spelling of a link-local address or a cloud's metadata service can be told, asked or read."""
    url = f"http://{host}/latest/meta-data/"
    sections: tuple[dict[str, Any], ...] = (
        {"notifications": {"webhooks": [{"name": "a", "url": url}]}},
        {"notifications": {"slack": {"webhook_url": url}}},
        {"actions": [{"name": "a", "http": {"url": url}}]},
        {"checks": [{"name": "a", "url": url}]},
        {"checks": [{"name": "a", "url": f"tcp://{host}:80"}]},
        {"marketplaces": {"naver": {"base_url": url.rpartition("/latest")[0]}}},
        {"scrape": [{"name": "a", "url": url}]},
    )
    for section in sections:
        with pytest.raises(SettingsError) as raised:
            app_in(tmp_path, **section)
        assert {fault.code for fault in raised.value.faults} == {"inner_address"}, section


async def test_nothing_is_fetched_but_what_is_configured(tmp_path: Path) -> None:
    """A webhook's redirect isn't followed, and no address in alerts, events, marks or labels is ever asked."""
    asked: list[str] = []

    async def trap(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append((await reader.readline()).decode())
        writer.close()

    inner = await asyncio.start_server(trap, "127.0.0.1", 0)
    bait = f"http://127.0.0.1:{inner.sockets[0].getsockname()[1]}/bait"
    told = asyncio.Event()

    async def receiver(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"HTTP/1.1 307 Temporary Redirect\r\nlocation: {bait}\r\ncontent-length: 0\r\n\r\n".encode())
        await writer.drain()
        writer.close()
        told.set()

    outer = await asyncio.start_server(receiver, "127.0.0.1", 0)
    hook = f"http://127.0.0.1:{outer.sockets[0].getsockname()[1]}/hook"
    app = app_in(tmp_path, notifications={"webhooks": [{"name": "ops", "url": hook}]})
    async with running(app) as http:
        labels = {"url": bait, "instance": bait}
        await http.post("/api/v1/samples", json=[{"metric": "a", "value": 1, "labels": labels}])
        await http.post("/api/v1/marks", json={"kind": "deploy", "title": bait, "link": bait})
        await http.post("/api/v1/events", json={"feed": "f", "events": [{"symbol": bait, "price": 1.0}]})
        await http.post("/api/v1/alerts", json={"message": f"<{bait}> ![x]({bait})", "labels": labels})
        async with asyncio.timeout(30):
            await told.wait()
            while not (await http.get("/api/v1/channels")).json()["channels"][0]["last_error"]:
                pass
    for server in (inner, outer):
        server.close()
        await server.wait_closed()
    assert asked == []


# -- commands ----------------------------------------------------------------------------------------------------------


async def test_command_injection(tmp_path: Path) -> None:
    """Labels and messages made for a shell reach no shell: an argument is one plain word, or nothing runs."""
    out = tmp_path / "ran"
    script = tmp_path / "note.sh"
    script.write_text(f'#!/bin/sh\nfor one in "$@"; do printf "[%s]\\n" "$one" >> {out}; done\nenv >> {out}\n')
    script.chmod(0o755)
    command = {"program": str(script), "arguments": ["restart", {"label": "service"}]}
    action = {"name": "note", "command": command, "per_hour": 3_600}
    app = app_in(tmp_path, actions=[action], alerts={"allowed_commands": [str(script)]})
    hostile = ("$(touch {0})", "`touch {0}`", "a;touch {0}", "a\ntouch {0}", "--exec=touch {0}", "../{0}", "-x", "a b")
    owned = tmp_path / "owned"
    async with running(app) as http:
        for number, text in enumerate(hostile):
            value = text.format(owned)
            alert = {"message": value, "labels": {"service": value, "PATH": value}, "metric": f"m{number}", "value": 1}
            assert (await http.post("/api/v1/alerts", json=alert)).status_code == 202
        good = {"message": "$(id)", "labels": {"service": "nginx"}, "metric": "good", "value": 1}
        await http.post("/api/v1/alerts", json=good)
        async with asyncio.timeout(30):
            while not out.exists() or "PATH" not in out.read_text():  # noqa: ASYNC110 (a file tells nobody)
                await asyncio.sleep(0)
    assert not owned.exists()
    ran = [line for line in out.read_text().splitlines() if line.startswith("[")]
    assert ran == ["[restart]", "[nginx]"]
    assert "owned" not in out.read_text()


# -- pages -------------------------------------------------------------------------------------------------------------


async def test_pages_run_nothing_that_stands_in_them(tmp_path: Path) -> None:
    """Every page's policy allows files of ours alone (a style by its hash), no frame of others, no form elsewhere; no
    page holds an inline script or handler that would want more.
    """
    async with running(app_in(tmp_path)) as http:
        for path in ("/monitoring/dashboard", "/docs", "/ack/nothing"):
            answer = await http.get(path)
            told = answer.headers["content-security-policy"]
            policy = dict(one.strip().partition(" ")[::2] for one in told.split(";"))
            assert policy["default-src"] == "'none'"
            assert "unsafe" not in told
            assert policy["frame-ancestors"] in ("'none'", "'self'")
            assert policy["base-uri"] == "'none'"
            assert policy["form-action"] in ("'none'", "'self'")
            for name in (
                "cross-origin-opener-policy",
                "permissions-policy",
                "x-content-type-options",
                "referrer-policy",
            ):
                assert name in answer.headers, (path, name)
            page = answer.text
            scripts = re.findall(r"<script([^>]*)>(.*?)</script>", page, re.DOTALL)
            assert all("src=" in attributes and not body.strip() for attributes, body in scripts), path
            assert "<style" not in page or "sha256-" in policy["style-src"], path
            assert not re.search(r"\sstyle=|\son[a-z]+=|javascript:", page), path
        figures = await http.get("/api/v1/metrics")
        assert figures.headers["content-security-policy"].startswith("default-src 'none'")
        assert "permissions-policy" not in figures.headers
