"""Accounts, wired: who comes, signing in, accounts, tokens, over one state that follows what other processes change."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable
from typing import Self

import structlog

from bongsu.access.accounts import KeptAccounts
from bongsu.access.attempts import Attempts
from bongsu.access.book import Lasting
from bongsu.access.hashing import Hashing
from bongsu.access.metrics import samples
from bongsu.access.sessions import OpenSessions
from bongsu.access.state import State
from bongsu.access.tokens import KeptTokens
from bongsu.access.trail import Trail
from bongsu.access.visitors import KnownVisitors
from bongsu.access_ports import AccessRecords
from bongsu.model.errors import BongsuError
from bongsu.model.sample import Sample
from bongsu.ports import AuditRecords, Clock

LOOK = 1.0
"""Seconds between two looks for what another process changed (`bongsu user …`)."""
NOTE = 60.0
"""Seconds between two writes of when sessions and tokens were last used."""
_log = structlog.get_logger("bongsu.access")


class AccessService:
    """The parts. `open` it, `start` it, `stop` it. Implements `ports.Watched`."""

    def __init__(self, state: State, *, audit: AuditRecords, hashing: Hashing | None = None) -> None:
        """See `open`."""
        trail, hashing = Trail(audit, clock=state.clock), hashing or Hashing()
        self._state = state
        self._attempts = Attempts(state, trail=trail, hashing=hashing)
        self.visitors = KnownVisitors(state)
        self.sessions = OpenSessions(state, attempts=self._attempts, trail=trail)
        self.accounts = KeptAccounts(state, attempts=self._attempts, trail=trail, hashing=hashing)
        self.tokens = KeptTokens(state, trail=trail)
        self.hear = state.hear
        self._keeper: asyncio.Task[None] | None = None

    @classmethod
    async def open(
        cls,
        records: AccessRecords,
        *,
        audit: AuditRecords,
        clock: Clock,
        lasting: Lasting,
        always: bool = False,
        hashing: Hashing | None = None,
    ) -> Self:
        """Bring back what is kept. `always`: ask who comes even where no account exists (reachable from elsewhere).

        Raises:
            StorageFull, Unavailable: the records can't be read.
        """
        state = State(records, clock=clock, lasting=lasting, always=always)
        service = cls(state, audit=audit, hashing=hashing)
        await state.look()
        return service

    def start(self) -> None:
        """Begin to look for what other processes change, and to note uses."""
        self._keeper = asyncio.create_task(self._keep(), name="bongsu-access")

    async def stop(self) -> None:
        """End, and write what is noted."""
        if self._keeper is None:
            return
        self._keeper.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._keeper
        try:
            await self._note_uses()
        except BongsuError as error:
            _log.warning("uses_not_noted", cause=error.detail)

    def figures(self) -> Iterable[Sample]:
        """How many accounts, sessions and tokens there are, and how attempts to sign in ended."""
        book = self._state.book
        held = {"users": len(book.users), "sessions": len(book.sessions), "tokens": len(book.tokens)}
        return samples(held, self._attempts.counts)

    async def _keep(self) -> None:
        clock = self._state.clock
        due = clock.monotonic() + NOTE
        while True:
            await clock.sleep_until(clock.monotonic() + LOOK)
            try:
                await self._state.look()
                if clock.monotonic() >= due:
                    due = clock.monotonic() + NOTE
                    await self._note_uses()
                await self._end_old()
            except BongsuError as error:
                _log.warning("access_not_kept", cause=error.detail, action="tried again in a second")

    async def _end_old(self) -> None:
        """End what is over; sockets hear of it even where nothing was written (a token expires by itself)."""
        state = self._state
        over = state.book.over(state.clock.now())
        if over:
            for one in over:
                state.book.drop_session(one)
            state.wrote(await state.records.end_sessions(over))
        elif state.closed:
            state.changed()

    async def _note_uses(self) -> None:
        sessions, tokens = self._state.book.used()
        if sessions or tokens:
            await self._state.records.touch(sessions=sessions, tokens=tokens)
