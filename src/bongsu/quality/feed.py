"""One feed: everything known of its symbols, and the way of a batch through all checks.

Time comes with the calls alone (UTC ms), so that a journal read again leads to the same state.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bongsu.feed_ports import OpenHours
from bongsu.model.event import NO_SEQ, Bools, EventBatch, Symbols, UInt64s
from bongsu.model.sample import Int64s
from bongsu.quality.checks import Roles, bar, book, not_positive
from bongsu.quality.counters import GRANULE_MS, HOUR_MS, MINUTE_MS, Count, Counters
from bongsu.quality.delays import BINS, Delays, Skew, bins_of
from bongsu.quality.grouping import Grouped, grouped, ordered
from bongsu.quality.keyless import Keyless
from bongsu.quality.last import Last
from bongsu.quality.offenders import A_BATCH, Lately, examples
from bongsu.quality.payload import payloads
from bongsu.quality.prices import APART_MS, Prices, price_rules
from bongsu.quality.rates import CERTAIN, WEEK, Rates
from bongsu.quality.schema import Schema
from bongsu.quality.sequence import Sequences, highest_before
from bongsu.quality.stuck import Runs
from bongsu.quality.table import Table
from bongsu.settings.feeds import Feed

UNWATCHED_MS = 120_000
"""A pause of ours that is longer counts as time in which nobody watched."""

_ONE = np.zeros(1, np.intp)
_NOTED = 64
"""Gaps noted in one go."""


class FeedState:
    """A feed's state; `advance` and `apply` change it, everything else reads."""

    def __init__(self, name: str, symbols: Symbols, settings: Feed, hours: OpenHours) -> None:
        self.name = name
        self.symbols = symbols
        self.settings = settings
        self.hours = hours
        self.counters = Counters()
        self.sequences = Sequences()
        self.keyless = Keyless()
        self.prices = Prices()
        self.runs = Runs()
        self.rates = Rates()
        self.whole = Rates()
        """The feed as if it were one symbol."""
        self.whole.grow(1)
        self.last = Last()
        self.skew = Skew()
        self.delays = Delays(None if settings.max_delay is None else float(settings.max_delay))
        self.schema = Schema(settings.fields)
        self.offenders: Lately[dict[str, object]] = Lately()
        self.gaps: Lately[dict[str, object]] = Lately()
        self.fields: dict[str, int] = {}
        self.fields_before: dict[str, int] = {}
        """Faulty values by field, of the present minute and the one before."""
        self.price_rules = price_rules(settings)
        self.now = 0
        self.clock = 0
        """Open time so far, ms."""
        self.arrived = 0
        """When an event last came."""
        self.total = 0
        self.opened = {"granule": 0, "minute": 0, "hour": 0}
        self.session: tuple[int, int] | None = None
        self.session_clock = 0
        """`clock` when the present session began (or when it was first watched)."""

    @property
    def tables(self) -> dict[str, Table]:
        """The columns by the part they belong to."""
        return {
            "counters": self.counters,
            "sequences": self.sequences,
            "keyless": self.keyless,
            "prices": self.prices,
            "runs": self.runs,
            "rates": self.rates,
            "whole": self.whole,
            "last": self.last,
        }

    @property
    def declared(self) -> Bools:
        """Which symbols the settings name."""
        return self.last.declared

    def declare(self, ids: list[int]) -> None:
        """These symbols are those that the settings name."""
        self.grow()
        self.last.declared[:] = False
        self.last.declared[ids] = True

    def grow(self) -> None:
        """Make room for every symbol."""
        count = len(self.symbols)
        if count > self.last.rows:
            for table in self.tables.values():
                if table is not self.whole:
                    table.grow(count)

    # -- time ----------------------------------------------------------------------------------------------------

    def advance(self, now: int) -> None:
        """Let time pass until `now`: end what ends on the way."""
        self.grow()
        if not self.now or now - self.now > UNWATCHED_MS:
            self._skip(now)
            return
        grace = max(1, int(self.settings.grace))
        while self.now < now:
            to = min(now, (self.now // GRANULE_MS + 1) * GRANULE_MS, (self.now // grace + 1) * grace)
            self._pass(to)
            if to % grace == 0:
                self._give_up()
            if to % GRANULE_MS == 0:
                self._end_granule(to)

    def _pass(self, to: int) -> None:
        opened = self.hours.open_ms(self.now, to)
        self.clock += opened
        for part in self.opened:
            self.opened[part] += opened
        self.now = to
        self._enter_session()

    def _enter_session(self) -> None:
        if self.session is not None and self.session[0] <= self.now < self.session[1]:
            return
        session = self.hours.session(self.now)
        if session is not None and session != self.session:
            self.session_clock = self.clock
        self.session = session

    def _skip(self, now: int) -> None:
        """Go on at `now`, leaving out the time between, in which nobody watched."""
        if self.now:
            number = self.now // GRANULE_MS
            self.counters.close_granule(number)
            self.counters.close_minute(self.now // MINUTE_MS)
            self.counters.close_hour(self.now // HOUR_MS)
            for ring, length in (("granules", GRANULE_MS), ("minutes", MINUTE_MS), ("hours", HOUR_MS)):
                size = len(self.counters.rings[ring])
                first = self.now // length + 1
                for one in range(max(first, now // length - size), now // length):
                    self.counters.forget(ring, one)
            self.counters.resum()
        self.opened = dict.fromkeys(self.opened, 0)
        self.now = now
        self.counters.minute_number = now // MINUTE_MS
        self._enter_session()

    def _give_up(self) -> None:
        lost = self.sequences.turn()
        if lost.any():
            ids = np.flatnonzero(lost)
            self.counters.add(ids, Count.LOST, lost[ids])
            grace = int(self.settings.grace)
            for symbol in ids[:_NOTED].tolist():
                self.gaps.add(
                    symbol,
                    {"kind": "sequence", "from": self.now - 2 * grace, "to": self.now, "lost": int(lost[symbol])},
                )

    def _end_granule(self, now: int) -> None:
        """Ten seconds have ended, and maybe a minute and an hour."""
        count, counters = len(self.symbols), self.counters
        number = now // GRANULE_MS - 1
        hour = ((now - 1) // HOUR_MS) % WEEK
        rate = self.rates.expected_rate(hour, count, self.clock)
        counters.present[:count, Count.EXPECTED] += self.rates.pass_time(rate, self.opened["granule"])
        self.whole.pass_time(self.whole.expected_rate(hour, 1, self.clock), self.opened["granule"])
        self.opened["granule"] = 0
        minute = now % MINUTE_MS == 0
        if minute:
            self._cover(rate)
        counters.close_granule(number)
        if minute:
            self._end_minute(now, hour)

    def _cover(self, rate: NDArray[np.float64]) -> None:
        """Tell which symbols should have come in the minute that ends now, and which did."""
        count, counters = len(self.symbols), self.counters
        with np.errstate(invalid="ignore"):
            coverable = rate * (self.opened["minute"] / 1000.0) > CERTAIN
        coverable |= self.overdue() & (self.opened["minute"] > 0)
        came = counters.minute[:count, Count.EVENTS] + counters.present[:count, Count.EVENTS] > 0
        counters.present[:count, Count.COVERABLE] += coverable
        counters.present[:count, Count.COVERED] += coverable & came

    def _end_minute(self, now: int, hour: int) -> None:
        self.counters.close_minute(now // MINUTE_MS - 1)
        self.counters.minute_number = now // MINUTE_MS
        self.skew.close_minute()
        self.delays.close_minute()
        self.rates.close_minute(len(self.symbols))
        self.whole.close_minute(1)
        self.fields_before, self.fields = self.fields, {}
        self.opened["minute"] = 0
        if now % HOUR_MS == 0:
            events = self.counters.hour[: len(self.symbols), Count.EVENTS]
            self.rates.close_hour(hour, events, self.opened["hour"])
            self.whole.close_hour(hour, np.array([events.sum()]), self.opened["hour"])
            self.counters.close_hour(now // HOUR_MS - 1)
            self.last.delays //= 2
            self.opened["hour"] = 0

    # -- symbols -------------------------------------------------------------------------------------------------

    def here(self) -> Bools:
        """Which symbols came in the present session (the last one while closed)."""
        opened = self.session[0] if self.session else int(self.last.opened[: len(self.symbols)].max(initial=0))
        found: Bools = (self.last.opened[: len(self.symbols)] == opened) & (self.rates.seen[: len(self.symbols)] >= 0)
        return found

    def overdue(self) -> Bools:
        """Which symbols never came though they are declared and the feed is open long enough."""
        count = len(self.symbols)
        if self.session is None or self.clock - self.session_clock < int(self.settings.missing_after):
            return np.zeros(count, np.bool_)
        return self.declared[:count] & (self.rates.seen[:count] < 0)

    # -- events --------------------------------------------------------------------------------------------------

    def apply(self, batch: EventBatch) -> None:
        """Count a batch; it must not be empty."""
        self.advance(batch.arrived)
        order = ordered(batch.symbol)
        if order is not None:
            batch = batch.take(order)
        group = grouped(batch.symbol)
        self._arrive(group)
        content = payloads(batch.fields, len(batch))
        late, future = self._time(group, batch)
        duplicate, inconsistent = self._order(group, batch, content)
        implausible, odd = self._values(group, batch, content, duplicate, inconsistent)
        inconsistent |= future
        self._count(
            group,
            {
                Count.DUPLICATES: duplicate,
                Count.IMPLAUSIBLE: implausible,
                Count.INCONSISTENT: inconsistent,
                Count.LATE: late,
                Count.FUTURE: future,
            },
        )
        flagged = duplicate | implausible | inconsistent | late | odd
        if flagged.any():
            reasons = {
                "duplicate": duplicate,
                "implausible": implausible,
                "inconsistent": inconsistent,
                "late": late,
                "future": future,
                "schema": odd,
            }
            chosen = np.flatnonzero(flagged)
            every = -(-len(chosen) // A_BATCH)
            chosen = chosen[self.total % every :: every]  # of many some, others each time
            for symbol, example in examples(batch, chosen, reasons, hidden=set(self.settings.redact)):
                self.offenders.add(symbol, example)

    def _count(self, group: Grouped, masks: dict[Count, Bools]) -> None:
        for column, mask in masks.items():
            if mask.any():
                self.counters.add(group.ids, column, group.counted(mask))

    def _arrive(self, group: Grouped) -> None:
        ids, now = group.ids, self.now
        self.counters.add(ids, Count.EVENTS, group.counts)
        seen = self.rates.seen[ids]
        age = self.clock - seen
        apart = (seen >= 0) & (age > APART_MS)
        if apart.any():
            self.prices.part(ids[apart])
        with np.errstate(invalid="ignore"):
            silent = (age > 6.0 * self.rates.usual[ids]) & (self.rates.awaited[ids] > 25.0)
        for symbol in ids[silent][:_NOTED].tolist():
            self.gaps.add(symbol, {"kind": "silence", "from": int(self.last.arrived[symbol]), "to": now, "lost": 0})
        self.rates.take(ids, group.counts, self.clock)
        self.whole.take(_ONE, np.array([len(group)]), self.clock)
        if self.session is not None:
            anew = ids[self.last.opened[ids] != self.session[0]]
            if len(anew):
                self.last.volume[anew] = np.nan
                self.prices.begin_session(anew, self.session[0])
                self.last.opened[anew] = self.session[0]
        self.last.arrived[ids] = now
        self.arrived = now
        self.total += len(group)

    def _time(self, group: Grouped, batch: EventBatch) -> tuple[Bools, Bools]:
        """Which events are late, and which of the future."""
        raw = batch.arrived - batch.at
        self.skew.take(raw)
        delay = raw - self.skew.value
        self.delays.take(delay)
        np.add.at(self.last.delays.reshape(-1), group.symbol * BINS + bins_of(delay), np.uint32(1))
        return delay > self.delays.limit_ms, delay < -int(self.settings.clock_tolerance)

    def _order(self, group: Grouped, batch: EventBatch, content: UInt64s) -> tuple[Bools, Bools]:
        """Which events are duplicates, and which are inconsistent by their order."""
        count = len(batch)
        duplicate, wrong = np.zeros(count, np.bool_), np.zeros(count, np.bool_)
        numbered = np.zeros(count, np.bool_) if batch.seq is None else batch.seq != NO_SEQ
        if numbered.all():
            self._sequence(group, batch, content, duplicate, wrong, slice(None))
        elif numbered.any():
            chosen = np.flatnonzero(numbered)
            self._sequence(grouped(batch.symbol[chosen]), batch.take(chosen), content[chosen], duplicate, wrong, chosen)
        if not numbered.all():
            chosen = np.flatnonzero(~numbered)
            part = grouped(batch.symbol[chosen])
            duplicate[chosen] = self.keyless.take(part, batch.at[chosen], content[chosen])
        before = self._newest_before(group, batch.at)
        back = batch.at < before - np.where(numbered, int(self.settings.grace), 0)
        back &= ~duplicate & ~wrong
        disordered = (back & ~numbered) | (wrong & ~duplicate)
        self._count(group, {Count.DISORDERED: disordered, Count.BACK: back & numbered})
        return duplicate, wrong | back

    def _newest_before(self, group: Grouped, at: Int64s) -> Int64s:
        kept = self.last.event
        earlier: Int64s = group.before(at, kept)
        if not (at >= earlier).all():
            earlier = highest_before(group, at, kept[group.symbol])
        kept[group.ids] = np.maximum(kept[group.ids], np.maximum.reduceat(at, group.starts))
        return earlier

    def _sequence(
        self,
        group: Grouped,
        batch: EventBatch,
        content: UInt64s,
        duplicate: Bools,
        wrong: Bools,
        chosen: slice | NDArray[np.intp],
    ) -> None:
        seq = batch.seq
        if seq is None:
            return
        found, recovered = self.sequences.take(group, seq, batch.session, content)
        duplicate[chosen] = found.duplicate
        wrong[chosen] = found.disordered | found.conflict
        self.last.sequenced[group.ids] = True
        self.counters.add(group.ids, Count.SEQUENCED, group.counts - group.counted(found.duplicate))
        if recovered.any():
            self.counters.add(group.ids, Count.LOST, -recovered)

    def _values(
        self, group: Grouped, batch: EventBatch, content: UInt64s, duplicate: Bools, inconsistent: Bools
    ) -> tuple[Bools, Bools]:
        """Which events are implausible and which break the schema; adds to `inconsistent`."""
        roles = Roles(batch.fields, self.settings.roles)
        odd = self._schema(group, batch)
        implausible = np.zeros(len(batch), np.bool_)
        if roles.price is not None:
            faults = self.prices.take(group, roles.price, batch.arrived, self.price_rules)
            implausible |= faults.not_positive | faults.off_tick | faults.beyond | faults.spike
            self._count(group, {Count.SPIKES: faults.spike})
        size = not_positive(roles.size)
        if size is not None:
            implausible |= size
        books = book(roles)
        if books is not None:
            inconsistent |= books[0]
            self._count(group, {Count.CROSSED: books[0], Count.LOCKED: books[1]})
        wrong_bar = bar(roles)
        if wrong_bar is not None:
            inconsistent |= wrong_bar
        if roles.volume is not None:
            inconsistent |= self._volume(group, roles.volume) & ~duplicate
        if batch.fields:
            self._stand_still(group, batch, content, duplicate, cumulative=roles.volume is not None)
        return implausible, odd

    def _volume(self, group: Grouped, volume: NDArray[np.float64]) -> Bools:
        """Which cumulative volumes fall."""
        with np.errstate(invalid="ignore"):
            falls: Bools = volume < group.before(volume, self.last.volume)
        self.last.volume[group.ids] = volume[group.ends]
        return falls

    def _stand_still(
        self, group: Grouped, batch: EventBatch, content: UInt64s, duplicate: Bools, *, cumulative: bool
    ) -> None:
        if cumulative:
            content = payloads(batch.fields, len(batch), without=(self.settings.roles.volume,))
        if duplicate.any():
            kept = np.flatnonzero(~duplicate)
            if not len(kept):
                return
            group, content = grouped(batch.symbol[kept]), content[kept]
        self.runs.take(group, content)

    def _schema(self, group: Grouped, batch: EventBatch) -> Bools:
        found = self.schema.check(batch.fields, len(batch))
        ids, counters = group.ids, self.counters
        if found.whole and found.required * len(batch) == int(found.values.sum()):
            for column in (Count.PRESENT, Count.REQUIRED, Count.CONFORMING, Count.FIELDS):
                counters.add(ids, column, group.counts * found.required)
            return np.zeros(len(batch), np.bool_)
        counters.add(ids, Count.PRESENT, group.sums(found.present))
        counters.add(ids, Count.REQUIRED, group.counts * found.required)
        counters.add(ids, Count.CONFORMING, group.sums(found.conforming))
        counters.add(ids, Count.FIELDS, group.sums(found.values))
        for counts in (found.missing, found.odd):
            for name, number in counts.items():
                self.fields[name] = self.fields.get(name, 0) + number
        odd: Bools = (found.present < found.required) | (found.conforming < found.values)
        return odd
