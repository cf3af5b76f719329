"""The records' own ways: bounds, closing, what becomes old, what can't be read, where they are."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from pathlib import Path

import pytest
from msgspec.structs import replace

from bongsu.model.alert import AuditEntry, Delivery
from bongsu.model.errors import Unavailable
from bongsu.records.sql import DAY, SqlRecords
from tests.contract.test_records import T0, alert, notice, over, step
from tests.fakes.clock import VirtualClock

ENTRY = AuditEntry(at=T0, by="", action="test", subject="x")


def figure(records: SqlRecords, name: str) -> float:
    return next(one.value for one in records.figures() if one.metric == f"bongsu_records_{name}")


async def test_too_many_waiting_changes_are_refused(tmp_path: Path) -> None:
    """Beyond the bound a change is refused with a time to come back, and counted; what waited is kept."""
    records = await SqlRecords.open(tmp_path, clock=VirtualClock())
    told = await asyncio.gather(*(records.note(ENTRY) for _ in range(1_005)), return_exceptions=True)
    refused = [one for one in told if one is not None]
    assert len(refused) == 5
    assert all(isinstance(one, Unavailable) and one.retry_after for one in refused)
    assert figure(records, "refused_total") == 5
    assert figure(records, "transactions_total") == 1_000
    assert figure(records, "queued") == 0
    assert len(await records.audit(limit=2_000)) == 1_000
    await records.close()


async def test_closing_finishes_what_has_queued(tmp_path: Path) -> None:
    """Changes on their way are kept; afterwards everything is refused, and closing again does nothing."""
    records = await SqlRecords.open(tmp_path, clock=VirtualClock())
    writing = [asyncio.ensure_future(records.note(ENTRY)) for _ in range(20)]
    await asyncio.sleep(0)
    await records.close()
    await asyncio.gather(*writing)
    await records.close()
    with pytest.raises(Unavailable, match="closed"):
        await records.note(ENTRY)
    with pytest.raises(Unavailable, match="closed"):
        await records.living()
    records = await SqlRecords.open(tmp_path, clock=VirtualClock())
    assert len(await records.audit()) == 20
    await records.close()


async def test_a_commit_is_kept_whole_or_not_at_all(tmp_path: Path) -> None:
    """When the notices can't be kept the steps aren't either."""
    records = await SqlRecords.open(tmp_path, clock=VirtualClock())
    with sqlite3.connect(tmp_path / "records.db") as connection:
        connection.execute("CREATE TRIGGER no BEFORE INSERT ON deliveries BEGIN SELECT RAISE(ABORT, 'no'); END")
    connection.close()
    with pytest.raises(Unavailable):
        await records.commit([step(alert())], [notice("n", alert())])
    assert await records.living() == []
    assert await records.transitions() == []
    assert figure(records, "errors_total") == 1
    await records.commit([step(alert())])
    assert await records.living() == [alert()]
    await records.close()


@pytest.mark.parametrize("place", ["disk", "memory"])
async def test_what_is_old_is_removed(place: str, tmp_path: Path) -> None:
    """Alerts long over and old receipts go, a little at a time; what lives, waits, is recent or audited stays."""
    clock = VirtualClock(T0)
    records = await SqlRecords.open(tmp_path if place == "disk" else None, clock=clock, keep=DAY)
    ended = [over(alert(f"old{number}"), T0 - DAY) for number in range(450)]
    await records.commit([step(one, "resolved", T0 - DAY) for one in ended])
    kept = [alert("living"), over(alert("recent"), T0 - 1000)]
    await records.commit([step(one) for one in kept])
    await records.put([notice("old"), notice("new"), notice("waiting", at=T0 - 9 * DAY)])
    await records.mark([Delivery(notice=notice("old"), state="sent", done_at=T0 - DAY)])
    await records.mark([Delivery(notice=notice("new"), state="dead", done_at=T0)])
    await records.note(replace(ENTRY, at=T0 - 1000 * DAY))
    await clock.advance(3600)
    for _ in range(100):
        await records.put([notice("waiting")])
        await clock.advance(0.1)
    assert figure(records, "removed_total") == 451
    assert {one.id for one in await records.past(start=0, end=T0 + DAY, limit=500)} == {"living", "recent"}
    assert {one.alert.id for one in await records.transitions()} == {"living", "recent"}
    assert [one.notice.id for one in await records.done()] == ["new"]
    assert [one.notice.id for one in await records.waiting()] == ["waiting"]
    assert len(await records.audit()) == 1
    await records.close()


async def test_what_cannot_be_read_is_left_out(tmp_path: Path) -> None:
    """A row that somebody spoilt costs itself only."""
    records = await SqlRecords.open(tmp_path, clock=VirtualClock())
    await records.commit([step(alert("a")), step(alert("b"))], [notice("m"), notice("n")])
    with sqlite3.connect(tmp_path / "records.db") as connection:
        connection.execute("UPDATE alerts SET body = '{' WHERE id = 'a'")
        connection.execute("UPDATE deliveries SET notice = '[]' WHERE id = 'm'")
    connection.close()
    assert [one.id for one in await records.living()] == ["b"]
    assert await records.alert("a") is None
    assert [one.notice.id for one in await records.due(T0)] == ["n"]
    await records.close()


async def test_text_that_no_database_takes(tmp_path: Path) -> None:
    """Half characters, as a broken sender makes them, become question marks instead of losing the alert."""
    records = await SqlRecords.open(tmp_path, clock=VirtualClock())
    await records.commit([step(alert(message="disk \ud800 full"))], [notice("n", text="\udfff")])
    assert [one.message for one in await records.past(start=0, end=T0 + 1, text="disk \ud800")] == ["disk ? full"]
    assert [one.notice.text for one in await records.waiting()] == ["?"]
    await records.close()


async def test_records_outlive_the_process_on_disk_but_not_in_memory(tmp_path: Path) -> None:
    """A folder's records are there again; those in memory are gone, and two of them are strangers."""
    records = await SqlRecords.open(tmp_path / "made" / "here", clock=VirtualClock())
    await records.commit([step(alert())], [notice()])
    assert figure(records, "disk_bytes") > 10_000
    await records.close()
    records = await SqlRecords.open(str(tmp_path / "made" / "here"), clock=VirtualClock())
    assert await records.living() == [alert()]
    assert len(await records.waiting()) == 1
    await records.close()
    first, second = [await SqlRecords.open(None, clock=VirtualClock()) for _ in range(2)]
    await first.commit([step(alert())])
    assert await second.living() == []
    assert figure(first, "disk_bytes") == 0
    await first.close()
    await second.close()


