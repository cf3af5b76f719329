"""What accounts leave in the audit. Attempts from anybody are bounded, so that nobody fills the disk with them."""

from __future__ import annotations

import structlog

from bongsu.model.alert import AuditEntry
from bongsu.model.errors import BongsuError
from bongsu.ports import AuditRecords, Clock

_A_MINUTE = 30
"""Failed attempts written a minute; further ones are counted and told with the next that is written."""
_LONGEST = 200
_log = structlog.get_logger("bongsu.access")


class Trail:
    """Appends to the audit. What can't be appended is in the log: signing out must work with a full disk."""

    def __init__(self, audit: AuditRecords, *, clock: Clock) -> None:
        self._audit = audit
        self._clock = clock
        self._since = -60.0
        self._written = 0
        self._left_out = 0

    async def note(self, by: str, action: str, subject: str, detail: str = "") -> None:
        """Append who did what to whom."""
        entry = AuditEntry(
            at=self._clock.now(), by=by[:_LONGEST], action=action, subject=subject[:_LONGEST], detail=detail[:_LONGEST]
        )
        _log.info("access", by=entry.by, action=action, subject=entry.subject, detail=entry.detail)
        try:
            await self._audit.note(entry)
        except BongsuError as error:
            _log.error("audit_not_written", by=entry.by, action=action, subject=entry.subject, cause=error.detail)

    async def failed(self, account: str, address: str, why: str) -> None:
        """Append an attempt that failed, if not too many were appended in this minute."""
        now = self._clock.monotonic()
        if now - self._since >= 60.0:
            self._since, self._written = now, 0
        if self._written >= _A_MINUTE:
            self._left_out += 1
            return
        self._written += 1
        more = f"; {self._left_out} more before it" if self._left_out else ""
        self._left_out = 0
        await self.note(account, "sign_in.failed", account, f"{why}, from {address or 'nowhere'}{more}")
