"""Marks as they are made: kept first, then told to every screen; changes of state make theirs by themselves."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Iterable

import msgspec
import structlog

from bongsu.check_ports import MarkRecords
from bongsu.collect.checks.watch import Target
from bongsu.model.check import Standing, State
from bongsu.model.errors import BongsuError
from bongsu.model.mark import Change, Mark
from bongsu.model.sample import Sample
from bongsu.ports import Announcer, Clock

_WAITING = 200
"""Changes of state that wait to be kept; beyond it they are dropped and counted."""
_log = structlog.get_logger(__name__)


class Marks:
    """Implements `check_ports.Marks` over the records; `changed` is what the watch calls."""

    def __init__(self, *, records: MarkRecords, announcer: Announcer, clock: Clock) -> None:
        self._records = records
        self._announcer = announcer
        self._clock = clock
        self._settled: dict[str, State] = {}
        self._waiting: asyncio.Queue[Mark] = asyncio.Queue(_WAITING)
        self._writer: asyncio.Task[None] | None = None
        self._dropped = 0

    async def add(self, mark: Mark) -> Mark:
        """Keep a mark under a new id, and tell it.

        Raises:
            StorageFull, Unavailable: it wasn't kept.
        """
        mark = msgspec.structs.replace(mark, id=secrets.token_hex(8))
        await self._records.save_mark(mark)
        self._announcer.announce("mark", {"mark": msgspec.to_builtins(mark)})
        return mark

    async def remove(self, mark_id: str) -> bool:
        """Whether there was one to remove; screens are told."""
        removed = await self._records.remove_mark(mark_id)
        if removed:
            self._announcer.announce("mark", {"removed": mark_id})
        return removed

    async def marks(self, *, start: int, end: int, limit: int) -> list[Mark]:
        """Those with start ≤ at < end, oldest first."""
        return await self._records.marks(start=start, end=end, limit=limit)

    def changed(self, target: Target, before: Standing, after: Standing) -> None:
        """Make a mark of a change between states that are settled: a failure that passes is none."""
        if before.state != "pending":
            self._settled[target.key] = before.state
        was = self._settled.get(target.key)
        if after.state == "pending" or was is None or was == after.state:
            return
        self._settled[target.key] = after.state
        change = Change(
            kind=target.kind,
            name=target.name,
            title_ko=target.title_ko,
            title_en=target.title_en,
            was=was,
            state=after.state,
            reason=after.reason,
        )
        mark = Mark(id="", at=after.since, kind="state", label=f"{target.title_en}: {after.state}", change=change)
        try:
            self._waiting.put_nowait(mark)
        except asyncio.QueueFull:
            self._dropped += 1

    def start(self) -> None:
        """Begin to keep what changes."""
        self._writer = asyncio.create_task(self._write(), name="bongsu-marks")

    async def stop(self) -> None:
        """Keep what waits, a moment at most."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1.0):
                await self._waiting.join()
        if self._writer is not None:
            self._writer.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._writer

    async def _write(self) -> None:
        while True:
            mark = await self._waiting.get()
            try:
                await self.add(mark)
            except BongsuError as error:
                self._dropped += 1
                _log.warning("a mark couldn't be kept", mark=mark.label, reason=error.detail)
            finally:
                self._waiting.task_done()

    def figures(self) -> Iterable[Sample]:
        """What couldn't be kept."""
        yield Sample(metric="bongsu_marks_dropped_total", value=float(self._dropped))
