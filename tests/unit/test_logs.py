"""Logs for people and for machines."""

from __future__ import annotations

import io
import json
import logging
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from bongsu.logs import DASHBOARD_LOG, GUIDE_LOGGER, LIVE_LOG, Logs, link_in, terminal


@pytest.fixture(autouse=True)
def _loggers_left_alone() -> Iterator[None]:
    """Put the loggers' tree and structlog back as they were."""
    ours, guide = logging.getLogger("bongsu"), logging.getLogger(GUIDE_LOGGER)
    parent, level = ours.parent, guide.level
    yield
    ours.parent = parent
    guide.setLevel(level)
    structlog.reset_defaults()


def lines(path: Path) -> list[dict[str, Any]]:
    """The JSON objects in a log file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.guide("G049")
@pytest.mark.guide("G119")
def test_files_hold_json_and_the_terminal_sentences(tmp_path: Path) -> None:
    """Both kinds of logger reach the terminal as a line and the file as JSON with its fields."""
    terminal = io.StringIO()
    logs = Logs(folder=tmp_path, terminal=terminal)
    structlog.get_logger("bongsu.history").info("sealed 100%", series=3)
    logging.getLogger("bongsu.live.hub").warning("slow client %s", "10.0.0.1")
    logging.getLogger("bongsu.live.hub").debug("not at this level")
    logs.close()

    said = terminal.getvalue().splitlines()
    assert said[0].endswith("INFO    bongsu.history  sealed 100% series=3")
    assert said[1].endswith("WARNING bongsu.live.hub  slow client 10.0.0.1")
    assert len(said) == 2
    first, second = lines(tmp_path / DASHBOARD_LOG)
    assert (first["event"], first["series"], first["level"]) == ("sealed 100%", 3, "info")
    assert first["time"].endswith("Z")
    assert second["event"] == "slow client 10.0.0.1"
    assert [line["event"] for line in lines(tmp_path / LIVE_LOG)] == ["slow client 10.0.0.1"]


@pytest.mark.guide("G049")
def test_the_guides_logger_governs_ours(tmp_path: Path) -> None:
    """The level set on `src.realtime_monitoring_dashboard` makes ours tell more, and its handlers hear us."""
    logs = Logs(folder=tmp_path, terminal=None, level="WARNING")
    heard = io.StringIO()
    handler = logging.StreamHandler(heard)
    guide = logging.getLogger("src.realtime_monitoring_dashboard")
    guide.addHandler(handler)
    logging.getLogger("bongsu.collect").debug("before")
    guide.setLevel(logging.DEBUG)
    logging.getLogger("bongsu.collect").debug("after")
    guide.removeHandler(handler)
    logs.close()

    assert heard.getvalue() == "after\n"
    assert [line["event"] for line in lines(tmp_path / DASHBOARD_LOG)] == ["after"]


@pytest.mark.guide("G049")
def test_single_loggers_have_levels_of_their_own(tmp_path: Path) -> None:
    """A level set for one logger holds for it and those below it only."""
    logs = Logs(folder=tmp_path, terminal=None, levels={"bongsu.live": "DEBUG"})
    logging.getLogger("bongsu.live.hub").debug("heard")
    logging.getLogger("bongsu.collect").debug("not heard")
    logs.close()
    assert logging.getLogger("bongsu.live").level == logging.NOTSET
    assert [line["event"] for line in lines(tmp_path / DASHBOARD_LOG)] == ["heard"]


def test_secrets_stay_out_of_message_fields_and_traceback(tmp_path: Path) -> None:
    """A secret is masked in the sentence, in a field and inside an exception."""
    terminal = io.StringIO()
    logs = Logs(folder=tmp_path, terminal=terminal, secrets=["hunter22"])
    log = structlog.get_logger("bongsu.notify")
    log.warning("sent hunter22", password="hunter22", url="redis://:hunter22@x")
    for say in (log.exception, logging.getLogger("bongsu.x").exception):
        try:
            raise ValueError("hunter22")
        except ValueError:
            say("failed")
    logs.close()

    written = (tmp_path / DASHBOARD_LOG).read_text(encoding="utf-8")
    assert "hunter22" not in terminal.getvalue() + written
    assert written.count("Traceback") == 2
    assert "Traceback" in terminal.getvalue()


def test_closing_leaves_no_handler_and_no_file_open(tmp_path: Path) -> None:
    """After close nothing more is written."""
    before = list(logging.getLogger().handlers)
    Logs(folder=tmp_path, terminal=None).close()
    logging.getLogger("bongsu").error("late")
    assert logging.getLogger().handlers == before
    assert not (tmp_path / DASHBOARD_LOG).exists()


@pytest.mark.guide("G049")
def test_the_guides_path_is_a_link(tmp_path: Path) -> None:
    """`tail -f monitoring_dashboard.log` in the working directory follows the file in logs/."""
    log = tmp_path / "logs" / DASHBOARD_LOG
    log.parent.mkdir()
    log.write_text("one\n")
    assert link_in(tmp_path, log)
    assert link_in(tmp_path, log)
    assert (tmp_path / DASHBOARD_LOG).read_text() == "one\n"
    assert (tmp_path / DASHBOARD_LOG).readlink() == Path("logs") / DASHBOARD_LOG


def test_a_file_of_the_users_is_left_alone(tmp_path: Path) -> None:
    """A real file of that name is not replaced."""
    (tmp_path / DASHBOARD_LOG).write_text("mine")
    assert not link_in(tmp_path, tmp_path / "logs" / DASHBOARD_LOG)
    assert (tmp_path / DASHBOARD_LOG).read_text() == "mine"


def test_files_turn_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both files are bounded: past their size they turn over, and the oldest goes."""
    monkeypatch.setattr("bongsu.logs._FILE_BYTES", 2_000)
    logs = Logs(folder=tmp_path, terminal=None)
    for number in range(300):
        logging.getLogger("bongsu.live").warning("line %s", number)
    logs.close()
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == sorted(
        f"{name}{end}" for name in (DASHBOARD_LOG, LIVE_LOG) for end in ("", *(f".{n}" for n in range(1, 6)))
    )
    assert all(path.stat().st_size <= 2_000 for path in tmp_path.iterdir())
    assert lines(tmp_path / LIVE_LOG)[-1]["event"] == "line 299"


