"""One set of rules against the samples: folds them in, says what changed, and words it as signals. No I/O, no clock.

The work of a round is on arrays whatever the number of rules; Python loops only over what is new (series, rules) or is
told (conditions that changed).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from bongsu.alerts.evaluation.columns import Columns, measure_of
from bongsu.alerts.evaluation.condition import BREACH, CLEAR, CONDITIONS, NO_DATA
from bongsu.alerts.evaluation.rows import Rows, RowTable, matches
from bongsu.alerts.evaluation.schedule import Schedule
from bongsu.alerts.evaluation.words import Language, message, messages
from bongsu.alerts.signal import Signal
from bongsu.calendars.weekly import parse
from bongsu.model.alert import SEVERITIES, Alert
from bongsu.model.backtest import Standing
from bongsu.model.catalogue import Catalogue
from bongsu.model.rule import Rule
from bongsu.model.sample import Batch, Labels
from bongsu.model.series import Series, SeriesTable
from bongsu.ports import Scores

REFRESH = 5_000
"""Milliseconds before a standing breach is told again with another value."""
CONFIRM = 60_000
"""Milliseconds before it is told again with the same."""
_REFRESHED_AT_ONCE = 200
ROWS = 200_000
_NEVER = 2**62
_STATE = ("born", "full_at", "held", "condition", "since", "value", "told", "told_at", "told_value", "doubted")
"""What goes on over a change of rules: arrays of `RowTable`."""

RowKey: TypeAlias = tuple[str, Labels]


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What evaluation needs besides rules: the series, their units, scores, and how its sentences are worded."""

    table: SeriesTable
    catalogue: Catalogue
    scores: Scores | None = None
    language: Language = "ko"
    timezone: str = "Asia/Seoul"
    rows: int = ROWS
    """The most rows: rules times the series or groups each of them matches."""


