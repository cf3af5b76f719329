"""What makes a measurement an alert that reaches somebody: rules, the alert service, notification, their records."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

import structlog

from bongsu.alerts.acting.configured import actions_of
from bongsu.alerts.acting.deeds import Deeds, Doer, Failed
from bongsu.alerts.acting.runner import ActionRunner
from bongsu.alerts.configured import plan_of, temper_of, unreachable
from bongsu.alerts.links import AcknowledgeLinks, key_in
from bongsu.alerts.policy import Plan
from bongsu.alerts.rules import Rules
from bongsu.alerts.service import AlertService
from bongsu.model.catalogue import Catalogue
from bongsu.model.errors import ChannelError
from bongsu.model.series import SeriesTable
from bongsu.notify.http import Http
from bongsu.notify.lifeboat import Lifeboat
from bongsu.notify.notifier import Notifier
from bongsu.ports import Announcer, Clock, History, Live, Scores, Tap, Watched
from bongsu.redaction import Redactor
from bongsu.settings.model import Settings
from bongsu.settings.show import secrets_in

if TYPE_CHECKING:
    from bongsu.http.limits import ServerLimits
    from bongsu.records.sql import SqlRecords
    from bongsu.server.endpoint import Part

__all__ = ["Alarms", "Doer", "Failed", "Surroundings"]

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What alerting stands on."""

    clock: Clock
    table: SeriesTable
    catalogue: Catalogue
    history: History
    live: Live
    announcer: Announcer
    built_in: Mapping[str, Doer]
    scores: Scores | None = None


@dataclass(slots=True, kw_only=True)
class Alarms:
    """The parts, wired. `open` them, let `tap` see what passes, `start` them, `stop` them."""

    settings: Settings
    clock: Clock
    records: SqlRecords
    service: AlertService
    rules: Rules
    notifier: Notifier
    links: AcknowledgeLinks
    actions: ActionRunner
    http: Http
    redactor: Redactor

    @classmethod
    async def open(cls, settings: Settings, around: Surroundings, *, data: Path | None) -> Self:
        """Open the records in the folder `data` (None keeps them in memory) and bring back what was so.

        Raises:
            StorageFull, Unavailable: the folder can't be written.
        """
        from bongsu.records.sql import SqlRecords  # 12 MiB: only who alerts pays for them

        records = await SqlRecords.open(data, clock=around.clock)
        try:
            return await cls._wire(settings, around, records=records, data=data)
        except BaseException:
            await records.close()
            raise

    @classmethod
    async def _wire(cls, settings: Settings, around: Surroundings, *, records: SqlRecords, data: Path | None) -> Self:
        clock = around.clock
        links = AcknowledgeLinks(
            key_in(data),
            public_url=settings.server.public_url,
            lasts=int(settings.alerts.acknowledge_link),
            clock=clock,
        )
        redactor = Redactor(secrets_in(settings))
        http = Http(ca_file=settings.notifications.ca_file, redactor=redactor)

        async def post(url: str, document: object, headers: Mapping[str, str]) -> tuple[int, str]:
            try:
                answer = await http.post(url, document, headers=headers, service="the action's address")
            except ChannelError as error:
                raise Failed(error.detail) from error
            return answer.status, answer.body.decode(errors="replace")

        actions = ActionRunner(
            actions_of(settings),
            deeds=Deeds(post=post, built_in=around.built_in, allowed=settings.alerts.allowed_commands),
            records=records,
            clock=clock,
            redactor=redactor,
        )
        lifeboat = Lifeboat(records)
        service = AlertService(
            records=records,
            refuge=lifeboat,
            clock=clock,
            plan=Plan(),
            temper=temper_of(settings),
            announcer=around.announcer,
            posted=lambda: notifier.wake(),
            listeners=[actions],
        )
        notifier = await Notifier.open(settings, outbox=lifeboat, clock=clock, link_of=links.url, acknowledger=service)
        service.use(plan_of(settings, channels=notifier.names, language=notifier.language))
        _warn(settings, notifier.names)
        await service.open()
        rules = await Rules.open(
            settings,
            take=service.take,
            records=records,
            audit=records,
            table=around.table,
            catalogue=around.catalogue,
            history=around.history,
            live=around.live,
            clock=clock,
            scores=around.scores,
        )
        return cls(
            settings=settings,
            clock=clock,
            records=records,
            service=service,
            rules=rules,
            notifier=notifier,
            links=links,
            actions=actions,
            http=http,
            redactor=redactor,
        )

    @property
    def tap(self) -> Tap:
        """What must see every sample, after the detectors."""
        return self.rules.evaluator

    @property
    def watched(self) -> tuple[Watched, ...]:
        """Everything here that tells figures about itself."""
        return (self.records, self.service, self.rules, self.notifier, self.actions)

    def parts(self, limits: ServerLimits) -> tuple[Part, ...]:
        """What REST offers of these parts; `limits` bound the bodies."""
        from bongsu.server.alert_parts import alert_parts
        from bongsu.server.body import BodyReader
        from bongsu.server.channels import Channels
        from bongsu.server.json_body import JsonBodies
        from bongsu.server.rules import RuleRoutes

        bodies = BodyReader(limits)
        return (
            *alert_parts(
                alerts=self.service,
                audit=self.records,
                links=self.links,
                clock=self.clock,
                bodies=JsonBodies(bodies),
                timezone=self.settings.monitoring.timezone,
                language=self.settings.monitoring.language,
            ),
            Channels(notifications=self.notifier, bodies=bodies).routes(),
            RuleRoutes(book=self.rules.book, clock=self.clock, bodies=JsonBodies(bodies)).routes(),
        )

    async def start(self) -> None:
        """Begin to alert."""
        await self.actions.open()
        self.service.start()
        await self.notifier.start()
        await self.rules.start([*self.service.open_alerts(), *self.service.pending_alerts()])

    async def reload(self, settings: Settings) -> None:
        """The settings changed: channels, people, pace and rules hold as these say from now on.

        Only what differs is touched. What can't be made is found before anything is changed.
        """
        before, self.settings = self.settings, settings
        if settings.notifications != before.notifications:
            self.redactor.learn(secrets_in(settings))
            await self.notifier.renew(settings)
        if any(getattr(settings, one) != getattr(before, one) for one in ("notifications", "alerts", "escalation")):
            plan = plan_of(settings, channels=self.notifier.names, language=self.notifier.language)
            self.service.use(plan, temper_of(settings))
        _warn(settings, self.notifier.names)
        if (settings.rules, settings.thresholds) != (before.rules, before.thresholds):
            await self.rules.reload(settings)

    async def stop(self) -> None:
        """Finish what has come in and let go of the records; what isn't sent yet is sent after the next start."""
        await self.rules.stop()
        await self.service.stop()
        await self.actions.stop()
        await self.http.close()
        await self.notifier.stop()
        await self.records.close()


def _warn(settings: Settings, channels: Collection[str]) -> None:
    """Say where alerts would go to nobody. No fault: a secret that is away must not stop everything else."""
    for where, name in unreachable(settings, channels):
        _log.warning("nobody_by_that_name", where=where, name=name, there_are=", ".join(channels) or "no channels")
