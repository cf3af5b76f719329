"""Programs in front of a server with accounts: client, commands and instruments, each with the token it was given."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bongsu.client import Client
from bongsu.instrument import Reporter
from bongsu.model.errors import Forbidden, SignInNeeded
from bongsu.model.sample import Sample
from tests.integration.whole_server import WholeServer, until

GOOD = "correct horse battery"
SAMPLES = [Sample(metric="orders_open", value=12)]


def bongsu(folder: Path, *command: str, typed: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command in that folder, with these variables."""
    return subprocess.run(
        [sys.executable, "-m", "bongsu", *command],
        input=typed,
        capture_output=True,
        text=True,
        env={**os.environ, "BONGSU_MONITORING__LANGUAGE": "en", **environment},
        cwd=folder,
    )


@pytest.fixture(scope="module")
def tokens(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[WholeServer, str, str]]:
    """A server with an account, a token that reads, and one that sends."""
    folder = tmp_path_factory.mktemp("server")
    data = f"--data={folder / 'data'}"
    assert bongsu(folder, "user", "add", "boss", data, typed=GOOD).returncode == 0
    made = [bongsu(folder, "token", "create", scope, f"--scope={scope}", data) for scope in ("read", "ingest")]
    reads, sends = (done.stdout.strip() for done in made)
    with WholeServer(folder) as server:
        yield server, reads, sends


def test_the_client_shows_its_token(tokens: tuple[WholeServer, str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Without one nobody is answered; one that sends doesn't read and the other way round; the environment's counts."""
    server, reads, sends = tokens
    url = f"http://127.0.0.1:{server.port}"
    monkeypatch.delenv("BONGSU_TOKEN", raising=False)
    with Client(url) as nobody, pytest.raises(SignInNeeded, match="accounts"):
        nobody.metrics()
    with Client(url, token=sends) as sender:
        assert sender.send(SAMPLES).accepted == 1
        with pytest.raises(Forbidden, match="'read'; ingest has scopes ingest"):
            sender.metrics()
    monkeypatch.setenv("BONGSU_TOKEN", reads)
    with Client(url) as reader:
        until("the sample", lambda: [one.value for one in reader.metrics("orders_open")] == [12])
        with pytest.raises(Forbidden, match="'push'; read has scopes read"):
            reader.send(SAMPLES)


def test_commands_show_it(tokens: tuple[WholeServer, str, str], tmp_path: Path) -> None:
    """`replay` and `rules` show `BONGSU_TOKEN`; with one that doesn't do they say what it lacks and fail."""
    server, reads, sends = tokens
    events = tmp_path / "ticks.ndjson"
    lines = [{"at": 1_700_000_000_000 + n, "symbol": "005930", "price": 70_000 + n, "seq": n} for n in range(3)]
    events.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    replay = ("replay", str(events), "--feed=ticks", f"--url=http://127.0.0.1:{server.port}")
    played = bongsu(tmp_path, *replay, BONGSU_TOKEN=sends)
    assert played.returncode == 0, played.stderr
    refused = bongsu(tmp_path, *replay, BONGSU_TOKEN=reads)
    assert (refused.returncode, "'push'" in refused.stderr) == (1, True), refused.stderr
    port = str(server.port)
    told = bongsu(tmp_path, "rules", "list", BONGSU_TOKEN=reads, BONGSU_SERVER__PORT=port)
    assert (told.returncode, "cpu_usage" in told.stdout) == (0, True), told.stderr
    for command, token, lacks in (
        (("rules", "list"), sends, "'read'"),
        (("rules", "backtest", "cpu_usage > 90"), reads, "'operate'"),
        (("rules", "list"), "", "accounts"),
    ):
        refused = bongsu(tmp_path, *command, BONGSU_TOKEN=token, BONGSU_SERVER__PORT=port)
        assert (refused.returncode, lacks in refused.stderr) == (1, True), (command, refused.stdout, refused.stderr)


def test_instruments_show_it(
    tokens: tuple[WholeServer, str, str], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """An instrumented program shows `BONGSU_TOKEN`; where it may not it counts the loss, says why and goes on."""
    server, reads, sends = tokens
    url = f"http://127.0.0.1:{server.port}"
    lost = {}
    for name, token in (("sends", sends), ("reads", reads)):
        monkeypatch.setenv("BONGSU_TOKEN", token)
        reporter = Reporter(url, interval=3_600)
        reporter.add("checkout", "GET /pay", 12.0)
        reporter.close()
        lost[name] = reporter.lost
    assert lost == {"sends": 0, "reads": 1}
    assert "'push'" in caplog.text
    with Client(url, token=reads) as reader:
        until("the requests", lambda: bool(reader.metrics(topic="services")))
    assert sends not in caplog.text
    assert reads not in caplog.text
