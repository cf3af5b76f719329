"""What watches feeds and series: calendars and detectors (and feeds), put together for the engine."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

import structlog

from bongsu.calendars.book import Calendars, Plan
from bongsu.calendars.exchanges import ExchangeDays, read
from bongsu.ports import Clock
from bongsu.settings.model import Settings

_DAY = 86_400.0
_FRESH = 30 * _DAY
"""Seconds for which stored exchange days are taken as they are."""
_PATIENCE = 120.0
_FILE = "exchange_days.json"


class Feeding:
    """The calendars of one Bongsu, and what reads them. `open` it, `start` it, `stop` it."""

    def __init__(self, *, calendars: Calendars, keeper: ExchangeDaysKeeper) -> None:
        self.calendars = calendars
        self._keeper = keeper
        self._task: asyncio.Task[None] | None = None

    @classmethod
    def open(cls, settings: Settings, *, clock: Clock, data: Path | None) -> Self:
        """Wire the parts; nothing runs yet. `data` is the folder for what is kept (None: nothing is)."""
        plans: Mapping[str, Plan] = {name: hours.plan() for name, hours in settings.calendars.items()}
        calendars = Calendars(plans)
        return cls(calendars=calendars, keeper=ExchangeDaysKeeper(calendars, clock=clock, folder=data))

    async def start(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._keeper.run(), name="exchange-days")

    async def stop(self) -> None:
        """End."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task


async def ask_package(year: int) -> str:
    """The exchange's days up to the end of a year as text, from a process that ends again.

    Raises:
        ValueError: the package can't be asked; the text is its last line.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bongsu.calendars.build", str(year)),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(_PATIENCE):
            out, said = await process.communicate()
    except TimeoutError:
        raise ValueError(f"no answer within {_PATIENCE:.0f} s") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        lines = said.decode(errors="replace").strip().splitlines()
        raise ValueError(lines[-1] if lines else f"it ended with {process.returncode}")
    return out.decode()


class ExchangeDaysKeeper:
    """Keeps the exchange's days at hand in a small file, asking the package every 30 days at most.

    Looks once at the start and once a day, and only if a calendar in use follows the exchange.
    """

    def __init__(
        self,
        calendars: Calendars,
        *,
        clock: Clock,
        folder: Path | None,
        ask: Callable[[int], Awaitable[str]] = ask_package,
    ) -> None:
        self._calendars = calendars
        self._clock = clock
        self._path = folder / _FILE if folder is not None else None
        self._ask = ask
        self._log = structlog.get_logger("bongsu.calendars")

    async def run(self) -> None:
        """Look at once and then daily, until cancelled."""
        while True:
            if self._calendars.follows_exchange:
                await self.refresh()
            await self._clock.sleep_until(self._clock.monotonic() + _DAY)

    async def refresh(self) -> None:
        """Take stored days where they are fresh, else ask the package; without it, the rule goes on."""
        stored, age = self._stored()
        if stored is not None:
            self._calendars.learn(stored)
            if age < _FRESH:
                return
        year = datetime.fromtimestamp(self._clock.now() / 1000, UTC).year + 1
        try:
            text = await self._ask(year)
            days = read(text)
        except (ValueError, OSError) as error:
            self._log.warning(
                "the exchange's days could not be asked for: weekdays less Korean holidays, 1 May and the year's "
                "last weekday are taken"
                if stored is None
                else "the exchange's days could not be renewed",
                error=str(error),
            )
            return
        self._calendars.learn(days)
        self._store(text)
        self._log.info("exchange days renewed", source=days.source, last=days.last.isoformat())

    def _stored(self) -> tuple[ExchangeDays | None, float]:
        if self._path is None or not self._path.exists():
            return None, 0.0
        try:
            age = self._clock.now() / 1000 - self._path.stat().st_mtime
            return read(self._path.read_text(encoding="utf-8")), age
        except (OSError, ValueError) as error:
            self._log.warning("stored exchange days can't be read", path=str(self._path), error=str(error))
            return None, 0.0

    def _store(self, text: str) -> None:
        if self._path is None:
            return
        try:
            self._path.write_text(text, encoding="utf-8")
        except OSError as error:
            self._log.warning("exchange days can't be stored", path=str(self._path), error=str(error))
