"""`bongsu rules`: what is listed, checked and tried from the command line."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from bongsu import cli
from bongsu.commands import rules
from bongsu.commands.words import Words
from bongsu.model.sample import Sample
from tests.fakes.clock import VirtualClock
from tests.fakes.server import Stand, running


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands run in a folder of their own, and speak English."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BONGSU_MONITORING__LANGUAGE", "en")
    monkeypatch.setenv("BONGSU_SERVER__PORT", "1")


def settings(*written: object) -> str:
    """A settings file with these rules; its flag."""
    Path("settings.json").write_text(json.dumps({"rules": written}), encoding="utf-8")
    return "--config=settings.json"


def test_without_a_server_the_settings_rules_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    """The seven thresholds and what is written, each with what it asks, how bad it is and where it comes from."""
    wide = {"id": "wide", "metric": "m", "value": 1, "aggregation": "avg", "labels": {"host": "web*"}, "enabled": False}
    quiet = {"id": "quiet", "metric": "m", "kind": "no_data", "no_data_after": "2m"}
    assert cli.main(["rules", "list", settings({"if": "load_1m over 8 for 5m"}, wide, quiet)]) == 0
    told = capsys.readouterr()
    assert "No server runs" in told.err
    lines = [" ".join(line.split()) for line in told.out.splitlines()]
    assert lines[0] == "cpu_threshold_percent cpu_usage > 80 for 1m warning thresholds"
    assert lines[7:] == [
        "load_1m-threshold load_1m > 8 for 5m warning settings",
        "wide avg(m{host=web*}, 1m) > 1 warning settings, off",
        "quiet m silent for 2m warning settings",
    ]
    assert cli.main(["rules", "list", "--json", settings()]) == 0
    assert len(json.loads(capsys.readouterr().out)["rules"]) == 7


def test_validate_tells_each_fault_with_its_place(capsys: pytest.CaptureFixture[str]) -> None:
    """0 and a count where all is fine; else 1 and every fault."""
    assert cli.main(["rules", "validate", settings({"if": "cpu_usage over 90"})]) == 0
    assert "8, 1 of them written" in capsys.readouterr().out
    assert cli.main(["rules", "validate", settings({"if": "cpu"}, {"metric": "m", "value": 1, "window": "1"})]) == 1
    told = "".join(capsys.readouterr())
    assert "rules[0].if: can't be read" in told
    assert "rules[1].window: must be a duration" in told


def test_a_backtest_needs_a_server(capsys: pytest.CaptureFixture[str]) -> None:
    """Without one it is said how to start it."""
    assert cli.main(["rules", "backtest", "cpu_usage over 90"]) == 1
    assert "bongsu up" in capsys.readouterr().err


async def test_a_backtest_of_the_running_server(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the simple form or a rule's id; what can't be is told and ends with 1."""
    async with running(Stand(clock=VirtualClock())) as stand:
        monkeypatch.setenv("BONGSU_SERVER__PORT", str(stand.port))
        now = stand.clock.now()
        told = [
            Sample(metric="cpu_usage", value=value, at=now - minutes * 60_000)
            for minutes, value in ((30, 10.0), (20, 95.0), (10, 10.0))
        ]
        await stand.measurements.take(stand.gate.admit(told)[0])

        async def run(*arguments: str) -> tuple[int, str, str]:
            status = await asyncio.to_thread(cli.main, ["rules", *arguments])
            return status, *capsys.readouterr()

        status, out, _ = await run("backtest", "cpu_usage over 90", "--start=-1h", "--step=60s")
        assert status == 0
        assert "fired 1 times over 1 series, 10m in all; at most 2 messages" in out
        assert "95" in out.splitlines()[0]
        status, out, _ = await run("backtest", "cpu_threshold_percent", "--start=-1h", "--json")
        assert (status, json.loads(out)["count"]) == (0, 1)
        status, _, error = await run("backtest", "nobody")
        assert (status, "There is no rule nobody. bongsu rules list" in error) == (1, True)
        status, _, error = await run("backtest", "cpu_usage over many")
        assert (status, "can't be read" in error) == (1, True)
        status, out, _ = await run("list")
        assert (status, len(out.splitlines())) == (0, 7)


def test_a_long_report_is_shortened() -> None:
    """The last twenty alerts, how many came before, hours as bars, and what was left out."""
    answer = {
        "fired": [{"labels": {"host": "a"}, "from": place * 60_000, "to": None, "worst": 1.5} for place in range(30)],
        "count": 30,
        "series": 2,
        "left_out": 3,
        "total_ms": 93_784_000,
        "messages": 30,
        "by_hour": [0, 1, 8] + [0] * 20 + [1],
        "start": 0,
        "end": 86_400_000,
    }
    lines = list(rules.report(Words("en"), answer, "Asia/Seoul"))
    assert len(lines) == 24
    assert lines[19].split() == ["1970-01-01", "09:29:00", "stands", "1.5", "host=a"]
    assert "10 before" in lines[20]
    assert "1d 2h in all" in lines[21]
    assert lines[22].endswith("[ ▁█                    ▁]")
    assert lines[23].startswith("3 more series")
