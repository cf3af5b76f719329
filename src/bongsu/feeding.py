"""What watches feeds and series: calendars, feeds and detectors, put together for the engine."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

import structlog

from bongsu.anomaly.composing import anomaly_stage
from bongsu.anomaly.stage import AnomalyStage
from bongsu.calendars.book import Calendars, Plan
from bongsu.calendars.calendar import Calendar, Hours
from bongsu.calendars.exchanges import ExchangeDays, read
from bongsu.calendars.weekly import parse
from bongsu.feed_ports import OpenHours
from bongsu.ingest.event_intake import EventIntake
from bongsu.ingest.limits import IntakeLimits
from bongsu.model.catalogue import Catalogue
from bongsu.model.event import FeedTable
from bongsu.model.sample import Sample
from bongsu.model.series import SeriesTable
from bongsu.pipeline import Pipeline
from bongsu.ports import Announcer, Clock, History, Watched
from bongsu.quality.book import Always, FeedBook
from bongsu.quality.keeper import FeedKeeper
from bongsu.quality.views import Views
from bongsu.settings.feeds import Feed
from bongsu.settings.model import Settings

_DAY = 86_400.0
_FRESH = 30 * _DAY
"""Seconds for which stored exchange days are taken as they are."""
_PATIENCE = 120.0
_FILE = "exchange_days.json"


class Feeding:
    """The calendars of one Bongsu, and what reads them. `open` it, `start` it, `stop` it."""

    def __init__(
        self, *, calendars: Calendars, keeper: ExchangeDaysKeeper, feeds: Feeds, anomalies: AnomalyStage
    ) -> None:
        self.calendars = calendars
        self.feeds = feeds
        self.anomalies = anomalies
        self._keeper = keeper
        self._task: asyncio.Task[None] | None = None

    @classmethod
    def open(
        cls,
        settings: Settings,
        *,
        clock: Clock,
        data: Path | None,
        table: SeriesTable,
        catalogue: Catalogue,
        history: History,
        announcer: Announcer,
        pipeline: Pipeline,
    ) -> Self:
        """Wire the parts and let them see what passes; nothing runs yet.

        `data` is the folder for what is kept (None: nothing is).
        """
        plans: Mapping[str, Plan] = {name: hours.plan() for name, hours in settings.calendars.items()}
        calendars = Calendars(plans)
        anomalies = anomaly_stage(
            settings.anomaly_detection,
            table=table,
            catalogue=catalogue,
            clock=clock,
            history=history,
            announcer=announcer,
            measure=pipeline.measure,
        )
        pipeline.tap(anomalies)
        return cls(
            calendars=calendars,
            keeper=ExchangeDaysKeeper(calendars, clock=clock, folder=data),
            feeds=Feeds(settings, calendars, clock=clock, data=data),
            anomalies=anomalies,
        )

    @property
    def watched(self) -> tuple[Watched, ...]:
        """The detectors, which tell figures of themselves."""
        return (self.anomalies,)

    async def start(self) -> None:
        """Begin; what a journal holds is counted first.

        Raises:
            StorageFull, Unavailable: the folder can't be used.
        """
        await self.feeds.start()
        await self.anomalies.start()
        self._task = asyncio.create_task(self._keeper.run(), name="exchange-days")

    async def stop(self) -> None:
        """End."""
        await self.anomalies.stop()
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        await self.feeds.stop()


class Feeds:
    """The feeds of one Bongsu, and a collector that makes samples of them every tick."""

    name = "feeds"

    def __init__(self, settings: Settings, calendars: Calendars, *, clock: Clock, data: Path | None) -> None:
        limits = settings.limits
        self.interval = settings.monitoring.update_interval_seconds
        self._clock = clock
        self._calendars = calendars
        table = FeedTable(feeds=limits.feeds, symbols=limits.feed_symbols)
        self.book = FeedBook(
            table=table,
            settings=settings.feeds,
            hours_of=self._hours_of,
            symbols_of={name: symbols_of(name, feed) for name, feed in settings.feeds.items()},
        )
        self.keeper = FeedKeeper(self.book, clock=clock, folder=data, sync=settings.storage.sync == "commit")
        self.intake = EventIntake(
            table=table,
            taker=self.keeper,
            clock=clock,
            limits=intake_limits(settings),
            past_ms=int(limits.past),
        )
        self.views = Views(self.book, clock=clock)
        self._task: asyncio.Task[None] | None = None

    def bound(self, settings: Settings) -> None:
        """Hold to the limits of these settings from now on."""
        limits = settings.limits
        self.book.table.bound(feeds=limits.feeds, symbols=limits.feed_symbols)
        self.intake.bound(intake_limits(settings), past_ms=int(limits.past))

    async def start(self) -> None:
        """Count what the journal holds, and begin to keep.

        Raises:
            StorageFull, Unavailable: the folder can't be used.
        """
        await self.keeper.open()
        self._task = asyncio.create_task(self.keeper.run(), name="bongsu-feeds-keeper")

    async def stop(self) -> None:
        """Write everything accepted and let go of the files."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        await self.keeper.close()
        self.book.feeds.clear()  # datasketches complains of sketches that outlive the interpreter

    async def collect(self) -> list[Sample]:
        """Every feed's samples; implements the port `Collector`."""
        return self.book.tick(self._clock.now(), self._clock.monotonic())

    def _hours_of(self, hours: str) -> OpenHours:
        if not hours:
            return Always()
        if hours in self._calendars.names:
            calendar = self._calendars.get(hours)
        else:
            pattern = parse(hours, holidays=self._calendars.holidays())
            calendar = Calendar(hours, Hours(sessions={"open": pattern}))
        return Always() if calendar.always else CalendarHours(calendar)


def intake_limits(settings: Settings) -> IntakeLimits:
    """The bounds of one body, one sender, and all of them."""
    limits = settings.limits
    return IntakeLimits(
        body_bytes=limits.body_bytes,
        inflated_bytes=limits.inflated_bytes,
        in_flight_bytes=limits.in_flight_bytes,
        samples_per_second=limits.samples_per_second,
        bodies_per_second=limits.bodies_per_second,
    )


class CalendarHours:
    """A calendar behind the port `OpenHours`."""

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar

    def session(self, at: int) -> tuple[int, int] | None:
        """Opening and closing time of the session that holds at `at`; None while closed."""
        found = self._calendar.session(at)
        return None if found is None else (found.opens, found.closes)

    def open_ms(self, start: int, end: int) -> int:
        """How much of start … end is open, ms."""
        return self._calendar.open_ms(start, end)


def symbols_of(name: str, feed: Feed) -> list[str]:
    """The declared symbols of a feed: the settings' and its file's. A file that can't be read is told and left out."""
    symbols = list(feed.symbols)
    if feed.symbols_file is not None:
        try:
            text = Path(feed.symbols_file).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            structlog.get_logger("bongsu.quality").error(
                "the list of symbols can't be read", feed=name, file=feed.symbols_file, reason=str(error)
            )
        else:
            lines = (line.partition("#")[0].strip() for line in text.splitlines())
            symbols += [line for line in lines if line]
    return list(dict.fromkeys(symbols))


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
