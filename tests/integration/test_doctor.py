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
import trustme

from bongsu.commands.doctor.outside import redis as examined_redis
from bongsu.redaction import Redactor
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
    ca = trustme.CA()
    issued = ca.issue_cert("127.0.0.1")
    issued.private_key_pem.write_to_path(tmp_path / "key.pem")
    issued.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    ca.cert_pem.write_to_path(tmp_path / "ca.pem")
    port = free_port()
    options = [f"--tls-port {port}", f"--tls-cert-file {tmp_path}/cert.pem", f"--tls-key-file {tmp_path}/key.pem"]
    words = [word for option in [*options, "--tls-auth-clients no"] for word in option.split()]
    with PrivateRedis(program, *words, password="hunter22"):
        url = f"rediss://:hunter22@127.0.0.1:{port}/0"
        assert examined_redis(f"{url}?ssl_ca_certs={tmp_path}/ca.pem", Redactor()).code == "redis_good"
        refused = examined_redis(url, Redactor(["hunter22"]))
    assert refused.code == "redis_silent"
    assert "CERTIFICATE_VERIFY_FAILED" in str(dict(refused.facts)["reason"])
