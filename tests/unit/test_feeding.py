"""The exchange's days are kept at hand."""

from __future__ import annotations

import asyncio
import os
from datetime import date
from pathlib import Path

import pytest

from bongsu.calendars.book import Calendars
from bongsu.calendars.exchanges import ExchangeDays
from bongsu.feeding import ExchangeDaysKeeper
from tests.fakes.clock import VirtualClock
from tests.unit.calendars.test_weekly import at

CLOSED = "2026-03-04"
DAYS = ExchangeDays(
    source="x 1", first=date(2026, 1, 1), last=date(2026, 12, 31), closed=frozenset({date.fromisoformat(CLOSED)})
)


class Package:
    """Stands for the process that asks the package."""

    def __init__(self, answer: str) -> None:
        self.answer = answer
        self.years: list[int] = []

    async def ask(self, year: int) -> str:
        self.years.append(year)
        if not self.answer:
            raise ValueError("exchange_calendars is not installed")
        return self.answer


async def test_days_are_asked_for_once_and_stored(tmp_path: Path) -> None:
    """A second start within 30 days reads the file; the calendar in use is right at once."""
    calendars, package = Calendars(), Package(DAYS.text())
    krx = calendars.get("KRX")
    await ExchangeDaysKeeper(calendars, clock=VirtualClock(), folder=tmp_path, ask=package.ask).refresh()
    assert not krx.is_open(at(f"{CLOSED} 10:00"))
    assert package.years == [2026]

    path = tmp_path / "exchange_days.json"
    now = VirtualClock().now() / 1000
    os.utime(path, (now, now))
    again = Calendars()
    await ExchangeDaysKeeper(again, clock=VirtualClock(), folder=tmp_path, ask=package.ask).refresh()
    assert not again.get("KRX").is_open(at(f"{CLOSED} 10:00"))
    assert package.years == [2026]

    os.utime(path, (now - 31 * 86_400, now - 31 * 86_400))
    await ExchangeDaysKeeper(again, clock=VirtualClock(), folder=tmp_path, ask=package.ask).refresh()
    assert package.years == [2026, 2026]


async def test_without_the_package_the_rule_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """The log says what is taken instead, and a damaged file harms nothing."""
    (tmp_path / "exchange_days.json").write_text("{", encoding="utf-8")
    calendars = Calendars()
    keeper = ExchangeDaysKeeper(calendars, clock=VirtualClock(), folder=tmp_path, ask=Package("").ask)
    await keeper.refresh()
    assert "weekdays less Korean holidays" in capsys.readouterr().out + caplog.text
    assert calendars.get("KRX").is_open(at(f"{CLOSED} 10:00"))


async def test_nobody_asks_without_need(tmp_path: Path) -> None:
    """A day passes without a question as long as no calendar in use follows the exchange."""
    clock, package, calendars = VirtualClock(), Package(DAYS.text()), Calendars()
    task = asyncio.create_task(ExchangeDaysKeeper(calendars, clock=clock, folder=None, ask=package.ask).run())
    await clock.advance(1)
    assert package.years == []
    calendars.get("KRX")
    await clock.advance(86_400)
    assert package.years == [2026]
    task.cancel()
