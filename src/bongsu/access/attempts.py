"""Trying a password: held back after failures, and an unknown name takes as long as a known one."""

from __future__ import annotations

import math

from bongsu.access.backoff import Backoff
from bongsu.access.hashing import Hashing
from bongsu.access.state import State
from bongsu.access.trail import Trail
from bongsu.model.errors import TooMany


class Attempts:
    """Every password that is tried goes through here, whatever for."""

    def __init__(self, state: State, *, trail: Trail, hashing: Hashing) -> None:
        self._state = state
        self._trail = trail
        self._hashing = hashing
        self._by_account = Backoff(free=5)
        self._by_address = Backoff(free=20)
        self.counts = {"ok": 0, "wrong": 0, "held": 0}

    async def right(self, account: str, password: str, *, address: str) -> bool:
        """Whether it is the password of that account, which exists and isn't disabled.

        Raises:
            TooMany: too many failed before, for that account or from that address.
        """
        now = self._state.clock.monotonic()
        wait = max(self._by_account.wait(account, now), self._by_address.wait(address, now))
        if wait > 0:
            self.counts["held"] += 1
            await self._trail.failed(account, address, "held back")
            seconds = math.ceil(wait)
            raise TooMany(
                "too many attempts have failed", hint=f"try again in {seconds} s at the earliest", retry_after=seconds
            )
        self._by_account.failed(account, now)
        self._by_address.failed(address, now)
        kept = await self._state.records.password(account)
        right = await self._hashing.verify(password, kept)
        user = self._state.book.users.get(account)
        if not right or user is None or user.disabled:
            self.counts["wrong"] += 1
            await self._trail.failed(account, address, "wrong")
            return False
        self.counts["ok"] += 1
        self._by_account.forget(account)
        self._by_address.take_back(address)
        return True
