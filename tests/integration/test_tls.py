"""REST, board and live socket over TLS: verified, renewed while running, and never without a certificate."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import websockets
from structlog.testing import capture_logs

from bongsu.app import App
from bongsu.client import AsyncClient, Client
from bongsu.commands.doctor.machine import certificate
from bongsu.commands.ports import is_ours
from bongsu.model.errors import Unavailable
from bongsu.settings.load import load
from bongsu.tls import KeyFiles, OwnCertificate, TlsError
from tests.fakes.authority import Authority


def app_in(folder: Path, tls: Path, **flags: object) -> App:
    """A server of its own whose certificate lies in the folder `tls`."""
    given = {"server.port": 0, "server.live_port": 0, "storage.data_dir": str(folder / "data"), **flags}
    given |= {"server.tls.certificate": str(tls / "cert.pem"), "server.tls.key": str(tls / "key.pem")}
    return App(load(given, environment={}, folder=folder), console=False)


@asynccontextmanager
async def running(app: App) -> AsyncIterator[App]:
    """Started, and stopped."""
    await app.start()
    try:
        yield app
    finally:
        await app.stop()


def asking(url: str, trusted: ssl.SSLContext, **more: Any) -> httpx.AsyncClient:
    """A client that verifies."""
    return httpx.AsyncClient(base_url=url, verify=trusted, trust_env=False, **more)


async def shown(app: App, trusted: ssl.SSLContext) -> bytes:
    """The certificate that a new connection gets to see."""
    context = trusted
    async with asking(app.addresses.rest, context) as http:
        answer = await http.get("/healthz")
        der: bytes = answer.extensions["network_stream"].get_extra_info("ssl_object").getpeercert(True)
        return der


@pytest.mark.guide("G057")
@pytest.mark.guide("G122")
async def test_everything_over_tls(tmp_path: Path) -> None:
    """https and wss with a verified certificate; strangers' certificates, plain HTTP and old TLS get nothing."""
    authority = Authority(tmp_path / "ca")
    trusted = ssl.create_default_context(cafile=authority.file)
    async with running(app_in(tmp_path, authority.issue())) as app:
        assert app.addresses.board.startswith("https://")
        assert app.addresses.live.startswith("wss://")
        async with asking(app.addresses.rest, trusted) as http:
            assert (await http.get("/healthz")).status_code == 200
            assert (await http.get("/monitoring/dashboard")).status_code == 200
        async with AsyncClient(app.addresses.rest, ca=authority.file) as client:
            await client.metrics()
        for url in (app.addresses.live, app.addresses.rest.replace("http", "ws") + "/live"):
            async with websockets.connect(url, ssl=trusted, proxy=None) as live:
                assert json.loads(await live.recv())["t"] == "hello"
        async with AsyncClient(app.addresses.rest) as stranger:
            with pytest.raises(Unavailable, match="CERTIFICATE_VERIFY_FAILED"):
                await stranger.metrics()
        async with httpx.AsyncClient(trust_env=False) as plain:
            with pytest.raises(httpx.HTTPError):
                await plain.get(app.addresses.rest.replace("https", "http") + "/healthz")
        old = ssl.create_default_context(cafile=authority.file)
        with pytest.warns(DeprecationWarning, match="TLSv1_1"):
            old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
        async with asking(app.addresses.rest, old) as http:
            with pytest.raises(httpx.ConnectError):
                await http.get("/healthz")


async def test_browsers_are_told_to_come_over_tls(tmp_path: Path) -> None:
    """HSTS for names that lead here from elsewhere; not for localhost, whose other ports know no TLS."""
    authority = Authority(tmp_path / "ca")
    trusted = ssl.create_default_context(cafile=authority.file)
    app = app_in(tmp_path, authority.issue(), **{"server.allowed_hosts": ["monitor.example.kr"]})
    async with running(app), asking(app.addresses.rest, trusted) as http:
        told = [
            (await http.get("/", headers={"host": host})).headers.get("strict-transport-security")
            for host in ("monitor.example.kr", "localhost:8080")
        ]
    assert told == ["max-age=31536000", None]


