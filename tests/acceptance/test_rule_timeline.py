"""Rules over time, evaluation and life cycle together: hours, midnight, holidays, restarts."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from bongsu.alerts import life
from bongsu.alerts.signal import Signal
from bongsu.model.alert import Alert, Transition
from bongsu.model.rule import Rule
from tests.unit.alerts.evaluation.stand import Stand, rule

SEOUL = ZoneInfo("Asia/Seoul")


def ms(text: str) -> int:
    """UTC milliseconds of a wall time in Seoul."""
    return round(datetime.fromisoformat(text).replace(tzinfo=SEOUL).timestamp() * 1000)


class Street(Stand):
    """An evaluator whose signals go through the pure life cycle; `steps` are what follows."""

    def __init__(self, *rules: Rule, start: str) -> None:
        super().__init__(*rules, start_ms=ms(start))
        self.alerts: dict[str, Alert] = {}
        self.steps: list[Transition] = []
        self._ids = itertools.count(1)

    async def _take(self, signals: Sequence[Signal]) -> None:
        await super()._take(signals)
        for signal in signals:
            key = life.fingerprint_of(signal.rule, signal.metric, signal.labels)
            self._keep(key, life.on_signal(self.alerts.get(key), signal, new_id=lambda: str(next(self._ids))))

    def _keep(self, key: str, steps: life.Steps) -> None:
        for step in steps:
            self.alerts[key] = step.alert
            self.steps.append(step)

    def until(self, moment: int) -> None:
        """Time alone has passed."""
        for key, alert in list(self.alerts.items()):
            self._keep(key, life.on_time(alert, moment))

    def story(self) -> list[tuple[str, str]]:
        """What happened, with Seoul's wall time, but for newer values."""
        return [
            (step.change, datetime.fromtimestamp(step.at / 1000, SEOUL).strftime("%a %H:%M"))
            for step in self.steps
            if step.change != "updated"
        ]

    async def minutes(self, count: int, value: float) -> None:
        """A sample a minute."""
        for _ in range(count):
            await self.send(value)
            await self.clock.advance(59.94, settle=4)
            self.until(self.clock.now())


@pytest.mark.parametrize(
    ("when", "start", "told"),
    [
        ("weekday 09:00-18:00", "2026-11-23T08:57", [("fired", "Mon 09:00")]),
        ("22:00-00:03", "2026-11-23T23:59", [("fired", "Mon 23:59"), ("resolved", "Tue 00:03")]),
        ("mon 22:00-00:03", "2026-11-24T23:58", []),
        ("fri not holiday", "2026-09-24T23:58", []),
        ("holiday", "2026-09-24T23:58", [("fired", "Thu 23:58")]),
        ("not holiday 00:00-24:00", "2026-10-04T23:58", [("fired", "Sun 23:58"), ("resolved", "Mon 00:00")]),
        ("not holiday; 00:02-00:04", "2026-10-05T00:00", [("fired", "Mon 00:02"), ("resolved", "Mon 00:04")]),
    ],
)
async def test_hours_over_midnight_and_holidays(when: str, start: str, told: list[tuple[str, str]]) -> None:
    """A breach that goes on all the time is one only while its hours last: nights belong to the day they began on.

    24 to 26 September 2026 is Chuseok; Monday 5 October stands in for a National Foundation Day on a Saturday.
    """
    street = Street(rule(when=when), start=start)
    await street.start()
    await street.minutes(7, 90.0)
    await street.stop()
    assert street.story() == told


async def test_a_duration_goes_on_over_a_restart() -> None:
    """Two minutes before a restart and one after it make three, from the moment at which the breach began."""
    high = rule(lasting="3m")
    before = Street(high, start="2026-11-23T10:00")
    await before.start()
    await before.minutes(2, 90.0)
    await before.stop()
    assert before.story() == [("pending", "Mon 10:00")]
    after = Street(high, start="2026-11-23T10:02")
    after.alerts = before.alerts
    after.table.intern("cpu_usage", ())
    await after.start(*before.alerts.values())
    await after.minutes(2, 95.0)
    await after.stop()
    assert after.story() == [("fired", "Mon 10:03")]


async def test_a_breach_that_ended_while_we_were_away_is_over() -> None:
    """After a restart the first sample decides: an alert that no longer holds resolves, its clearing value honoured."""
    high = rule(value=80, clear=75)
    before = Street(high, start="2026-11-23T10:00")
    await before.start()
    await before.minutes(1, 90.0)
    await before.stop()
    for value, told in ((77.0, []), (74.0, [("resolved", "Mon 10:10")])):
        after = Street(high, start="2026-11-23T10:10")
        after.alerts = dict(before.alerts)
        after.table.intern("cpu_usage", ())
        await after.start(*before.alerts.values())
        await after.minutes(1, value)
        await after.stop()
        assert after.story() == told
