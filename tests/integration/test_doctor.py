"""`bongsu doctor` beside a server that runs, and a Redis."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bongsu.commands.doctor import outside
from bongsu.settings.model import Settings
from tests.fakes.authority import Authority
from tests.fakes.redis import PrivateRedis, free_port
from tests.integration.whole_server import ROOT, WholeServer


def examined(folder: Path, **settings: str) -> tuple[int, dict[str, Any]]:
    """The doctor's status and answer."""
    done = subprocess.run(
        [sys.executable, "-m", "bongsu", "doctor", "--json"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "BONGSU_MONITORING__LANGUAGE": "en", **settings},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stderr == ""
    return done.returncode, json.loads(done.stdout)


@pytest.mark.guide("G050")
@pytest.mark.guide("G119")
def test_beside_a_running_server(tmp_path: Path, program: Callable[..., str]) -> None:
    """Its ports are ours, its WebSocket answers, its databases are read under its lock, Redis says PONG; it goes on."""
    live, console = free_port(), free_port()
    with PrivateRedis(program, password="hunter22") as redis, WholeServer(tmp_path) as server:
        told = server.process
        settings = {
            "BONGSU_SERVER__PORT": str(server.port),
            "BONGSU_SERVER__LIVE_PORT": str(live),
            "BONGSU_SERVER__CONSOLE_PORT": str(console),
            "BONGSU_REDIS__URL": redis.url,
        }
        status, answer = examined(tmp_path, **settings)
        found = {(one["area"], one["state"]): one["what"] for one in answer["findings"]}
        assert status == 1, "the WebSocket isn't where the settings have it"
        assert f"{live}: the server runs, and no WebSocket answers there" in found.values()
        assert f"{server.port}: REST and board answer" in [one["what"] for one in answer["findings"]]
        sound = [one["what"] for one in answer["findings"] if one["area"] == "database"]
        assert {Path(line.split()[0]).name for line in sound} >= {"history.db", "records.db"}
        assert ("database", "bad") not in found
        assert found["redis", "good"].startswith("PONG")
        assert "hunter22" not in json.dumps(answer)
        assert told.poll() is None

        settings["BONGSU_SERVER__LIVE_PORT"] = str(server.live_port)
        status, answer = examined(tmp_path, **settings)
        assert status == 0, answer
        assert f"{server.live_port}: the WebSocket answers" in [one["what"] for one in answer["findings"]]


@pytest.mark.guide("G058")
def test_redis_over_tls(tmp_path: Path, program: Callable[..., str]) -> None:
    """`rediss://` is encrypted and its certificate verified: one that nobody vouches for is refused."""
    folder = Authority(tmp_path).issue("127.0.0.1")
    with PrivateRedis(program, password="hunter22", tls=folder) as server:
        plain, trusting = (
            list(outside.looked_at(Settings.model_validate({"redis": {"url": server.url, **more}})))
            for more in ({}, {"tls_ca": f"{tmp_path}/ca.pem"})
        )
    assert [one.code for one in trusting] == ["redis_good"]
    assert [one.code for one in plain] == ["redis_silent"]
    assert "CERTIFICATE_VERIFY_FAILED" in str(dict(plain[0].facts)["reason"])
