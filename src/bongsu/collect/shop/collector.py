"""Reads a shop's database every few seconds, and never more often than it can bear."""

from __future__ import annotations

import threading
from collections.abc import Iterable

import structlog
from msgspec.structs import replace

from bongsu.collect.shop.database import ShopDatabase, ShopError
from bongsu.collect.shop.mapping import ShopTables, find
from bongsu.collect.shop.plan import ShopPlan
from bongsu.collect.shop.rounds import Asker, Past
from bongsu.collect.shop.samples import samples_of
from bongsu.collect.shop.statements import Statements
from bongsu.collect.shop.states import StateWords
from bongsu.collect.shop.view import figures
from bongsu.model.sample import Sample
from bongsu.model.shop import ShopHealth, ShopView
from bongsu.ports import Clock

_SHARE = 10
"""A round may fill a tenth of the time: a database that takes a second is asked every ten."""
_LONGEST = 300.0
_PAST_EVERY = 600.0
"""Seconds between two readings of earlier days and of what runs out; at midnight at once."""
_PAST_TIMEOUT = 30.0
_HANGS = 10.0
"""Seconds beyond its own time limit after which a database is said to hang."""
_log = structlog.get_logger(__name__)


class ShopCollector:
    """Implements the port `Collector` (in a thread), and tells screens the whole view.

    A round that takes long, or fails, makes the next ones rarer; figures that grow old stay as they are, marked by
    `health`: nothing is ever shown as 0 because it couldn't be read.
    """

    name = "shop"

    def __init__(self, plan: ShopPlan, *, clock: Clock) -> None:
        self.interval = plan.interval
        self.timeout = 4 * plan.timeout_seconds + _PAST_TIMEOUT + 10
        self._plan = plan
        self._clock = clock
        self._words = StateWords(plan.states)
        self._time = plan.time
        self._database: ShopDatabase | None = None
        self._tables: ShopTables | None = None
        self._asker: Asker | None = None
        self._past: Past | None = None
        self._past_at = float("-inf")
        self._next = float("-inf")
        self._wait = plan.interval
        self._lock = threading.Lock()
        self._answer_by: float | None = None
        self._view = ShopView(
            health="waiting", currency=plan.currency, timezone=plan.zone, interval_seconds=plan.interval
        )

    def view(self) -> ShopView:
        """The newest figures, with how they stand.

        A database that hangs answers no round at all, not even with its own time limit: that is told while it lasts.
        """
        latest = self._answer_by
        if latest is None or self._clock.monotonic() <= latest:
            return self._view
        return replace(self._view, health="failing", reason="the database hangs: no answer, not even a refusal")

    def collect(self) -> Iterable[Sample]:
        """One round, where one is due; nothing otherwise."""
        with self._lock:
            if self._clock.monotonic() < self._next:
                return []
            self._expect(self._plan.timeout_seconds)
            try:
                return self._try()
            finally:
                self._answer_by = None

    def close(self) -> None:
        """Let go of the database."""
        if self._database is not None:
            self._database.close()
            self._database = None

    def _expect(self, seconds: float) -> None:
        self._answer_by = self._clock.monotonic() + seconds + _HANGS

    def _try(self) -> list[Sample]:
        began = self._clock.monotonic()
        try:
            view = self._round()
        except ShopError as error:
            return self._failed(str(error))
        if self._view.health == "failing":
            _log.info("shop_back", database=self._database.name if self._database else "")
        self._view = view
        self._next = began + view.interval_seconds - 0.1
        return list(samples_of(view))

    def _failed(self, reason: str) -> list[Sample]:
        if self._view.health != "failing" or self._view.reason != reason:
            _log.warning("shop_unreadable", reason=reason, action="tried again, ever more rarely")
        self._asker = None  # tables may be others when it comes back
        self._wait = min(_LONGEST, max(self._plan.interval, 2 * self._wait if self._view.health == "failing" else 0))
        self._next = self._clock.monotonic() + self._wait - 0.1
        self._view = _with(self._view, health="failing", reason=reason, tried_at=self._clock.now(), wait=self._wait)
        return [Sample(metric="shop_up", value=0.0)]

    def _round(self) -> ShopView:
        at = self._clock.now()
        database, asker = self._ready()
        self._learn(database, asker, at)
        started = self._clock.monotonic()
        with database.reading() as connection:
            read = asker.round(connection, at)
        took = self._clock.monotonic() - started
        hung = took > self._plan.timeout_seconds + _HANGS  # says nothing of how long a round takes
        self._wait = self._plan.interval if hung else min(_LONGEST, max(self._plan.interval, _SHARE * took))
        tables = self._tables
        found = figures(
            read,
            self._past,
            markets=asker.markets,
            words=self._words,
            time=self._time,
            days_only=tables is not None and tables.days_only,
        )
        return ShopView(
            health="slow" if self._wait > self._plan.interval else "ok",
            reason=f"a round takes {took:.1f} s" if self._wait > self._plan.interval else "",
            at=at,
            tried_at=at,
            round_ms=round(took * 1000, 1),
            interval_seconds=round(self._wait, 1),
            currency=self._plan.currency,
            timezone=self._plan.zone,
            day=self._time.day(at).date.isoformat(),
            sales=found.sales,
            marketplaces=found.marketplaces,
            hours=found.hours,
            states=found.states,
            unknown=found.unknown,
            waiting=found.waiting,
            stock=found.stock,
            low=found.low,
            running_out=found.running_out,
            pulse=found.pulse,
            pulses=found.pulses,
        )

    def _ready(self) -> tuple[ShopDatabase, Asker]:
        if self._database is None:
            self._database = ShopDatabase(self._plan.url, timeout_seconds=self._plan.timeout_seconds)
        if self._asker is None:
            with self._database.reading() as connection:
                self._tables = find(self._database.inspector(connection), self._plan.tables)
            self._asker = Asker(
                self._tables,
                Statements(self._tables, self._database.dialect),
                time=self._time,
                words=self._words,
                low_stock=self._plan.low_stock,
                state_days=self._plan.state_days,
            )
        return self._database, self._asker

    def _learn(self, database: ShopDatabase, asker: Asker, at: int) -> None:
        """Read earlier days, where it is time. Without them today's figures still stand."""
        now = self._clock.monotonic()
        fresh = self._past is not None and self._past.today == self._time.day(at).date
        if now < self._past_at + _PAST_EVERY and (fresh or self._past is None):
            return
        self._past_at = now
        self._expect(_PAST_TIMEOUT)
        try:
            with database.reading(timeout_seconds=_PAST_TIMEOUT) as connection:
                self._past = asker.past(connection, at)
        except ShopError as error:
            _log.warning("shop_past_unreadable", reason=str(error), action="today's figures go on without a baseline")
            if not fresh:
                self._past = None
        self._expect(self._plan.timeout_seconds)


def _with(view: ShopView, *, health: ShopHealth, reason: str, tried_at: int, wait: float) -> ShopView:
    return replace(view, health=health, reason=reason, tried_at=tried_at, interval_seconds=wait)
