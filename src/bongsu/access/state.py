"""What accounts share: the records, what is held of them in memory, and keeping the two together."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from bongsu.access.book import Book, Lasting
from bongsu.access_ports import AccessRecords
from bongsu.ports import Clock

_log = structlog.get_logger("bongsu.access")


class State:
    """The book, and the number of the newest change that it holds."""

    def __init__(self, records: AccessRecords, *, clock: Clock, lasting: Lasting, always: bool) -> None:
        """`always`: ask who comes even where no account exists."""
        self.records = records
        self.clock = clock
        self.book = Book(lasting)
        self.closed = always
        self._always = always
        self._version = -1
        self._writes = 0
        self._listeners: list[Callable[[], None]] = []

    def hear(self, change: Callable[[], None]) -> None:
        """Have this called whenever sessions, rights or tokens may have ended."""
        self._listeners.append(change)

    def changed(self) -> None:
        """Tell it."""
        closed = self._always or bool(self.book.users)
        if closed != self.closed:
            _log.warning("sign_in_needed" if closed else "open_to_all", accounts=len(self.book.users))
        self.closed = closed
        for change in self._listeners:
            change()

    def wrote(self, version: int) -> None:
        """A change of ours was kept under that number. Where another came between, the next look reads all."""
        self._writes += 1
        if version == self._version + 1:
            self._version = version
        self.changed()

    async def look(self) -> None:
        """Read what other processes changed.

        Raises:
            Unavailable: the records can't be read; what is held stays in force.
        """
        if await self.records.version() == self._version:
            return
        writes = -1
        while writes != self._writes:  # else what we wrote meanwhile would be missing until the next look
            writes = self._writes
            everything = await self.records.everything()
        self.book.replace(everything)
        self._version = everything.version
        self.changed()
