"""Accounts on the whole server: made beside it while it runs, asked at every door, ended everywhere at once."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.integration.whole_server import WholeServer, until

GOOD = "correct horse battery"


def bongsu(server: WholeServer, *command: str, typed: str = "") -> str:
    """Run a command over the server's data folder; what it prints."""
    done = subprocess.run(
        [sys.executable, "-m", "bongsu", *command, f"--data={server.data}"],
        input=typed,
        capture_output=True,
        text=True,
        env={**os.environ, "BONGSU_MONITORING__LANGUAGE": "en"},
        cwd=server.folder,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


async def closed(client: ClientConnection) -> int | None:
    """The code with which the server closes."""
    async with asyncio.timeout(20):
        with contextlib.suppress(ConnectionClosed):
            async for _ in client:
                pass
    return client.close_code


@pytest.mark.guide("G056")
@pytest.mark.guide("G121")
async def test_accounts_beside_a_running_server(tmp_path: Path) -> None:
    """The first account closes REST, pages and both live ports within seconds; disabling it ends what is open."""
    with WholeServer(tmp_path) as server:
        url, live = f"http://127.0.0.1:{server.port}", f"ws://127.0.0.1:{server.live_port}"
        async with httpx.AsyncClient(base_url=url) as http, connect(live, proxy=None) as before:
            assert (await http.get("/api/v1/metrics")).status_code == 200
            await asyncio.to_thread(bongsu, server, "user", "add", "boss", typed=GOOD)
            await asyncio.to_thread(until, "the door closed", lambda: httpx.get(f"{url}/metrics").status_code == 401)
            assert await closed(before) == 4401
            assert (await http.get("/monitoring/dashboard")).status_code == 303
            for address in (live, f"ws://127.0.0.1:{server.port}/live"):
                with pytest.raises(InvalidStatus):
                    await connect(address, proxy=None)
            signed = await http.post("/api/v1/session", json={"name": "boss", "password": GOOD})
            assert signed.status_code == 200
            assert (await http.get("/api/v1/metrics")).status_code == 200
            cookie = {"cookie": f"bongsu_session={http.cookies['bongsu_session']}"}
            token = bongsu(server, "token", "create", "reader", "--scope", "read")
            bearer = {"authorization": f"Bearer {token}"}
            await asyncio.to_thread(
                until, "the token holds", lambda: httpx.get(f"{url}/metrics", headers=bearer).status_code == 200
            )
            async with (
                connect(live, proxy=None, additional_headers=bearer) as program,
                connect(f"ws://127.0.0.1:{server.port}/live", proxy=None, additional_headers=cookie) as person,
            ):
                assert '"hello"' in str(await program.recv())
                assert '"hello"' in str(await person.recv())
                bongsu(server, "user", "add", "other", "--role=admin", typed=GOOD)
                bongsu(server, "user", "disable", "boss")
                assert await closed(person) == 4401
                assert program.close_code is None
            assert (await http.get("/api/v1/metrics")).status_code == 401
            kept = b"".join(path.read_bytes() for path in server.data.rglob("*") if path.is_file())
            logs = b"".join(path.read_bytes() for path in server.folder.rglob("*.log"))
        for secret in (token, cookie["cookie"].partition("=")[2], GOOD):
            assert secret.encode() not in kept + logs
        assert server.port
