"""What screens set, taken up before the server starts."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from bongsu.clock import SystemClock
from bongsu.commands.config import show
from bongsu.commands.remembered import remembered
from bongsu.commands.words import Words
from bongsu.records.sql import SqlRecords
from bongsu.settings.load import load_with_origins


def keep(folder: Path, *layers: object) -> None:
    """Versions in the records of a folder, as screens would have made them."""

    async def write() -> None:
        records = await SqlRecords.open(folder, clock=SystemClock())
        for number, layer in enumerate(layers):
            await records.save_settings(json.dumps(layer), "[]", after=number, at=0, by="kim", note="")
        await records.close()

    asyncio.run(write())


def test_the_newest_version_holds_from_the_start_on(tmp_path: Path) -> None:
    """Ports and folders too, which nothing could change later."""
    keep(tmp_path, {"server.port": 1}, {"server.port": 9_000})
    loaded = load_with_origins({"server.live_port": 0}, environment={}, folder=tmp_path)
    standing = remembered(loaded, data=tmp_path)
    assert (standing.settings.server.port, standing.settings.server.live_port, standing.version) == (9_000, 0, 2)


def test_what_cannot_be_used_is_left_out_and_told(tmp_path: Path) -> None:
    """A server never stays down for what a screen set."""
    keep(tmp_path, {"server.port": "nine", "monitoring.language": "en"})
    standing = remembered(load_with_origins(environment={}, folder=tmp_path), data=tmp_path)
    assert (standing.settings.server.port, standing.settings.monitoring.language) == (8_080, "en")
    assert [fault.path for fault in standing.faults] == ["server.port"]


def test_without_records_nothing_is_made(tmp_path: Path) -> None:
    """Looking leaves no file, and records that can't be read are the start's trouble."""
    loaded = load_with_origins(environment={}, folder=tmp_path)
    assert remembered(loaded, data=tmp_path / "data").version == 0
    assert not (tmp_path / "data").exists()
    (tmp_path / "records.db").mkdir()
    assert remembered(loaded, data=tmp_path).version == 0


def test_config_show_tells_what_a_screen_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With `screen` as its place."""
    monkeypatch.chdir(tmp_path)
    keep(tmp_path / "data", {"monitoring.timezone": "UTC"})
    assert show(Words("en"), None, as_json=False) == 0
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("monitoring.timezone")]
    assert line.split() == ["monitoring.timezone", '"UTC"', "screen"]
