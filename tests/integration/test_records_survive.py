"""The records through kills, damage, a full disk and a PostgreSQL that goes away."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from bongsu.clock import SystemClock
from bongsu.model.alert import AuditEntry
from bongsu.model.errors import StorageFull, Unavailable
from bongsu.records.sql import SqlRecords
from tests.fakes.clock import VirtualClock
from tests.fakes.postgres import cluster

ROOT = Path(__file__).parents[2]
CHILD = ROOT / "tests" / "integration" / "records_child.py"


def entry(subject: str = "x", detail: str = "") -> AuditEntry:
    """Something small to write."""
    return AuditEntry(at=1, by="", action="test", subject=subject, detail=detail)


@pytest.mark.slow
def test_killed_between_any_two_statements(tmp_path: Path) -> None:
    """Whichever statement it dies at: what was kept is there with its notice, is sent, and at most one twice."""
    done = subprocess.run(
        [sys.executable, str(CHILD), str(tmp_path)],
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"},
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    walks = sorted((json.loads(line) for line in done.stdout.splitlines()), key=lambda walk: int(walk["walk"]))
    assert [walk["walk"] for walk in walks] == [number + 1 for number in range(len(walks))]
    assert len(walks) > 40, done.stderr
    duplicates = 0
    for walk in walks:
        assert walk["damaged"] == [0]
        assert walk["alerts"] == walk["notices"], "an alert and its notice are kept together or not at all"
        assert set(walk["kept"]) <= set(walk["alerts"]), "what commit answered for is there"
        assert walk["undelivered"] == []
        assert set(walk["sent"]) == set(walk["notices"])
        again = [times - 1 for times in Counter(walk["sent"]).values() if times > 1]
        assert again in ([], [1])
        duplicates += len(again)
    assert duplicates, "the kill between sending and its receipt was tried"
    assert walks[-1]["sent"] == ["0", "1"], "the last walk went through unharmed"


async def damaged(records: SqlRecords) -> float:
    return next(one.value for one in records.figures() if one.metric == "bongsu_records_damaged_total")


async def test_a_damaged_file_is_set_aside_at_the_start(tmp_path: Path) -> None:
    """A file that is no database is moved aside and counted, and a new one is started beside it."""
    (tmp_path / "records.db").write_bytes(b"this is no database " * 5000)
    records = await SqlRecords.open(tmp_path, clock=VirtualClock())
    await records.note(entry())
    assert await records.audit() == [entry()]
    assert await damaged(records) == 1
    (aside,) = tmp_path.glob("records.db.damaged-*")
    assert aside.read_bytes().startswith(b"this is no database")
    await records.close()


async def test_a_file_damaged_within_is_found_at_the_start(tmp_path: Path) -> None:
    """A file that is whole but for its last pages is found by the check, before anything relies on it."""
    records = await SqlRecords.open(tmp_path, clock=VirtualClock())
    for number in range(50):
        await records.note(entry(str(number), "x" * 2000))
    await records.close()
    file = tmp_path / "records.db"
    whole = file.read_bytes()
    file.write_bytes(whole[:-16_384] + b"\x55" * 16_384)
    records = await SqlRecords.open(tmp_path, clock=VirtualClock())
    assert await damaged(records) == 1
    assert await records.audit() == []
    await records.close()


async def test_damage_while_running(tmp_path: Path) -> None:
    """When reading or writing meets damage, a new file is started and what is written from then on is kept there."""
    records = await SqlRecords.open(tmp_path, clock=VirtualClock())
    for number in range(300):
        await records.note(entry(str(number), "more than is held in memory" * 400))
    for name in ("records.db", "records.db-wal"):
        file = tmp_path / name
        file.write_bytes(b"\x55" * file.stat().st_size)
    assert await records.audit() == []
    await records.note(entry("after"))
    assert await records.audit() == [entry("after")]
    assert await damaged(records) == 1
    assert len(list(tmp_path.glob("records.db.damaged-*Z"))) == 1
    await records.close()
    records = await SqlRecords.open(tmp_path, clock=VirtualClock())
    assert await records.audit() == [entry("after")]
    await records.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Path:
    """A file system of two megabytes of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("mounting a small disk needs rights that this user doesn't have")
    return folder


async def test_a_full_disk_is_told_and_recovered_from(small_disk: Path) -> None:
    """When the disk is full each write says so; when space returns it goes on by itself, nothing kept is lost."""
    try:
        records = await SqlRecords.open(small_disk, clock=VirtualClock())
        ballast = small_disk / "ballast"
        with pytest.raises(OSError, match="No space"):
            ballast.write_bytes(bytes(4 << 20))
        kept, refused = [], 0
        for number in range(200):
            try:
                await records.note(entry(str(number), "x" * 10_000))
                kept.append(str(number))
            except StorageFull:
                refused += 1
        assert refused
        assert [one.subject for one in await records.audit()] == kept[::-1]
        ballast.unlink()
        await records.note(entry("again"))
        await records.close()
        records = await SqlRecords.open(small_disk, clock=VirtualClock())
        assert [one.subject for one in await records.audit()] == ["again", *kept[::-1]]
        await records.close()
    finally:
        subprocess.run(["umount", str(small_disk)], check=True)


async def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """A place where no folder can be is told with what to do about it."""
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable) as refused:
        await SqlRecords.open(tmp_path / "file" / "data", clock=VirtualClock())
    assert "rights" in refused.value.hint


async def test_another_process_that_writes_is_waited_for(tmp_path: Path) -> None:
    """A command that writes rules beside the running server and the server itself both get through."""
    first = await SqlRecords.open(tmp_path, clock=VirtualClock())
    second = await SqlRecords.open(tmp_path, clock=VirtualClock())
    for number in range(20):
        assert await first.save_rule("a", str(number), at=1, by="") == 2 * number + 1
        assert await second.save_rule("a", str(number), at=1, by="") == 2 * number + 2
    assert await first.rules() == {"a": "19"}
    await first.close()
    await second.close()


@pytest.fixture
async def postgres(program: Callable[..., str]) -> AsyncIterator[str]:
    """A cluster of one's own."""
    with cluster(program) as url:
        yield url


async def test_postgres_remembers_and_two_share_it(postgres: str) -> None:
    """What one server wrote another reads, and whoever opens later finds it."""
    first = await SqlRecords.open(postgres, clock=SystemClock())
    second = await SqlRecords.open(postgres, clock=SystemClock())
    await first.note(entry("one"))
    assert await second.audit() == [entry("one")]
    await first.close()
    await second.close()
    third = await SqlRecords.open(postgres, clock=SystemClock())
    assert await third.audit() == [entry("one")]
    await third.close()


async def test_postgres_that_drops_its_connections(postgres: str) -> None:
    """When PostgreSQL ends all connections, the next write finds its way again or says it can't; later ones work."""
    records = await SqlRecords.open(postgres, clock=SystemClock())
    other = await SqlRecords.open(postgres, clock=SystemClock())
    await records.note(entry("before"))
    await other._database.write(
        lambda connection: connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND application_name = 'bongsu'"
        ).all()
    )
    await records.note(entry("after"))
    assert await records.audit() == [entry("after"), entry("before")]
    await records.close()
    await other.close()


async def test_postgres_that_is_away(tmp_path: Path) -> None:
    """A server that isn't there is told as unavailable, and the password is in no message."""
    with pytest.raises(Unavailable) as refused:
        await SqlRecords.open(f"postgresql://u:geheim@/x?host={tmp_path}", clock=SystemClock())
    assert "geheim" not in f"{refused.value.detail} {refused.value.hint}"
    assert refused.value.retry_after
