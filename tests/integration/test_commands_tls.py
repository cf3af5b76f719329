"""Commands that ask a server over TLS: verified by its own certificate or `--ca`, and never without."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from bongsu import cli
from tests.fakes.authority import Authority
from tests.integration.test_tls import app_in, running


async def test_commands_ask_over_tls(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`rules` and `replay` take the server of the settings by exactly its certificate, another one's name by `--ca`;
    a stranger's certificate, an authority that doesn't vouch, and a server without TLS are told as what they are.
    """
    authority = Authority(tmp_path / "ca")
    folder = authority.issue("localhost")
    other = Authority(tmp_path / "stranger").issue("localhost")
    monkeypatch.chdir(tmp_path)
    events = tmp_path / "ticks.ndjson"
    events.write_text(json.dumps({"at": 1_700_000_000_000, "symbol": "005930", "price": 70_000}) + "\n")
    replay = ("replay", str(events), "--feed=ticks")

    async def run(*arguments: str, tls: Path | None = None) -> tuple[int, str, str]:
        given = {} if tls is None else {"tls": {"certificate": str(tls / "cert.pem"), "key": str(tls / "key.pem")}}
        written = {"monitoring": {"language": "en"}, "server": {"port": port, **given}}
        Path("mine.json").write_text(json.dumps(written), encoding="utf-8")
        status = await asyncio.to_thread(cli.main, [*arguments, "--config=mine.json"])
        out, error = capsys.readouterr()
        return status, out, error

    async with running(app_in(tmp_path, folder)) as app:
        port = int(app.addresses.rest.rpartition(":")[2])
        named, ca = f"--url=https://localhost:{port}", f"--ca={authority.file}"
        for command in (("rules", "list"), ("rules", "backtest", "cpu_usage > 90", "--start=-1h"), replay):
            ways: tuple[tuple[tuple[str, ...], Path | None], ...] = (
                ((), folder),
                ((named, ca), None),
                ((named, ca), other),
            )
            for way, tls in ways:
                status, out, error = await run(*command, *way, tls=tls)
                assert (status, bool(out)) == (0, True), (command, way, error)
                assert "No server" not in error
        for command in (("rules", "list"), replay):
            for way, tls, told in (
                ((), other, "certificate"),
                ((named,), None, "certificate"),
                ((named, f"--ca={other / 'cert.pem'}"), None, "certificate"),
                ((f"--url=https://127.0.0.1:{port}", ca), None, "mismatch"),
                ((f"--url=http://localhost:{port}", ca), None, "speaks no TLS"),
                ((named, "--ca=none.pem"), None, "none.pem"),
                (("--url=localhost",), None, "no address"),
            ):
                status, out, error = await run(*command, *way, tls=tls)
                assert (status, out) == (1, ""), (command, way)
                assert told in error, (command, way, error)
        assert "doesn't answer" in (await run("rules", "list", f"--url=http://localhost:{port}"))[2]