async def test_a_renewed_certificate_is_taken_in(tmp_path: Path) -> None:
    """New connections get the new certificate, standing ones stay; our own clients follow; days are counted."""
    authority = Authority(tmp_path / "ca")
    trusted = ssl.create_default_context(cafile=authority.file)
    folder = authority.issue(until=datetime.now(UTC) + timedelta(days=5))
    async with running(app_in(tmp_path, folder)) as app, asking(app.addresses.rest, trusted) as http:
        tls = app._tls  # the clock that looks every five seconds isn't waited for
        assert tls is not None
        pinned = OwnCertificate(folder / "cert.pem")
        first = await shown(app, trusted)
        assert await shown(app, pinned.context) == first
        async with websockets.connect(app.addresses.live, ssl=trusted, proxy=None) as live:
            await live.recv()
            await http.get("/healthz")
            authority.issue(until=datetime.now(UTC) + timedelta(days=90))
            assert tls.look(app._clock.now())
            second = await shown(app, trusted)
            with pytest.raises(httpx.ConnectError):
                await shown(app, pinned.context)
            pinned.refresh()
            assert await shown(app, pinned.context) == second
            assert first != second
            assert (await http.get("/healthz")).status_code == 200
            await (await live.ping())
        assert 89 < tls.certificate.days(app._clock.now()) < 91


async def test_a_broken_renewal_changes_nothing_and_is_told(tmp_path: Path) -> None:
    """Half a renewal, or rubbish, leaves the old certificate in use, and log and figures say so; a good one heals."""
    authority = Authority(tmp_path / "ca")
    trusted = ssl.create_default_context(cafile=authority.file)
    folder = authority.issue()
    async with running(app_in(tmp_path, folder)) as app:
        tls = app._tls
        assert tls is not None
        first = await shown(app, trusted)
        other = authority.issue(into=tmp_path / "other")
        for name, text in (("cert.pem", (other / "cert.pem").read_bytes()), ("key.pem", b"no key")):
            (folder / name).write_bytes(text)
            with capture_logs() as logs:
                assert not tls.look(0)
            assert logs[0]["log_level"] == "error"
            assert tls.failing
            assert await shown(app, trusted) == first
        (folder / "key.pem").write_bytes((other / "key.pem").read_bytes())
        assert tls.look(0)
        assert not tls.failing
        assert await shown(app, trusted) != first


async def test_unusable_files_are_told_before_anything_starts(tmp_path: Path) -> None:
    """A key of another certificate, or none at all: the error names the files."""
    authority = Authority(tmp_path / "ca")
    folder = authority.issue()
    other = authority.issue(into=tmp_path / "other")
    (folder / "key.pem").write_bytes((other / "key.pem").read_bytes())
    with pytest.raises(TlsError, match="key values mismatch"):
        await app_in(tmp_path, folder).start()
    (folder / "key.pem").unlink()
    with pytest.raises(TlsError, match=r"key\.pem can't be read: No such file"):
        await app_in(tmp_path, folder).start()


async def test_the_doctor_tells_of_the_end(tmp_path: Path) -> None:
    """Good, ending soon, ended, and unusable; and it finds our server behind TLS."""
    authority = Authority(tmp_path / "ca")
    now = datetime.now(UTC)
    codes = []
    for days in (60, 3, -1):
        folder = authority.issue(until=now + timedelta(days=days))
        app = app_in(tmp_path, folder)
        (finding,) = certificate(app.settings.server.tls, int(now.timestamp() * 1000))
        codes.append(finding.code)
    (folder / "key.pem").write_bytes(b"")
    (finding,) = certificate(app.settings.server.tls, 0)
    assert [*codes, finding.code] == ["tls_good", "tls_soon", "tls_ended", "tls_wrong"]


async def test_our_own_port_is_known_behind_tls(tmp_path: Path) -> None:
    """Our server is known by exactly its certificate; with another one it counts as a stranger."""
    authority = Authority(tmp_path / "ca")
    folder = authority.issue("monitor.example.kr")
    other = authority.issue("monitor.example.kr", into=tmp_path / "other")
    async with running(app_in(tmp_path, folder)) as app:
        port = int(app.addresses.rest.rpartition(":")[2])
        answers = [
            await asyncio.to_thread(is_ours, "127.0.0.1", port, files)
            for files in (
                KeyFiles(certificate=folder / "cert.pem", key=folder / "key.pem"),
                KeyFiles(certificate=other / "cert.pem", key=other / "key.pem"),
                None,
            )
        ]
    assert answers == [True, False, False]


def test_a_client_reads_the_authority_it_is_given(tmp_path: Path) -> None:
    """A file that holds no authority is told, not skipped."""
    (tmp_path / "ca.pem").write_text("nothing", encoding="utf-8")
    with pytest.raises(TlsError, match="holds no authority"):
        Client("https://monitor.example.kr", ca=tmp_path / "ca.pem")
