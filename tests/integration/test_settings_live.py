"""Settings of a real server: changed, killed, started again; its file changed under it; a bad stored change."""

from __future__ import annotations

import json
import signal
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from bench.wire import get, post

from tests.integration.whole_server import WholeServer, until

CPU = "thresholds.cpu_threshold_percent"


def read(server: WholeServer) -> dict[str, Any]:
    """The settings as REST tells them."""
    told: dict[str, Any] = json.loads(server.ask(get("/api/v1/settings?language=en")).body)
    return told


def change(server: WholeServer, version: int, **changes: Any) -> dict[str, Any]:
    """Change settings; how they stand then."""
    body = {"version": version, "changes": {path.replace("__", "."): value for path, value in changes.items()}}
    request = post("/api/v1/settings", json.dumps(body).encode()).replace(b"POST", b"PUT", 1)
    answer = server.ask(request)
    assert answer.status == 200, answer.body
    told: dict[str, Any] = json.loads(answer.body)
    return told


def write(folder: Path, text: str) -> None:
    """The settings file."""
    (folder / "config").mkdir(exist_ok=True)
    (folder / "config" / "monitoring_config.json").write_text(text, encoding="utf-8")


def threshold(server: WholeServer) -> float:
    """The CPU threshold that rules go by."""
    rule = json.loads(server.ask(get("/api/v1/rules/cpu_threshold_percent")).body)["rule"]
    return float(rule["value"])


@pytest.mark.guide("G031")
def test_a_change_survives_and_a_bad_file_stops_nothing(tmp_path: Path) -> None:
    """In force at once; after SIGKILL from the start on, what waited too; a bad file is told, a good one taken up."""
    write(tmp_path, json.dumps({"thresholds": {"cpu_threshold_percent": 60}}))
    with WholeServer(tmp_path) as server:
        told = change(server, 0, thresholds__cpu_threshold_percent=55, limits__labels=7, storage__sync="commit")
        assert (told["restart"], threshold(server)) == (["storage.sync"], 55)
        labels = {f"l{number}": "x" for number in range(8)}
        assert server.send([{"metric": "m", "labels": labels, "value": 1}]).status == 422
        server.kill()
        server.start()
        told = read(server)
        assert (told["version"], told["restart"], threshold(server)) == (1, [], 55)
        assert server.send([{"metric": "m", "labels": labels, "value": 1}]).status == 422

        write(tmp_path, '{"thresholds": {"disk_threshold_percent": 700}}')
        until("the fault", lambda: bool(read(server)["faults"]))
        (fault,) = read(server)["faults"]
        assert (fault["path"], fault["message"]) == ("thresholds.disk_threshold_percent", "must be 100 or less")
        assert server.figure("bongsu_settings_faults") >= 0
        assert server.ask(get("/readyz")).status == 200
        write(tmp_path, '{"thresholds": {"disk_threshold_percent": 70}}')
        server.process.send_signal(signal.SIGHUP)
        until("the good file", lambda: read(server)["settings"]["thresholds"]["disk_threshold_percent"] == 70)
        assert read(server)["faults"] == []

        server.end()
        with sqlite3.connect(server.data / "records.db") as records:
            layer = json.dumps({CPU: 50, "limits.labels": "many"})
            records.execute("UPDATE settings_versions SET layer = ?", (layer,))
        server.start()
        told = read(server)
        assert ([one["path"] for one in told["faults"]], threshold(server)) == (["limits.labels"], 50)
