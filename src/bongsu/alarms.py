"""What makes a measurement an alert that reaches somebody: records, the alert service, and what stands around it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from bongsu.alerts.configured import plan_of, temper_of
from bongsu.alerts.links import AcknowledgeLinks, key_in
from bongsu.alerts.metrics import METRICS as ALERT_METRICS
from bongsu.alerts.service import AlertService
from bongsu.model.metric import Metric
from bongsu.ports import Announcer, Clock, Watched
from bongsu.records.metrics import METRICS as RECORD_METRICS
from bongsu.settings.model import Settings

if TYPE_CHECKING:
    from bongsu.records.sql import SqlRecords
    from bongsu.server.endpoint import Part
    from bongsu.server.limits import ServerLimits

METRICS: tuple[Metric, ...] = (*ALERT_METRICS, *RECORD_METRICS)
"""What these parts tell about themselves."""


@dataclass(slots=True)
class Alarms:
    """The parts, wired. `open` them, `start` them, `stop` them."""

    settings: Settings
    clock: Clock
    records: SqlRecords
    service: AlertService
    links: AcknowledgeLinks

    @classmethod
    async def open(cls, settings: Settings, *, clock: Clock, data: Path | None, announcer: Announcer) -> Self:
        """Open the records in the folder `data` (None keeps them in memory) and bring back what was so.

        Raises:
            StorageFull, Unavailable: the folder can't be written.
        """
        from bongsu.records.sql import SqlRecords  # 12 MiB: only who alerts pays for them

        records = await SqlRecords.open(data, clock=clock)
        try:
            service = AlertService(
                records=records,
                clock=clock,
                plan=plan_of(settings, channels=()),
                temper=temper_of(settings),
                announcer=announcer,
            )
            links = AcknowledgeLinks(
                key_in(data),
                public_url=settings.server.public_url,
                lasts=int(settings.alerts.acknowledge_link),
                clock=clock,
            )
            await service.open()
        except BaseException:
            await records.close()
            raise
        return cls(settings=settings, clock=clock, records=records, service=service, links=links)

    @property
    def watched(self) -> tuple[Watched, ...]:
        """Everything here that tells figures about itself."""
        return (self.records, self.service)

    def parts(self, limits: ServerLimits) -> tuple[Part, ...]:
        """What REST offers of these parts; `limits` bound the bodies."""
        from bongsu.server.alert_parts import alert_parts
        from bongsu.server.body import BodyReader
        from bongsu.server.json_body import JsonBodies

        return alert_parts(
            alerts=self.service,
            links=self.links,
            clock=self.clock,
            bodies=JsonBodies(BodyReader(limits)),
            timezone=self.settings.monitoring.timezone,
            language=self.settings.monitoring.language,
        )

    def start(self) -> None:
        """Begin to alert."""
        self.service.start()

    async def stop(self) -> None:
        """Finish what has come in and let go of the records."""
        await self.service.stop()
        await self.records.close()
