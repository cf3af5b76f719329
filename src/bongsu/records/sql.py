"""`SqlRecords`: what must be remembered, in SQLite or PostgreSQL.

Importing this costs 12 MiB of memory (SQLAlchemy): only what opens records imports it, and only then.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Self

import structlog
from sqlalchemy import Connection

from bongsu.model.alert import Alert, AuditEntry, Delivery, DeliveryState, Notice, Silence, Transition
from bongsu.model.errors import BongsuError
from bongsu.model.mark import Mark
from bongsu.model.sample import Sample
from bongsu.model.setting import KeptSettings
from bongsu.ports import Clock
from bongsu.records import alerts, keeping, marks, metrics, outbox, settings
from bongsu.records.database import Database
from bongsu.records.users import SqlAccess

DAY = 86_400_000
_TEND_EVERY = 3600.0
_AT_ONCE = 200
"""Alerts or deliveries removed in one transaction, so that an alert never waits long for it."""
_BREATH = 0.05
"""Seconds between two such transactions."""

_log = structlog.get_logger(__name__)


class SqlRecords:
    """Implements AlertRecords, Outbox, SilenceRecords, RuleRecords, AuditRecords, MarkRecords, SettingsRecords.

    Made by `open`.

    All methods are called on one event loop. Every write is one transaction, on the disk when the method returns.
    All of them raise StorageFull or Unavailable where the database can't do it; nothing was kept then.
    """

    def __init__(self, database: Database, *, clock: Clock, keep: int) -> None:
        """See `open`."""
        self._database = database
        self._clock = clock
        self._keep = keep
        self._removed = 0
        self.access = SqlAccess(database)
        """Accounts, sessions and tokens, in the same database."""
        self._tending = asyncio.create_task(self._tend(), name="records-tending")

    @classmethod
    async def open(cls, place: str | Path | None, *, clock: Clock, keep: int = 90 * DAY) -> Self:
        """Open the records: in a folder (`records.db`), at a `postgresql://` URL, or None in memory.

        `keep` is for how long (ms) alerts that are over and receipts stay; audit and versions of rules stay for ever.

        Raises:
            StorageFull, Unavailable: they can't be used, were written by a newer version, or a driver is missing.
        """
        database = Database(place, clock=clock)
        await database.open()
        return cls(database, clock=clock, keep=keep)

    async def close(self) -> None:
        """Finish what has queued and let go of the database."""
        self._tending.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._tending
        await self._database.close()

    def figures(self) -> Iterable[Sample]:
        """What the records tell about themselves."""
        database = self._database
        return metrics.samples(
            {
                "bongsu_records_queued": database.queued,
                "bongsu_records_transactions_total": database.transactions,
                "bongsu_records_seconds_total": database.seconds,
                "bongsu_records_errors_total": database.failures,
                "bongsu_records_refused_total": database.refused,
                "bongsu_records_removed_total": self._removed,
                "bongsu_records_damaged_total": database.damaged,
                "bongsu_records_disk_bytes": database.size(),
            }
        )

    # -- alerts ------------------------------------------------------------------------------------------------

    async def commit(self, transitions: Sequence[Transition], notices: Sequence[Notice] = ()) -> None:
        """Keep steps and notices in one transaction; see `ports.AlertRecords`."""

        def both(connection: Connection) -> None:
            alerts.keep(connection, transitions)
            outbox.put(connection, notices)

        if transitions or notices:
            await self._database.write(both)

    async def living(self) -> list[Alert]:
        """What is not over, or not told to be; see `ports.AlertRecords`."""
        return await self._database.read(alerts.living)

    async def alert(self, alert_id: str) -> Alert | None:
        """One alert as it stands."""
        return await self._database.read(lambda connection: alerts.one(connection, alert_id))

    async def past(self, *, start: int, end: int, text: str = "", limit: int = 200) -> list[Alert]:
        """Alerts that fired in a range; see `ports.AlertRecords`."""
        return await self._database.read(lambda connection: alerts.past(connection, start, end, text, limit))

    async def transitions(self, *, alert_id: str | None = None, start: int = 0, limit: int = 500) -> list[Transition]:
        """Steps; see `ports.AlertRecords`."""
        return await self._database.read(lambda connection: alerts.transitions(connection, alert_id, start, limit))

    # -- the outbox --------------------------------------------------------------------------------------------

    async def put(self, notices: Sequence[Notice]) -> None:
        """Add notices; see `ports.Outbox`."""
        if notices:
            await self._database.write(lambda connection: outbox.put(connection, notices))

    async def due(self, now: int, *, limit: int = 100, channel: str | None = None) -> list[Delivery]:
        """What is to be tried now; see `ports.Outbox`."""
        return await self._database.read(lambda connection: outbox.due(connection, now, limit, channel))

    async def waiting(self, *, channel: str | None = None, skip: int = 0, limit: int | None = None) -> list[Delivery]:
        """What is undelivered, oldest first; see `ports.Outbox`."""
        return await self._database.read(lambda connection: outbox.waiting(connection, channel, skip, limit))

    async def delivery(self, notice_id: str) -> Delivery | None:
        """The delivery of one notice, whatever its state."""
        return await self._database.read(lambda connection: outbox.one(connection, notice_id))

    async def counts(self) -> dict[str, tuple[int, int]]:
        """How many wait and how many are dead, by channel."""
        return await self._database.read(outbox.counts)

    async def mark(self, deliveries: Sequence[Delivery]) -> None:
        """Write how deliveries stand; see `ports.Outbox`."""
        if deliveries:
            await self._database.write(lambda connection: outbox.mark(connection, deliveries))

    async def deliveries_of(self, alert_id: str, *, limit: int = 100) -> list[Delivery]:
        """Deliveries that tell of an alert; see `ports.Outbox`."""
        return await self._database.read(lambda connection: outbox.of_alert(connection, alert_id, limit))

    async def done(self, *, start: int = 0, limit: int = 200, state: DeliveryState | None = None) -> list[Delivery]:
        """The receipts; see `ports.Outbox`."""
        return await self._database.read(lambda connection: outbox.done(connection, start, limit, state))

    # -- silences, rules, audit --------------------------------------------------------------------------------

    async def save(self, silence: Silence) -> None:
        """Add or replace a silence."""
        await self._database.write(lambda connection: keeping.save(connection, silence))

    async def silences(self, *, ended: bool = False) -> list[Silence]:
        """Silences; see `ports.SilenceRecords`."""
        after = None if ended else self._clock.now()
        return await self._database.read(lambda connection: keeping.silences(connection, after))

    async def save_rule(self, rule_id: str, body: str | None, *, at: int, by: str) -> int:
        """Keep a new version of a rule; its number."""
        return await self._database.write(lambda connection: keeping.save_rule(connection, rule_id, body, at, by))

    async def rules(self) -> dict[str, str]:
        """The present body of each rule."""
        return await self._database.read(keeping.rules)

    async def versions(self, rule_id: str) -> list[tuple[int, int, str, str | None]]:
        """Every version of a rule; see `ports.RuleRecords`."""
        return await self._database.read(lambda connection: keeping.versions(connection, rule_id))

    async def note(self, entry: AuditEntry) -> None:
        """Append to the audit."""
        await self._database.write(lambda connection: keeping.note(connection, entry))

    async def audit(self, *, start: int = 0, limit: int = 200) -> list[AuditEntry]:
        """The audit; see `ports.AuditRecords`."""
        return await self._database.read(lambda connection: keeping.audit(connection, start, limit))

    async def save_mark(self, mark: Mark) -> None:
        """Add or replace a mark on the timeline."""
        await self._database.write(lambda connection: marks.save_mark(connection, mark))

    async def remove_mark(self, mark_id: str) -> bool:
        """Whether there was one to remove."""
        return await self._database.write(lambda connection: marks.remove_mark(connection, mark_id))

    async def marks(self, *, start: int, end: int, limit: int) -> list[Mark]:
        """Marks of a range; see `check_ports.MarkRecords`."""
        return await self._database.read(lambda connection: marks.marks(connection, start, end, limit))

    async def save_settings(
        self, layer: str, changes: str, *, after: int, at: int, by: str, note: str
    ) -> KeptSettings | None:
        """Keep a version of what screens set; see `settings_ports.SettingsRecords`."""
        return await self._database.write(
            lambda connection: settings.save_settings(connection, layer, changes, after, at, by, note)
        )

    async def settings_versions(self, *, limit: int = 100) -> list[KeptSettings]:
        """The newest versions, newest first."""
        return await self._database.read(lambda connection: settings.settings_versions(connection, limit))

    async def settings_version(self, number: int) -> KeptSettings | None:
        """One version."""
        return await self._database.read(lambda connection: settings.settings_version(connection, number))

    # -- what has become old -----------------------------------------------------------------------------------

    async def _tend(self) -> None:
        while True:
            await self._clock.sleep_until(self._clock.monotonic() + _TEND_EVERY)
            try:
                await self._clean()
            except BongsuError as error:
                _log.warning("records_cleaning_failed", cause=error.detail, action="tried again in an hour")

    async def _clean(self) -> None:
        """Remove what is older than it is kept, a little at a time."""
        before = self._clock.now() - self._keep
        for forget in (alerts.forget, outbox.forget):
            removed = _AT_ONCE
            while removed == _AT_ONCE:
                removed = await self._database.write(partial(forget, before=before, limit=_AT_ONCE))
                self._removed += removed
                await self._clock.sleep_until(self._clock.monotonic() + _BREATH)
