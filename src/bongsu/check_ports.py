"""The sockets around checks and marks, as Protocols; see `ports`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from bongsu.model.check import CheckStatus, Kind
from bongsu.model.mark import Mark


class Checks(Protocol):
    """How the marketplaces, checks and connections stand."""

    def statuses(self, kinds: Sequence[Kind]) -> list[CheckStatus]:
        """Everything of these kinds, in the order of the settings."""
        ...


class MarkRecords(Protocol):
    """Marks on the timeline: durable, the newest ten thousand."""

    async def save_mark(self, mark: Mark) -> None:
        """Add or replace by id.

        Raises:
            StorageFull, Unavailable: it wasn't kept.
        """
        ...

    async def remove_mark(self, mark_id: str) -> bool:
        """Whether there was one to remove."""
        ...

    async def marks(self, *, start: int, end: int, limit: int) -> list[Mark]:
        """Those with start ≤ at < end (UTC ms), the newest `limit` of them, oldest first."""
        ...


class Marks(Protocol):
    """Marks, as REST offers them: kept and told to every screen."""

    async def add(self, mark: Mark) -> Mark:
        """Keep a mark under a new id.

        Raises:
            StorageFull, Unavailable: it wasn't kept.
        """
        ...

    async def remove(self, mark_id: str) -> bool:
        """Whether there was one to remove."""
        ...

    async def marks(self, *, start: int, end: int, limit: int) -> list[Mark]:
        """Those with start ≤ at < end (UTC ms), the newest `limit` of them, oldest first."""
        ...
