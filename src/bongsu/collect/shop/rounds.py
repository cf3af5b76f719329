"""What is asked of the shop's database: each round, and once in a while."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Select

from bongsu.collect.shop.baseline import DAYS
from bongsu.collect.shop.mapping import ShopTables, time_kind
from bongsu.collect.shop.statements import Statements
from bongsu.collect.shop.states import OPEN, UNKNOWN, StateWords
from bongsu.collect.shop.times import HOUR, ShopTime, TimeKind

PULSE_MS = 10 * 60_000
"""Orders a minute are counted over the last ten: one alone is 0 or 1 in most shops."""

Rows = Sequence[tuple[Any, ...]]
_WORDS: tuple[str, ...] = (*OPEN, UNKNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """The rows of one round, as the database gave them; None where the tables don't have it."""

    at: int
    orders: Rows
    finished: Rows
    customers: Rows | None
    refunds: Rows | None
    recent: Rows | None
    waiting: Rows | None
    stock: tuple[Any, ...] | None
    low: Rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What changes slowly: orders and money by marketplace, date and hour of earlier days, and what runs out."""

    today: date
    orders: Mapping[str, Mapping[tuple[date, int], int]]
    gross: Mapping[str, Mapping[tuple[date, int], float]]
    last: Mapping[str, int]
    first: date | None
    running_out: Rows


class Asker:
    """Runs the statements; knows the words that occur."""

    def __init__(
        self,
        tables: ShopTables,
        statements: Statements,
        *,
        time: ShopTime,
        words: StateWords,
        low_stock: int,
        state_days: int,
    ) -> None:
        self._tables = tables
        self._statements = statements
        self._time = time
        self._words = words
        self._low_stock = low_stock
        self._state_days = state_days
        self.markets: tuple[str, ...] = ()
        self._open: tuple[str, ...] = ()
        self._days: dict[date, Rows] = {}

    def round(self, connection: Connection, at: int) -> Round:
        """One round at `at` (UTC ms): a handful of statements in the connection's one transaction."""
        made, day = self._statements, self._time.day(at)
        today = self._range(day.start, day.end)
        self._look_for_words(connection)
        return Round(
            at=at,
            orders=_rows(connection, made.orders(), today) or (),
            finished=self._finished(connection, at),
            customers=_rows(connection, made.customers(), today),
            refunds=_rows(
                connection, made.refunds(), self._range(day.start, day.end, self._tables.orders.get("refunded_at"))
            ),
            recent=_rows(connection, made.recent(), self._range(at - PULSE_MS, at)),
            waiting=self._waiting(connection, at),
            stock=next(iter(_rows(connection, made.stock(), {"low_stock": self._low_stock}) or ()), None),
            low=_rows(connection, made.low(), {"low_stock": self._low_stock}) or (),
        )

    def past(self, connection: Connection, at: int) -> Past:
        """The thirty days before today, by hour, and what runs out at their sales."""
        today = self._time.day(at)
        start = self._time.day(at, DAYS).start
        orders: dict[str, dict[tuple[date, int], int]] = {}
        gross: dict[str, dict[tuple[date, int], float]] = {}
        last: dict[str, int] = {}
        first: date | None = None
        for market, passed, word, confirmed, count, money, newest in (
            _rows(connection, self._statements.orders(), self._range(start, today.start)) or ()
        ):
            if self._words.state_of(word, confirmed) == "unpaid":
                continue
            slot = self._time.hour_of(start + int(passed) * HOUR)
            mine, paid = orders.setdefault(market, {}), gross.setdefault(market, {})
            mine[slot] = mine.get(slot, 0) + int(count)
            paid[slot] = paid.get(slot, 0.0) + float(money)
            first = slot[0] if first is None else min(first, slot[0])
            last[market] = max(last.get(market, 0), self._time.read(newest) or 0)
        running = _rows(connection, self._statements.running_out(), self._range(start, today.start)) or ()
        return Past(today=today.date, orders=orders, gross=gross, last=last, first=first, running_out=running)

    def _look_for_words(self, connection: Connection) -> None:
        pairs = self._statements.pairs()
        if pairs is None:
            return
        found = [(str(market), str(word)) for market, word in connection.execute(pairs)]
        self.markets = tuple(sorted({market for market, _ in found}))
        states = {word: self._words.state_of(word) for _, word in found}
        self._open = tuple(sorted(word for word, state in states.items() if state in _WORDS))

    def _finished(self, connection: Connection, at: int) -> Rows:
        """The earlier days' orders by state. Each round reads one day anew, so that none is dear."""
        statement = self._statements.finished()
        if statement is None:
            return ()
        days = [self._time.day(at, back) for back in range(1, self._state_days)]
        wanted = {day.date: day for day in days}
        known = {which: rows for which, rows in self._days.items() if which in wanted}
        oldest = [wanted[which] for which in list(known)[:1]]
        for day in [day for day in days if day.date not in known] or oldest:
            known.pop(day.date, None)  # what was read longest ago stands first
            known[day.date] = _rows(connection, statement, self._range(day.start, day.end)) or ()
        self._days = known
        return [row for rows in known.values() for row in rows]

    def _waiting(self, connection: Connection, at: int) -> Rows | None:
        statement = self._statements.waiting()
        if statement is None:
            return None
        if not self._open:
            return ()
        since = self._tables.orders.get("ordered_at")
        kind = time_kind(self._tables.moment if since is None else since)
        return _rows(
            connection,
            statement,
            {
                "words": self._open,
                "markets": self.markets,
                "day_ago": self._time.written(at - 24 * HOUR, kind),
                "two_days_ago": self._time.written(at - 48 * HOUR, kind),
            },
        )

    def _range(self, start: int, end: int, column: Any = None) -> dict[str, Any]:
        kind: TimeKind = time_kind(self._tables.moment if column is None else column)
        return {"start": self._time.written(start, kind), "end": self._time.written(end, kind)}


def _rows(connection: Connection, statement: Select[Any] | None, parameters: Mapping[str, Any]) -> Rows | None:
    return None if statement is None else [tuple(row) for row in connection.execute(statement, dict(parameters))]
