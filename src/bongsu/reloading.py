"""Changed settings put in force while all runs, part by part; and the desk at which they are changed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import structlog

from bongsu.alerts.rules import given
from bongsu.anomaly.composing import lanes_of
from bongsu.configuration.desk import Desk
from bongsu.configuration.effects import Prospect
from bongsu.engine import Engine, retention_of
from bongsu.model.errors import BongsuError, Faulty
from bongsu.settings.model import Settings
from bongsu.settings.standing import Standing

if TYPE_CHECKING:
    from bongsu.http.limits import ServerLimits
    from bongsu.server.endpoint import Part

_DAY = 86_400.0

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Step:
    """A part that takes settings up, and the sections of them that concern it."""

    of: Callable[[Settings], Any]
    take: Callable[[Settings], Awaitable[None]]
    path: str


class Reloading:
    """Puts settings in force in a running engine; `used` is told those that are, for whoever else reads them."""

    def __init__(self, engine: Engine, *, used: Callable[[Settings], None]) -> None:
        self._engine = engine
        self._used = used
        self._steps = (
            _Step(lambda settings: settings.limits, engine.bound, "limits"),
            _Step(_alarming, engine.alarms.reload, "notifications"),
            _Step(lambda settings: settings.anomaly_detection, self._detect, "anomaly_detection"),
            _Step(lambda settings: settings.monitoring, self._pace, "monitoring"),
            _Step(_checked, engine.checking.reload, "checks"),
            _Step(lambda settings: settings.shop, engine.reshop, "shop"),
            _Step(lambda settings: (settings.sql_metrics, settings.shop.url), engine.requery, "sql_metrics"),
            _Step(lambda settings: settings.scrape, engine.rescrape, "scrape"),
            _Step(lambda settings: settings.storage.retention, self._retain, "storage.retention"),
        )

    async def apply(self, before: Settings, after: Settings) -> None:
        """Go from one to the other, part by part.

        Raises:
            Faulty: a part can't take it up; all parts are as they were.
        """
        done: list[_Step] = []
        for step in (one for one in self._steps if one.of(before) != one.of(after)):
            done.append(step)
            try:
                await step.take(after)
            except Exception as error:
                _log.warning("settings_not_applied", part=step.path, cause=str(error), exc_info=True)
                await self._back(done, before)
                reason = error.detail if isinstance(error, BongsuError) else f"{type(error).__name__}: {error}"
                raise Faulty(((step.path, reason),)) from error
        self._used(after)

    async def _back(self, done: list[_Step], before: Settings) -> None:
        """Put these parts where they were; what fails at that too is left to the log."""
        for step in reversed(done):
            try:
                await step.take(before)
            except Exception:  # noqa: BLE001 - supervised: the other parts are taken back all the same
                _log.exception("settings_not_taken_back", part=step.path)

    async def _detect(self, settings: Settings) -> None:
        engine, detection = self._engine, settings.anomaly_detection
        lanes = lanes_of(detection, table=engine.table, catalogue=engine.catalogue)
        await engine.feeding.anomalies.renew(lanes, enabled=detection.enabled)

    async def _pace(self, settings: Settings) -> None:
        monitoring = settings.monitoring
        self._engine.hub.retime(monitoring.live_interval_seconds)
        for name, interval in self._engine.paces(monitoring.update_interval_seconds).items():
            self._engine.scheduler.retime(name, interval)

    async def _retain(self, settings: Settings) -> None:
        self._engine.history.retain(retention_of(settings))


def _alarming(settings: Settings) -> tuple[object, ...]:
    return settings.notifications, settings.alerts, settings.escalation, settings.rules, settings.thresholds


def _checked(settings: Settings) -> tuple[object, ...]:
    return settings.checks, settings.connections, settings.marketplaces


def desk_of(
    engine: Engine,
    standing: Standing,
    *,
    shape: Callable[[Settings], Settings],
    used: Callable[[Settings], None],
) -> Desk:
    """The desk over a running engine. `used` is told the settings in force after each change."""

    def samples_a_day(settings: Settings) -> float:
        paces = engine.paces(settings.monitoring.update_interval_seconds)
        return sum(engine.scheduler.samples_of(name) * _DAY / pace for name, pace in paces.items())

    async def oldest() -> dict[str, int]:
        return dict((await engine.history.oldest()).items())

    return Desk(
        standing,
        records=engine.alarms.records,
        audit=engine.alarms.records,
        clock=engine.clock,
        apply=Reloading(engine, used=used).apply,
        shape=shape,
        prospect=Prospect(
            rules=engine.alarms.rules.book,
            given=given,
            oldest=oldest,
            samples_a_day=samples_a_day,
            series=lambda: len(engine.table),
            clock=engine.clock,
        ),
    )


def parts_of(desk: Desk, limits: ServerLimits) -> tuple[Part, ...]:
    """What REST offers of settings; `limits` bound the bodies."""
    from bongsu.server.body import BodyReader
    from bongsu.server.json_body import JsonBodies
    from bongsu.server.settings import SettingsRoutes

    return (SettingsRoutes(desk=desk, bodies=JsonBodies(BodyReader(limits))).routes(),)