def test_lines_for_the_terminal_fill_no_file(tmp_path: Path) -> None:
    """Where the output leads into a file, as in the background, lines go to the rotated files alone."""
    with (tmp_path / "out").open("w") as out:
        assert terminal(out) is None
    read, write = os.pipe()
    with os.fdopen(write, "w") as pipe:
        assert terminal(pipe) is pipe
    os.close(read)
    memory = io.StringIO()
    assert terminal(memory) is memory
    assert terminal(None) is None


def test_levels_and_secrets_change_while_it_runs(tmp_path: Path) -> None:
    """Another level holds from now on, a new secret is taken out, and at the end all is as it was found."""
    guide, room = logging.getLogger(GUIDE_LOGGER), logging.getLogger("bongsu.room")
    was = (guide.level, room.level)
    logs = Logs(folder=tmp_path, terminal=None, level="WARNING", levels={"bongsu.room": "ERROR"})
    logs.change(level="DEBUG", levels={}, secrets=["geheim77"])
    structlog.get_logger("bongsu.room").debug("posted", to="https://x.kr/geheim77")
    assert (guide.level, room.level) == (logging.DEBUG, logging.NOTSET)
    logs.close()
    text = (tmp_path / DASHBOARD_LOG).read_text(encoding="utf-8")
    assert "posted" in text
    assert "geheim77" not in text
    assert (guide.level, room.level) == was


def test_a_pipe_that_nobody_reads_stops_nothing() -> None:
    """What isn't taken at once is lost there and counted; once somebody reads again, lines go on."""
    reading, writing = os.pipe()
    with os.fdopen(reading, encoding="utf-8") as reader, os.fdopen(writing, "w", encoding="utf-8") as pipe:
        logs = Logs(terminal=pipe)
        told = logging.getLogger("bongsu.live.hub")

        def tell() -> None:
            for i in range(1_000):
                told.warning("%d %s", i, "x" * 500)

        flood = threading.Thread(target=tell, daemon=True)
        flood.start()
        flood.join(20)
        assert not flood.is_alive()
        os.set_blocking(reading, False)
        held = reader.read().splitlines()
        assert 0 < len(held) < 1_000
        assert held[-1].endswith("x" * 500)
        told.warning("again")
        again = reader.read().splitlines()
        assert again[0] == f"({1_000 - len(held)} lines were not written here: nobody read)"
        assert again[1].endswith("again")
        logs.close()


def test_a_long_line_is_written_whole() -> None:
    """A traceback is longer than a piece."""
    reading, writing = os.pipe()
    with os.fdopen(reading, encoding="utf-8") as reader, os.fdopen(writing, "w", encoding="utf-8") as pipe:
        logs = Logs(terminal=pipe)
        logging.getLogger("bongsu.live.hub").warning("봉수" * 4_000)
        os.set_blocking(reading, False)
        assert reader.read().count("봉수") == 4_000
        logs.close()
