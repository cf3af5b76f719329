"""Feeds without a disk: the real parts, kept in memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bongsu.feed_ports import OpenHours
from bongsu.ingest.event_intake import EventIntake
from bongsu.model.event import FeedTable
from bongsu.ports import Clock
from bongsu.quality.book import Always, FeedBook
from bongsu.quality.keeper import FeedKeeper
from bongsu.quality.views import Views
from bongsu.settings.feeds import Feed


def always(_: str) -> OpenHours:
    """Every feed is open at any time."""
    return Always()


def in_memory(
    clock: Clock, feeds: Mapping[str, Feed] | None = None, hours_of: Callable[[str], OpenHours] = always
) -> tuple[FeedBook, FeedKeeper, EventIntake, Views]:
    """The feeds of one process, with the intake in front and the views behind."""
    declared = dict(feeds or {})
    table = FeedTable()
    book = FeedBook(
        table=table,
        settings=declared,
        hours_of=hours_of,
        symbols_of={name: list(feed.symbols) for name, feed in declared.items()},
    )
    book.open_declared()
    keeper = FeedKeeper(book, clock=clock, folder=None)
    return book, keeper, EventIntake(table=table, taker=keeper, clock=clock), Views(book, clock=clock)
