"""The sockets of the feeds, as Protocols: events in, views out, and open hours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from bongsu.model.event import EventBatch
from bongsu.model.sample import Receipt


class EventIntake(Protocol):
    """Where bodies of feeds' events are decoded, kept and acknowledged."""

    async def take(self, body: bytes, *, content_type: str, encoding: str, sender: str, key: str = "") -> Receipt:
        """Take one body of events and return once what was accepted survives a crash of ours.

        A body with the `key` (the sender's `Idempotency-Key`) of one taken in the last 24 h counts once.

        Raises:
            BadRequest, TooLarge, UnsupportedType, NothingAcceptable, TooMany, Unavailable, StorageFull
        """
        ...


class EventTaker(Protocol):
    """The way onward for decoded events: the feeds, seen from the intake."""

    def earlier(self, key: str, digest: int) -> Receipt | None:
        """The receipt of a body taken before under this key; None where there is none.

        Raises:
            BadRequest: the key was used for a body with another `digest`.
        """
        ...

    async def take(self, batches: Sequence[EventBatch], *, key: str, digest: int, receipt: Receipt) -> None:
        """Keep the events of one body and count them; returns once they survive a crash of ours.

        Raises:
            TooMany, Unavailable, StorageFull: nothing of them was taken.
        """
        ...


class FeedViews(Protocol):
    """What is known of the feeds, as plain JSON values (docs/rest.md has the shapes)."""

    def overview(self, window: str) -> Mapping[str, object]:
        """Every feed with its scores over a window (`1m`, `5m`, `1h`, `1d`), and its faults."""
        ...

    def feed(self, name: str, window: str, *, search: str, offset: int, limit: int, heat: bool) -> Mapping[str, object]:
        """One feed and its symbols, worst first, with their qualities minute by minute where `heat` is asked for.

        Raises:
            NotFound: there is no such feed.
        """
        ...

    def symbol(self, name: str, symbol: str) -> Mapping[str, object]:
        """One symbol: scores over time, delays, faulty events, gaps.

        Raises:
            NotFound: there is no such feed or symbol.
        """
        ...

    def rows(self, name: str, window: str) -> Iterable[Sequence[object]]:
        """All symbols of a feed as rows for a table, the names of the columns first.

        Raises:
            NotFound: there is no such feed.
        """
        ...


class OpenHours(Protocol):
    """When something is open: a calendar's answer, in UTC ms."""

    def session(self, at: int) -> tuple[int, int] | None:
        """Opening and closing time of the session that holds at `at`; None while closed."""
        ...

    def open_ms(self, start: int, end: int) -> int:
        """How much of start … end is open, ms."""
        ...