async def test_no_question_reads_a_whole_table(tmp_path: Path) -> None:
    """Whatever is asked often or over years is found by an index, so that what is over costs what lives nothing."""
    asked: list[str] = []
    records = await SqlRecords.open(tmp_path, clock=VirtualClock())
    await records._database.read(
        lambda connection: connection.connection.dbapi_connection.set_trace_callback(asked.append)  # type: ignore[union-attr]
    )
    await records.due(T0)
    await records.waiting()
    await records.done(start=T0)
    await records.living()
    await records.alert("a")
    await records.past(start=T0, end=T0 + 1, text="x")
    await records.transitions(start=T0)
    await records.transitions(alert_id="a")
    await records.silences()
    await records.versions("a")
    await records.audit(start=T0)
    await records.close()
    questions = [one for one in asked if one.startswith("SELECT")]
    assert len(questions) == 11
    with contextlib.closing(sqlite3.connect(tmp_path / "records.db")) as connection:
        plans = {one: str(connection.execute(f"EXPLAIN QUERY PLAN {one}").fetchall()) for one in questions}
    assert [one for one, plan in plans.items() if "SCAN" in plan or "SEARCH" not in plan] == []


@pytest.mark.parametrize(
    ("url", "match"),
    [
        ("mysql://u:geheim@h/d", "records can't be kept in mysql"),
        ("sqlite:///x.db", "records can't be kept in sqlite"),
        ("postgresql://u:geheim@h:port/d", "can't be read"),
        ("://geheim", "can't be read"),
    ],
)
async def test_urls_that_are_none_of_ours(url: str, match: str) -> None:
    """A URL that can't be used is refused with what it should look like, and its password is in no message."""
    with pytest.raises(Unavailable, match=match) as refused:
        await SqlRecords.open(url, clock=VirtualClock())
    assert "postgresql://" in refused.value.hint
    assert "geheim" not in f"{refused.value.detail} {refused.value.hint}"
