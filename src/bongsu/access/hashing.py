"""Passwords through argon2id: in threads, two at once, a few waiting. The library is loaded with the first password."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from typing import TYPE_CHECKING

from bongsu.access.passwords import LONGEST, form_of
from bongsu.model.errors import TooMany

if TYPE_CHECKING:
    from argon2 import PasswordHasher

AT_ONCE = 2
WAITING = 16
"""Passwords that may wait for their turn; more are refused, so that nobody fills the queue for long."""

MEMORY_KIB = 32 * 1024
PASSES = 3
"""OWASP asks for at least 19 MiB and two passes; this costs about 70 ms of a core."""


class Hashing:
    """Hashes and verifies. A password against no account takes as long as one against a hash.

    `memory_kib` is what one password takes while it is worked on.
    """

    def __init__(self, *, memory_kib: int = MEMORY_KIB) -> None:
        self._memory_kib = memory_kib
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0

    async def hash(self, password: str) -> str:
        """The password's hash, with its salt and parameters.

        Raises:
            TooMany: too many wait already.
        """
        async with self._in_turn():
            return await asyncio.to_thread(_hash, password, self._memory_kib)

    async def verify(self, password: str, kept: str | None) -> bool:
        """Whether the password is the one of that hash; None is no account, for which it never is.

        Raises:
            TooMany: too many wait already.
        """
        async with self._in_turn():
            return await asyncio.to_thread(_verify, password[: LONGEST + 1], kept, self._memory_kib)

    @asynccontextmanager
    async def _in_turn(self) -> AsyncIterator[None]:
        if self._waiting >= WAITING:
            raise TooMany("too many sign in at once", hint="try again in a moment", retry_after=2)
        self._waiting += 1
        try:
            async with self._turn:
                yield
        finally:
            self._waiting -= 1


@cache
def _hasher(memory_kib: int) -> PasswordHasher:
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=PASSES, memory_cost=memory_kib, parallelism=1)


@cache
def _nobodys(memory_kib: int) -> str:
    """A hash to verify against where there is no account."""
    return _hasher(memory_kib).hash("nobody has this password")


def _hash(password: str, memory_kib: int) -> str:
    return _hasher(memory_kib).hash(form_of(password))


def _verify(password: str, kept: str | None, memory_kib: int) -> bool:
    from argon2.exceptions import InvalidHashError, VerificationError

    nobodys = _nobodys(memory_kib)  # made with the first password, whoever's it is: no name takes longer than another
    try:
        _hasher(memory_kib).verify(kept or nobodys, form_of(password))
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None