class Evaluation:
    """The enabled ones of a set of rules. Times are UTC milliseconds."""

    def __init__(self, rules: Sequence[Rule], setting: Setting) -> None:
        self.rules = tuple(rule for rule in rules if rule.enabled)
        self.columns = Columns()
        self.rows = RowTable(self.rules, limit=setting.rows)
        self.departed: dict[RowKey, Signal] = {}
        """Signals that end alerts of rules and series that are no more; each is told once."""
        self.watched = np.zeros(0, bool)
        """Whether a series (by id) is any rule's."""
        self.seen = 0
        """Series ids below this were looked at."""
        self._setting = setting
        self._epoch = setting.table.epoch
        self._wanted: dict[tuple[str, tuple[str, str] | None], list[int]] = {}
        """Rules by metric and one label pair that they want as it is (None where they want none)."""
        for place, rule in enumerate(self.rules):
            exact = next((pair for pair in rule.labels if not pair[1].endswith("*")), None)
            self._wanted.setdefault((rule.metric, exact), []).append(place)
        self._severity = np.array([SEVERITIES.index(rule.severity) for rule in self.rules], np.int64)
        self._schedules = self._grouped_schedules()
        self._active = np.ones(len(self.rules), bool)
        self._active_until = 0 if self._schedules else _NEVER
        self._expecting = [place for place, rule in enumerate(self.rules) if rule.kind == "no_data"]

    def _grouped_schedules(self) -> list[tuple[Schedule, NDArray[np.intp]]]:
        texts: dict[str, list[int]] = {}
        for place, rule in enumerate(self.rules):
            if rule.when.strip():
                texts.setdefault(rule.when, []).append(place)
        zone = self._setting.timezone
        return [(Schedule(parse(text, zone=zone)), np.array(places, np.intp)) for text, places in texts.items()]

    # -- which series there are --------------------------------------------------------------------------------

    @property
    def stale(self) -> bool:
        """Whether series came or went since `discover`."""
        return self.seen < self._setting.table.end or self._epoch != self._setting.table.epoch

    def discover(self, now: int, *, most: int = _NEVER) -> bool:
        """Look at up to `most` series that are new; False while there are more."""
        table = self._setting.table
        if self._epoch != table.epoch:
            self._epoch = table.epoch
            known = np.flatnonzero(self.watched[: self.seen]).tolist()
            gone = [one for one in known if table.get(one) is None]
            self.rows.forget(gone)
            self.watched[gone] = False
        end = min(table.end, self.seen + most)
        if end > len(self.watched):
            self.watched = np.concatenate([self.watched, np.zeros(max(end, 1024), bool)])
        for series_id in range(self.seen, end):
            series = table.get(series_id)
            if series is not None:
                self._see(series)
        self.seen = end
        if end < table.end:
            return False
        seen = {place for place, _ in self.rows.keys} if self._expecting else ()
        for place in self._expecting:
            if place not in seen:
                self.rows.expect(place)
        self._expecting = []
        self.rows.settle(now)
        self.columns.settle(now)
        self.columns.newest.room(end)
        return True

    def _see(self, series: Series) -> None:
        for pair in (None, *series.labels):
            for place in self._wanted.get((series.metric, pair), ()):
                if matches(self.rules[place], series):
                    self.rows.add(place, series, self.columns)
                    self.watched[series.id] = True

    # -- from one set to the next, and over a restart ----------------------------------------------------------

    def adopt(self, old: Evaluation, now: int) -> None:
        """Go on where another set of rules stood; what it told and this one doesn't know any more is ended."""
        self.columns.inherit(old.columns)
        self.departed = {**old.departed, **self.departed}
        before = {rule.id: rule for rule in old.rules}
        mine = {(self.rules[place].id, labels): row for (place, labels), row in self.rows.found.items()}
        pairs = []
        for (place, labels), row in old.rows.found.items():
            target = mine.get((old.rules[place].id, labels))
            if target is not None:
                pairs.append((target, row))
            elif old.rows.told[row] != CLEAR:
                self._depart(old.rules[place], labels, now)
        for key in mine:
            self.departed.pop(key, None)
        if not pairs:
            return
        here, there = np.array(pairs, np.intp).T
        for name in _STATE:
            getattr(self.rows, name)[here] = getattr(old.rows, name)[there]
        changed = np.array([before.get(rule.id) != rule for rule in self.rules], bool)
        self.rows.told_at[changed[self.rows.rule]] = 0  # words or severity may be other ones now: told again at once

    def resume(self, alerts: Iterable[Alert], now: int) -> None:
        """Take up what stood before a restart: it stands until samples, or their silence, say otherwise."""
        places = {rule.id: place for place, rule in enumerate(self.rules)}
        rows = self.rows
        for alert in alerts:
            if alert.source != "rule" or alert.phase == "resolved":
                continue
            place = places.get(alert.rule, -1)
            row = rows.found.get((place, alert.labels))
            if row is None:
                self.departed[alert.rule, alert.labels] = _ended(alert, now)
                continue
            rule = self.rules[place]
            silent = rule.kind == "no_data" or alert.no_data
            quiet = alert.no_data and rule.no_data == "ignore" and rule.kind != "no_data"
            rows.told[row] = NO_DATA if quiet else BREACH
            rows.condition[row] = rows.told[row]
            rows.held[row] = rule.kind != "no_data"
            rows.since[row] = alert.pending_at
            rows.value[row] = rows.told_value[row] = np.nan if alert.value is None else alert.value
            rows.told_at[row] = now
            rows.doubted[row] = alert.phase == "pending"
            if silent:  # it was quiet already: nothing has to be waited for again
                rows.born[row] = now - rule.no_data_after_ms

    def _depart(self, rule: Rule, labels: Labels, now: int) -> None:
        language = self._setting.language
        self.departed[rule.id, labels] = Signal(
            rule=rule.id,
            metric=rule.metric,
            labels=labels,
            condition="clear",
            at=now,
            severity=rule.severity,
            message=message(rule, labels, value=None, unit="", language=language, about="gone"),
            messages=messages(rule, labels, value=None, unit="", language=language, about="gone"),
            channels=rule.channels,
            escalation=rule.escalation,
            group_by=rule.group_by,
        )

    # -- a round -----------------------------------------------------------------------------------------------

    def round(self, batches: Sequence[Batch], now: int) -> int:
        """Take samples in and see how every row stands at `now`; how many conditions changed."""
        self.columns.fold(batches, now)
        rows = self.rows
        if not len(rows):
            return 0
        active = self._in_force(now)[rows.rule] & rows.alive
        values = rows.values(self.columns, self._setting.scores, now)
        silent = now - rows.newest(self.columns) >= rows.after
        rows.held = rows.comparison.held(values, rows.held, silent=silent, active=active)
        condition = rows.comparison.conditions(rows.held, silent, active)
        changed = condition != rows.condition
        rows.since[changed] = now
        rows.condition = condition
        # As long as a breach stands on an older value (nothing came since a restart), that value is what is told of it.
        rows.value = np.where(np.isnan(values) & rows.held, rows.value, values)
        seen = rows.doubted & (silent | ~np.isnan(values))
        rows.told_at[seen] = 0  # its duration goes on as soon as its rule has something to say
        rows.doubted &= ~seen
        return int(np.count_nonzero(changed))

    def _in_force(self, now: int) -> NDArray[np.bool_]:
        if now >= self._active_until:
            untils = []
            for schedule, places in self._schedules:
                holds, until = schedule.at(now)
                self._active[places] = holds
                untils.append(until)
            self._active_until = min(untils)
        return self._active

    def to_tell(self, now: int, *, most: int) -> Rows:
        """The rows that somebody should hear of: changed ones, worst first, then standing ones with news."""
        rows = self.rows
        condition = np.where((rows.condition == NO_DATA) & (rows.told == CLEAR), CLEAR, rows.condition)
        due = np.flatnonzero(condition != rows.told)
        if due.size:
            order = np.argsort(-self._severity[rows.rule[due]], kind="stable")
            return due[order[:most]]
        standing = np.flatnonzero((rows.told == BREACH) & (rows.condition == BREACH) & ~rows.doubted)
        if not standing.size:
            return standing
        age = now - rows.told_at[standing]
        other = rows.value[standing] != rows.told_value[standing]
        other &= ~(np.isnan(rows.value[standing]) & np.isnan(rows.told_value[standing]))
        news = standing[(age >= CONFIRM) | (other & (age >= REFRESH))]
        oldest: Rows = news[np.argsort(rows.told_at[news], kind="stable")]
        return oldest[: min(most, _REFRESHED_AT_ONCE)]

    def mark_told(self, rows: Rows, signals: Sequence[Signal], now: int) -> None:
        """These signals were taken."""
        codes = np.array([CONDITIONS.index(signal.condition) for signal in signals], np.int8)
        self.rows.told[rows] = codes
        self.rows.told_at[rows] = now
        self.rows.told_value[rows] = [np.nan if signal.value is None else signal.value for signal in signals]

    def signal(self, row: int, now: int) -> Signal:
        """How one row stands, worded."""
        rows = self.rows
        place, labels = rows.keys[row]
        rule = self.rules[place]
        condition = CONDITIONS[int(rows.condition[row])]
        value = None if np.isnan(rows.value[row]) else float(rows.value[row])
        unit, language = unit_of(rule, self._setting.catalogue), self._setting.language
        about = ""
        if not rows.alive[row]:
            about = "gone"
        elif condition == "no_data" or (condition == "breach" and not rows.held[row]):
            about = "no_data"
        return Signal(
            rule=rule.id,
            metric=rule.metric,
            labels=labels,
            condition=condition,
            at=int(rows.since[row]) if rows.condition[row] != rows.told[row] else now,
            severity=rule.severity,
            message=message(rule, labels, value=value, unit=unit, language=language, about=about),
            messages=messages(rule, labels, value=value, unit=unit, language=language, about=about),
            value=value,
            threshold=None if rule.kind == "no_data" else rule.value,
            unit=unit,
            for_ms=rule.for_ms,
            keep_firing_ms=rule.keep_firing_ms,
            channels=rule.channels,
            escalation=rule.escalation,
            group_by=rule.group_by,
        )

    def standing(self) -> list[Standing]:
        """How every row stands, worst first."""
        rows = self.rows
        found = [
            Standing(
                labels=labels,
                value=None if np.isnan(rows.value[row]) else float(rows.value[row]),
                condition=CONDITIONS[int(rows.condition[row])],
            )
            for row, (_, labels) in enumerate(rows.keys)
        ]
        return sorted(found, key=lambda one: one.condition == "clear")


def unit_of(rule: Rule, catalogue: Catalogue) -> str:
    """The unit of a rule's value."""
    measure = measure_of(rule)
    if measure in ("score", "silence", "count"):
        return ""
    unit = catalogue.get(rule.metric).unit
    if measure == "percent":
        return "%"
    return f"{unit or '1'}/s" if measure == "rate" else unit


def _ended(alert: Alert, now: int) -> Signal:
    """The end of an alert whose rule or series is no more."""
    return Signal(
        rule=alert.rule,
        metric=alert.metric,
        labels=alert.labels,
        condition="clear",
        at=now,
        severity=alert.severity,
        message=alert.message,
        messages=alert.messages,
        channels=alert.channels,
        escalation=alert.escalation,
        group_by=alert.group_by,
    )
