"""The socket of alerting that views use; `ports.py` has those between stages."""

from __future__ import annotations

from typing import Protocol

from bongsu.model.alert import Alert, Delivery, Push, Silence, Transition


class Alerts(Protocol):
    """The alert service as the views see it. What changes something is kept when the method returns."""

    def open_alerts(self) -> list[Alert]:
        """What is firing or acknowledged, worst first."""
        ...

    def pending_alerts(self) -> list[Alert]:
        """What has yet to last its duration, worst first."""
        ...

    async def past(self, *, start: int, end: int, text: str = "", limit: int = 200) -> list[Alert]:
        """Alerts that fired in a range, newest first; see `AlertRecords`."""
        ...

    async def alert(self, alert_id: str) -> Alert:
        """One alert as it stands, also one that is over; NotFound without it."""
        ...

    async def steps(self, alert_id: str) -> list[Transition]:
        """The steps of its life, oldest first."""
        ...

    async def deliveries(self, alert_id: str) -> list[Delivery]:
        """The newest messages that told of it, newest first."""
        ...

    async def push(self, push: Push) -> Alert | None:
        """An alert that somebody's program sent, as it stands then; None where nothing known is over by it.

        Raises:
            TooMany, StorageFull, Unavailable: nothing was kept.
        """
        ...

    async def acknowledge(self, alert_id: str, *, by: str, note: str = "", lasts: int | None = None) -> Alert:
        """Somebody has it in hand, for `lasts` ms where a limit is given.

        Raises:
            NotFound, Conflict: there is no such alert, or it isn't open.
            StorageFull, Unavailable: nothing was kept.
        """
        ...

    async def acknowledge_notice(self, notice_id: str, *, by: str, note: str = "", lasts: int | None = None) -> int:
        """Acknowledge each alert of a notice that is still firing; how many they were. NotFound without the notice."""
        ...

    async def told_by(self, notice_id: str) -> list[Alert]:
        """The alerts of a notice as they stand now, worst first; NotFound without the notice."""
        ...

    async def unacknowledge(self, alert_id: str, *, by: str, note: str = "") -> Alert:
        """Nobody has it in hand any more; raises as `acknowledge`."""
        ...

    async def resolve(self, alert_id: str, *, by: str, note: str = "") -> Alert:
        """Somebody says it is over; raises as `acknowledge`."""
        ...

    def silences(self) -> list[tuple[Silence, bool]]:
        """Silences and maintenance windows to come or in force, and whether they are in force now."""
        ...

    async def silence(self, silence: Silence) -> Silence:
        """Keep a silence; `id` and `created_at` are given to it."""
        ...

    async def end_silence(self, silence_id: str, *, by: str) -> Silence:
        """End a silence now; NotFound without it, Conflict for a window of the settings."""
        ...


class Links(Protocol):
    """The links in messages, seen from the page behind them."""

    def notice_of(self, token: str) -> str:
        """The id of the notice whose alerts the token may acknowledge.

        Raises:
            NotFound: it is none of ours. Gone: its time is over.
        """
        ...
