"""This machine under the doctor's eyes."""

from __future__ import annotations

import json
import os
import shutil
import socket
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace

import pytest

from bongsu.commands.doctor import machine
from bongsu.commands.doctor.finding import Finding
from bongsu.settings.model import Settings
from tests.fakes.clock import VirtualClock
from tests.fakes.redis import free_port


def codes(findings: Iterable[Finding]) -> list[str]:
    """Their sentences' names."""
    return [one.code for one in findings]


@pytest.mark.guide("G050")
def test_a_taken_port_names_its_holder() -> None:
    """A port of another program is told with who holds it; a free one and 0 are fine."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        settings = Settings.model_validate({"server": {"port": free_port(), "live_port": port, "console_port": 0}})
        free, taken, chosen = machine.ports(settings)
    assert (free.code, taken.code, chosen.code) == ("port_free", "port_taken", "port_any")
    assert str(os.getpid()) in str(dict(taken.facts)["owner"])


def test_a_folder_that_cant_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file in the way and a folder without rights are bad; one that is still to be made is good and isn't made."""
    assert codes(machine.folder("data", tmp_path / "new" / "data")) == ["folder_good"]
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").write_text("")
    assert codes(machine.folder("data", tmp_path / "file")) == ["folder_shut"]
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert codes(machine.folder("data", tmp_path / "new")) == ["folder_shut"]


@pytest.mark.parametrize(
    ("free", "code"), [(50 << 20, "disk_full"), (500 << 20, "disk_little"), (5 << 30, "folder_good")]
)
def test_room_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, code: str) -> None:
    """Below 1 GiB is worth a look, below 100 MiB nothing goes soon."""
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=free))
    assert codes(machine.folder("data", tmp_path)) == [code]


def test_a_database_is_read_beside_its_writer(tmp_path: Path) -> None:
    """While a server holds it (WAL, a transaction open) it is found sound, and the writer goes on."""
    file = tmp_path / "history.db"
    with sqlite3.connect(file) as writer:
        writer.execute("PRAGMA journal_mode=WAL")
        writer.execute("CREATE TABLE t (x)")
        writer.commit()
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("INSERT INTO t VALUES (1)")
        assert machine.database(file, VirtualClock()).code == "database_good"
        writer.commit()
    writer.close()


def test_looking_makes_no_database(tmp_path: Path) -> None:
    """One that went away meanwhile is told, and isn't made anew."""
    assert machine.database(tmp_path / "history.db", VirtualClock()).code == "database_wrong"
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_database_is_bad(tmp_path: Path) -> None:
    """Overwritten pages and a file that is none."""
    file = tmp_path / "records.db"
    file.write_bytes(b"no database at all" * 100)
    assert machine.database(file, VirtualClock()).code == "database_wrong"
    file.unlink()
    with sqlite3.connect(file) as writer:
        writer.executescript("CREATE TABLE t (x); CREATE INDEX i ON t (x)")
        writer.executemany("INSERT INTO t VALUES (?)", [(f"{n}" * 50,) for n in range(2_000)])
        writer.commit()
    writer.close()
    raw = bytearray(file.read_bytes())
    raw[8_192:40_960] = b"\xff" * 32_768
    file.write_bytes(raw)
    assert machine.database(file, VirtualClock()).code == "database_wrong"


def test_a_large_database_is_looked_through_for_a_while(tmp_path: Path) -> None:
    """After its seconds the look ends: it is readable, and said to be large."""

    class Hurried(VirtualClock):
        def monotonic(self) -> float:
            self.now_asked = getattr(self, "now_asked", 0.0) + 10.0
            return self.now_asked

    file = tmp_path / "history.db"
    with sqlite3.connect(file) as writer:
        writer.execute("CREATE TABLE t (x)")
        writer.executemany("INSERT INTO t VALUES (?)", [(n,) for n in range(50_000)])
        writer.commit()
    writer.close()
    assert machine.database(file, Hurried()).code == "database_large"


@pytest.mark.guide("G119")
def test_errors_of_the_log_are_found(tmp_path: Path) -> None:
    """SQL errors in `logs/websocket_server.log` are counted and the last is told; half lines are passed over."""
    file = tmp_path / "websocket_server.log"
    lines = [
        {"time": "2026-11-26T01:00:00.000Z", "level": "info", "logger": "bongsu.app", "event": "started"},
        {"time": "2026-11-26T01:00:01.000Z", "level": "error", "logger": "bongsu.collect.shop", "event": "no table"},
    ]
    file.write_text("half a line\n" + "\n".join(map(json.dumps, lines)) + "\n")
    (found,) = machine.complaints(tmp_path)
    assert found.code == "log_errors"
    assert dict(found.facts)["last"] == "bongsu.collect.shop: no table"
    file.write_text(json.dumps(lines[0]))
    assert codes(machine.complaints(tmp_path)) == ["log_good"]


@pytest.mark.parametrize(("drift_ms", "code"), [(0, "clock_good"), (-2_000, "clock_jumps"), (900, "clock_jumps")])
def test_wall_and_monotonic_time_are_compared(tmp_path: Path, drift_ms: int, code: str) -> None:
    """A clock that is set while the doctor looks is told."""
    clock = VirtualClock()
    wall, steady = clock.now() - drift_ms, clock.monotonic()
    assert codes(machine.time("Asia/Seoul", tmp_path, clock, wall=wall, steady=steady)) == [code]


def test_a_clock_behind_what_was_written(tmp_path: Path) -> None:
    """Data of tomorrow mean that the clock is wrong today."""
    clock = VirtualClock()
    file = tmp_path / "history.db"
    file.write_bytes(b"")
    tomorrow = clock.now() / 1000 + 86_400
    os.utime(file, (tomorrow, tomorrow))
    wall, steady = clock.now(), clock.monotonic()
    assert codes(machine.time("UTC", tmp_path, clock, wall=wall, steady=steady)) == ["clock_behind"]
