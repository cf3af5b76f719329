"""The comparisons themselves, on arrays: the one place that says what a breach is, live and in back-tests alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bongsu.model.backtest import Condition
from bongsu.model.rule import OnNoData, Operator, Rule
from bongsu.model.sample import Float64s

Flags = NDArray[np.bool_]
Codes = NDArray[np.int8]

CLEAR, BREACH, NO_DATA = 0, 1, 2
CONDITIONS: tuple[Condition, ...] = ("clear", "breach", "no_data")
"""By their codes."""

_SIGN: dict[Operator, int] = {">": 1, ">=": 1, "<": -1, "<=": -1, "==": 0, "!=": 0}
_ON_SILENCE: dict[OnNoData, int] = {"resolve": CLEAR, "fire": BREACH, "ignore": NO_DATA}


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """How values are compared, one entry a row; made once, when rules change.

    `asks` marks rules that ask for silence (`no_data`), `silence` holds the condition that silence makes.
    """

    sign: Codes
    touching: Flags
    """Whether equality counts: >=, <=, ==."""
    value: Float64s
    clear: Float64s
    asks: Flags
    silence: Codes

    @classmethod
    def of(cls, rules: Sequence[Rule]) -> Comparison:
        """One row a rule."""
        return cls(
            sign=np.array([_SIGN[rule.op] for rule in rules], np.int8),
            touching=np.array([rule.op in (">=", "<=", "==") for rule in rules], bool),
            value=np.array([rule.value for rule in rules], float),
            clear=np.array([rule.clear for rule in rules], float),
            asks=np.array([rule.kind == "no_data" for rule in rules], bool),
            silence=np.array(
                [BREACH if rule.kind == "no_data" else _ON_SILENCE[rule.no_data] for rule in rules], np.int8
            ),
        )

    def take(self, rows: NDArray[np.intp]) -> Comparison:
        """The entries of these rows."""
        return Comparison(
            sign=self.sign[rows],
            touching=self.touching[rows],
            value=self.value[rows],
            clear=self.clear[rows],
            asks=self.asks[rows],
            silence=self.silence[rows],
        )

    def beyond(self, values: Float64s, threshold: Float64s) -> Flags:
        """Whether each value is on the wrong side of its threshold; NaN never is."""
        ahead = self.sign * (values - threshold)
        equal = values == threshold
        ordered = (ahead > 0) | (self.touching & equal)
        unordered = np.where(self.touching, equal, (values != threshold) & ~np.isnan(values))
        beyond: Flags = np.where(self.sign == 0, unordered, ordered)
        return beyond

    def held(self, values: Float64s, before: Flags, *, silent: Flags, active: Flags) -> Flags:
        """Whether each row is in breach now, having been or not `before`: what stands ends only at its clearing value.

        Where there is no value it stays as it was, unless silence resolves; outside its hours nothing is in breach.
        """
        now = self.beyond(values, np.where(before, self.clear, self.value))
        kept = active & ~self.asks & ~(silent & (self.silence == CLEAR))
        held: Flags = kept & np.where(np.isnan(values), before, now)
        return held

    def held_over_time(self, values: Float64s, *, silent: Flags, active: Flags) -> Flags:
        """The same for one row over many moments, from not being in breach."""
        kept = active & ~self.asks & ~(silent & (self.silence == CLEAR))
        up = kept & self.beyond(values, self.value)
        over = ~kept | (~np.isnan(values) & ~self.beyond(values, self.clear))
        decided = np.maximum.accumulate(np.where(up | over, np.arange(len(values)), -1))
        held: Flags = (decided >= 0) & up[decided]
        return held

    def conditions(self, held: Flags, silent: Flags, active: Flags) -> Codes:
        """The condition's code of each row: what silence makes of it, else breach or clear."""
        quiet = silent & active
        return np.where(quiet, self.silence, held).astype(np.int8)
