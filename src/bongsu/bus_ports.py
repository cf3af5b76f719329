"""The sockets of the bus: how several servers share what one of them measures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from bongsu.model.sample import Batch, Int64s


class BusAway(Exception):
    """The bus can't be reached; the text says why. Nothing was told, and trying again may help."""


class BusTaken(Exception):
    """Another server owns the bus: `holder` says which, `left` how long (s) its claim holds without another word."""

    def __init__(self, holder: str, *, left: float) -> None:
        super().__init__(f"another server owns the bus: {holder}")
        self.holder = holder
        self.left = left


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """The right to tell: held by one server at a time, and only for as long as it keeps telling.

    `identity` is what stays over restarts (a machine and its data folder), `boot` a word that is new at each start.
    `term` rises with each new holder, so that whoever listens can tell a word of a former owner (fencing).
    """

    identity: str
    boot: str
    term: int

    @property
    def holder(self) -> str:
        """How it stands on the bus."""
        return f"{self.identity}|{self.boot}"


class Hearing(Protocol):
    """What is told from the moment of listening on."""

    async def next(self) -> bytes:
        """The next message, in order.

        Raises:
            BusAway: the connection is lost; what was told meanwhile is lost with it.
        """
        ...

    async def close(self) -> None:
        """Listen no more."""
        ...


class Bus(Protocol):
    """One owner tells, any number listen; beside it lie values that outlive the moment."""

    async def claim(self, identity: str, boot: str) -> Claim:
        """Become the owner: where nobody is, or where it is the same identity's former start.

        Raises:
            BusTaken: somebody else is.
            BusAway: nobody can tell.
        """
        ...

    async def tell(self, claim: Claim, message: bytes) -> bool:
        """Send a message to whoever listens and keep the claim for another while; False when it isn't held any more.

        Raises:
            BusAway: it isn't known whether the message was sent.
        """
        ...

    async def release(self, claim: Claim) -> None:
        """Let the next one in at once; never raises."""
        ...

    async def keep(self, name: str, value: bytes, *, seconds: int) -> None:
        """Leave a value for that long.

        Raises:
            BusAway: it isn't known whether it was kept.
        """
        ...

    async def kept(self, name: str) -> bytes | None:
        """A value that was left, unless its time is over.

        Raises:
            BusAway: it can't be asked.
        """
        ...

    async def hear(self) -> Hearing:
        """Listen: once this returns, no message is missed until `BusAway`.

        Raises:
            BusAway: it can't be reached.
        """
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


class Newest(Protocol):
    """The newest value of every series as columns: the live hub, seen from the bus."""

    def changes(self, since: int) -> tuple[int, Batch]:
        """The present revision, and the series that changed after `since` (0: all), each once with its newest value."""
        ...

    def entries(self, ids: Int64s) -> bytes:
        """The series as the items of a JSON array, without its brackets."""
        ...
