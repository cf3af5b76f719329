"""deploy/nginx.conf in front of a real server and console, with a certificate of our own."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import pwd
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import trustme
import websockets
from websockets.exceptions import InvalidStatus

from tests.fakes.redis import free_port, until_it_takes_connections
from tests.integration.whole_server import ROOT

NAME = "monitor.example.kr"
FREE = ("--port=0", "--live-port=0", "--console-port=0")
BASIC = "Basic " + base64.b64encode(b"ops:correct horse").decode()
SHIPPED = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")


def site(folder: Path, *, tls: int, plain: int, server: int, console: int) -> str:
    """The shipped file with this test's ports and files; each replacement must find its place."""
    text = SHIPPED
    for shipped, ours in (
        ("listen 443 ssl http2;", f"listen 127.0.0.1:{tls} ssl http2;"),
        ("listen 443 ssl default_server;", f"listen 127.0.0.1:{tls} ssl default_server;"),
        ("listen 80;", f"listen 127.0.0.1:{plain};"),
        ("127.0.0.1:8080", f"127.0.0.1:{server}"),
        ("127.0.0.1:8501", f"127.0.0.1:{console}"),
        (f"/etc/nginx/tls/{NAME}.pem", f"{folder}/chain.pem"),
        (f"/etc/nginx/tls/{NAME}.key", f"{folder}/key.pem"),
        ("/etc/nginx/bongsu.htpasswd", f"{folder}/htpasswd"),
    ):
        assert shipped in text, shipped
        text = text.replace(f" {shipped}" if shipped[0] == "/" else shipped, f" {ours}" if shipped[0] == "/" else ours)
    return text


@contextmanager
def nginx(program: str, folder: Path, text: str, port: int) -> Iterator[None]:
    """The shipped site in a private nginx until the block ends."""
    paths = "".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    whole = folder / "nginx.conf"
    whole.write_text(
        f"user {pwd.getpwuid(os.getuid()).pw_name}; pid {folder}/nginx.pid; error_log {folder}/error.log; events {{}}\n"
        f"http {{ access_log off; {paths}\n{text}\n}}\n"
    )
    command = [program, "-p", str(folder), "-c", str(whole), "-e", f"{folder}/error.log", "-g", "daemon off;"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        until_it_takes_connections(port)
        yield
    finally:
        process.terminate()
        process.communicate(timeout=20)


@contextmanager
def bongsu(folder: Path) -> Iterator[dict[str, str]]:
    """A server with its console that knows its public name; gives its addresses."""
    settings = {
        "BONGSU_SERVER__PUBLIC_URL": f"https://{NAME}",
        "BONGSU_SERVER__ALLOWED_HOSTS": NAME,
        "BONGSU_MONITORING__LANGUAGE": "en",
        "PYTHONPATH": str(ROOT / "src"),
    }
    command = [sys.executable, "-m", "bongsu", "up", *FREE]
    with subprocess.Popen(
        command, cwd=folder, env={**os.environ, **settings}, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        addresses = {}
        try:
            for line in process.stdout:
                name, _, address = line.strip().partition(": ")
                addresses[name] = address
                if "Ctrl+C" in line:
                    break
            yield addresses
        finally:
            process.terminate()
            assert process.wait(timeout=30) == 0


@pytest.mark.guide("G122")
async def test_the_shipped_site_serves_everything_over_tls(tmp_path: Path, program: Callable[..., str]) -> None:
    """Board, REST, live socket and console under one name with TLS; no password, no way in; other names, no answer."""
    ca = trustme.CA()
    issued = ca.issue_cert(NAME)
    issued.private_key_pem.write_to_path(tmp_path / "key.pem")
    for blob in issued.cert_chain_pems:
        blob.write_to_path(tmp_path / "chain.pem", append=True)
    hashed = subprocess.run(
        [program("openssl"), "passwd", "-apr1", "correct horse"], capture_output=True, text=True, check=True
    ).stdout
    (tmp_path / "htpasswd").write_text(f"ops:{hashed}")
    trust = ssl.create_default_context()
    ca.configure_trust(trust)
    tls, plain = free_port(), free_port()
    with bongsu(tmp_path) as addresses:
        ports = {
            "server": httpx.URL(addresses["board"]).port or 0,
            "console": httpx.URL(addresses["console"]).port or 0,
        }
        with nginx(program("nginx"), tmp_path, site(tmp_path, tls=tls, plain=plain, **ports), tls):
            await _over_http(trust, tls, plain)
            await _over_websocket(trust, tls)


async def _over_http(trust: ssl.SSLContext, tls: int, plain: int) -> None:
    named = {"Host": NAME}
    inside = {**named, "Authorization": BASIC}
    ask = {"sni_hostname": NAME}
    async with httpx.AsyncClient(verify=trust, base_url=f"https://127.0.0.1:{tls}", trust_env=False) as client:
        for path in ("/monitoring/dashboard", "/api/v1/metrics", "/docs", "/openapi.json", "/metrics", "/"):
            assert (await client.get(path, headers=named, extensions=ask)).status_code == 401, path
            answer = await client.get(path, headers=inside, extensions=ask)
            assert answer.status_code == 200, (path, answer.text)
            assert "max-age" in answer.headers["strict-transport-security"]
        assert "Streamlit" in answer.text, "the console is at the root"
        health = await client.get("/_stcore/health", headers=inside, extensions=ask)
        assert health.text == "ok"
        assert (await client.get("/readyz", headers=named, extensions=ask)).status_code == 200
        assert (await client.get("/ack/nonsense", headers=named, extensions=ask)).status_code in {403, 404, 410}
        sample = [{"metric": "orders_open", "value": 12}]
        page = {**inside, "Origin": f"https://{NAME}"}
        taken = await client.post("/api/v1/samples", json=sample, headers=page, extensions=ask)
        assert taken.json() == {"accepted": 1, "refused": []}
        moved = await client.get(f"http://127.0.0.1:{plain}/docs", headers=named)
        assert (moved.status_code, moved.headers["location"]) == (301, f"https://{NAME}/docs")
        with pytest.raises(httpx.RemoteProtocolError):
            await client.get("/docs", headers={"Host": "evil.example"}, extensions=ask)
    async with httpx.AsyncClient(verify=trust, trust_env=False) as stranger:
        with pytest.raises(httpx.ConnectError, match=r"(?i)unrecognized"):
            await stranger.get(f"https://127.0.0.1:{tls}/docs", extensions={"sni_hostname": "evil.example"})


def connected(path: str, trust: ssl.SSLContext, tls: int, **more: Any) -> Any:
    """A WebSocket through nginx, as a browser that knows the password opens it."""
    address = f"wss://{NAME}{path}"
    headers = {"Authorization": BASIC}
    more = {"origin": f"https://{NAME}", "additional_headers": headers, **more}
    return websockets.connect(address, ssl=trust, host="127.0.0.1", port=tls, proxy=None, **more)


async def _over_websocket(trust: ssl.SSLContext, tls: int) -> None:
    for status, wrong in ((401, {"additional_headers": {}}), (403, {"origin": "https://evil.example"})):
        with pytest.raises(InvalidStatus, match=str(status)):
            await connected("/live", trust, tls, **wrong)
    async with asyncio.timeout(20), connected("/live", trust, tls) as live:
        assert json.loads(await live.recv())["t"] == "hello"
        assert json.loads(await live.recv())["t"] == "snapshot"
    async with asyncio.timeout(20), connected("/_stcore/stream", trust, tls, subprotocols=["streamlit"]) as stream:
        assert stream.subprotocol == "streamlit"
