"""One row for each rule and series, or group of series: where its value comes from and how it stands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from bongsu.alerts.evaluation.columns import FAMILIES, Columns, Measure, measure_of
from bongsu.alerts.evaluation.condition import CLEAR, Comparison
from bongsu.model.rule import Across, Rule
from bongsu.model.sample import Float64s, Int64s, Labels
from bongsu.model.series import Series
from bongsu.ports import Scores

Rows = NDArray[np.intp]
_ACROSS: dict[Across, int] = {"avg": 0, "sum": 1, "min": 2, "max": 3}
_AVG, _SUM, _MIN, _MAX = range(4)


def matches(rule: Rule, series: Series) -> bool:
    """Whether a rule means a series of its metric."""
    carried = dict(series.labels)
    for name, wanted in rule.labels:
        value = carried.get(name)
        if value is None or not (value.startswith(wanted[:-1]) if wanted.endswith("*") else value == wanted):
            return False
    return True


def group_of(rule: Rule, series: Series) -> Labels:
    """The labels of the row that a series belongs to."""
    if rule.by is None:
        return series.labels
    return tuple((name, value) for name, value in series.labels if name in rule.by)


class RowTable:
    """The rows of a set of rules. State lives in arrays with an entry a row; rows are only ever added.

    A row whose series are gone is no longer `alive`: its condition is clear for good, unless its series come back.
    """

    def __init__(self, rules: Sequence[Rule], *, limit: int) -> None:
        self.rules = tuple(rules)
        self.limit = limit
        self.refused = 0
        """Rows that would have been one too many."""
        self.comparison = Comparison.of(())
        self.keys: list[tuple[int, Labels]] = []
        """Rule (its place) and labels of each row."""
        self.found: dict[tuple[int, Labels], int] = {}
        self.rule = np.zeros(0, np.intp)
        self.alive = np.zeros(0, bool)
        self.born = np.zeros(0, np.int64)
        """Silence counts from here where no sample came yet, UTC ms."""
        self.after = np.zeros(0, np.int64)
        self.full_at = np.zeros(0, np.int64)
        """From when a window that must be whole is whole, UTC ms."""
        self.held = np.zeros(0, bool)
        self.condition = np.zeros(0, np.int8)
        self.since = np.zeros(0, np.int64)
        """Since when the condition stands, UTC ms."""
        self.value = np.zeros(0)
        self.told = np.zeros(0, np.int8)
        self.told_at = np.zeros(0, np.int64)
        self.told_value = np.zeros(0)
        self.doubted = np.zeros(0, bool)
        """Whether it was pending before a restart and nothing was seen of it since."""
        self._all = Comparison.of(self.rules)
        self._after = np.array([rule.no_data_after_ms for rule in self.rules], np.int64)
        self._fills = np.array([rule.window_ms if needs_whole(rule) else 0 for rule in self.rules], np.int64)
        self._members: dict[Measure, tuple[list[int], list[int], list[int]]] = {}
        """Of rows that are one series: row, column, series id."""
        self._grouped: dict[Measure, tuple[list[int], list[int], list[int]]] = {}
        """Of groups, one entry for each series in them."""
        self._direct_arrays: dict[Measure, tuple[Int64s, Int64s, Int64s]] = {}
        self._grouped_arrays: dict[Measure, tuple[Int64s, Int64s, Int64s]] = {}
        self._absent: set[int] = set()
        self._changed = False
        self._across = np.array([_ACROSS[rule.across] for rule in self.rules], np.int8)

    def __len__(self) -> int:
        return len(self.keys)

    # -- which rows there are ----------------------------------------------------------------------------------

    def add(self, place: int, series: Series, columns: Columns) -> None:
        """Let a rule (by its place) see a series that it matches. Call `settle` when all are added."""
        rule = self.rules[place]
        row = self._row(place, group_of(rule, series))
        if row is None:
            return
        self._changed = True
        measure = measure_of(rule)
        family = FAMILIES.get(measure)
        column = series.id if family is None else columns.column(family, series.id, rule.window_ms)
        kind = self._members if rule.by is None else self._grouped
        entry = kind.setdefault(measure, ([], [], []))
        for items, item in zip(entry, (row, column, series.id), strict=True):
            items.append(item)
        if place in self._absent:
            self._absent.discard(place)
            if self.keys[row][1] != rule.labels:
                self.alive_off([self.found[place, rule.labels]])

    def expect(self, place: int) -> None:
        """A rule that asks for silence stands even where no series ever came: as a row with the labels it names."""
        if self._row(place, self.rules[place].labels) is not None:
            self._absent.add(place)
            self._changed = True

    def _row(self, place: int, labels: Labels) -> int | None:
        key = place, labels
        row = self.found.get(key)
        if row is None:
            if len(self.keys) >= self.limit:
                self.refused += 1
                return None
            row = self.found[key] = len(self.keys)
            self.keys.append(key)
        elif row < len(self.alive):
            self.alive[row] = True
        return row

    def settle(self, now: int) -> None:
        """Make the arrays fit the rows; new rows begin now, clear and untold."""
        if not self._changed:
            return
        self._changed = False
        more = len(self.keys) - len(self.rule)
        if more:
            places = np.array([place for place, _ in self.keys[-more:]], np.intp)
            self.rule = np.concatenate([self.rule, places])
            self.comparison = self._all.take(self.rule)
            self.after = self._after[self.rule]
            fresh = now + self._fills[self.rule[-more:]]
            grown = {
                "alive": np.ones(more, bool),
                "full_at": fresh,
                "born": np.full(more, now, np.int64),
                "held": np.zeros(more, bool),
                "condition": np.full(more, CLEAR, np.int8),
                "since": np.full(more, now, np.int64),
                "value": np.full(more, np.nan),
                "told": np.full(more, CLEAR, np.int8),
                "told_at": np.zeros(more, np.int64),
                "told_value": np.full(more, np.nan),
                "doubted": np.zeros(more, bool),
            }
            for name, added in grown.items():
                setattr(self, name, np.concatenate([getattr(self, name), added]))
        self._direct_arrays = {measure: _arrays(lists) for measure, lists in self._members.items()}
        self._grouped_arrays = {measure: _arrays(lists) for measure, lists in self._grouped.items()}

    def forget(self, gone: Iterable[int]) -> None:
        """Series that history forgot: rows that were one of them, or lost their last member, are no longer alive."""
        ids = set(gone)
        for kind in (self._members, self._grouped):
            for measure, (rows, columns, series) in kind.items():
                keep = [place for place, one in enumerate(series) if one not in ids]
                if len(keep) == len(series):
                    continue
                self._changed = True
                left = [rows[place] for place in keep]
                self.alive_off(set(rows) - set(left))
                kind[measure] = left, [columns[place] for place in keep], [series[place] for place in keep]

    def alive_off(self, rows: Iterable[int]) -> None:
        """These rows have nothing left to look at."""
        for row in rows:
            if row < len(self.alive):
                self.alive[row] = False

    # -- what they come to -------------------------------------------------------------------------------------

    def values(self, columns: Columns, scores: Scores | None, now: int) -> Float64s:
        """The value of each row at `now`; NaN where there is none. A silent member of a group doesn't count."""
        found = np.full(len(self.rule), np.nan)
        measures = columns.measures()
        for measure, (rows, places, series) in self._direct_arrays.items():
            found[rows] = _measured(measure, measures, places, series, columns, scores)
        for measure, (rows, places, series) in self._grouped_arrays.items():
            values = _measured(measure, measures, places, series, columns, scores)
            silent = now - columns.newest.at[series] >= self.after[rows]
            self._join(found, rows, np.where(silent, np.nan, values))
        found[now < self.full_at] = np.nan
        return found

    def newest(self, columns: Columns) -> Int64s:
        """When the newest sample of each row came, or when the row began, UTC ms."""
        found = self.born.copy()
        for rows, _, series in self._direct_arrays.values():
            found[rows] = np.maximum(found[rows], columns.newest.at[series])
        for rows, _, series in self._grouped_arrays.values():
            np.maximum.at(found, rows, columns.newest.at[series])
        return found

    def _join(self, found: Float64s, rows: Int64s, values: Float64s) -> None:
        """Bring the members' values together in their groups; members without a value don't count."""
        known = ~np.isnan(values)
        rows, values = rows[known], values[known]
        if not rows.size:
            return
        count = np.bincount(rows, minlength=len(found))
        touched = np.flatnonzero(count)
        across = self._across[self.rule[touched]]
        total = np.bincount(rows, weights=values, minlength=len(found))[touched]
        low, high = np.full(len(found), np.inf), np.full(len(found), -np.inf)
        np.minimum.at(low, rows, values)
        np.maximum.at(high, rows, values)
        found[touched] = np.select(
            [across == _SUM, across == _AVG, across == _MIN],
            [total, total / count[touched], low[touched]],
            high[touched],
        )


def needs_whole(rule: Rule) -> bool:
    """Whether a window that isn't filled yet would look like a breach: few samples, a small sum."""
    return rule.kind == "threshold" and rule.aggregation in ("sum", "count") and rule.op not in (">", ">=")


def _arrays(lists: tuple[list[int], list[int], list[int]]) -> tuple[Int64s, Int64s, Int64s]:
    rows, columns, series = (np.array(one, np.int64) for one in lists)
    return rows, columns, series


def _measured(
    measure: Measure,
    measures: dict[Measure, Float64s],
    places: Int64s,
    series: Int64s,
    columns: Columns,
    scores: Scores | None,
) -> Float64s:
    if measure == "last":
        newest: Float64s = columns.newest.value[series]
        return newest
    if measure == "score":
        return np.full(len(series), np.nan) if scores is None else scores.score_of(series)
    if measure == "silence":
        return np.full(len(series), np.nan)
    return measures[measure][places]
