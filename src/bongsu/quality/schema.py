"""The fields of a feed's events: which must be there, and what each may hold; learned where nothing is declared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from bongsu.model.event import Bools, Field, Kind, text_code
from bongsu.model.sample import Int64s
from bongsu.settings.feeds import FeedField

LEARNED_AFTER = 500
"""Events whose fields show what a feed's events carry."""

ALWAYS = 0.999
_KINDS = {"number": Kind.NUMBER, "text": Kind.TEXT, "flag": Kind.FLAG}


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRule:
    """What one field must hold."""

    kind: Kind
    required: bool = True
    low: float = -np.inf
    high: float = np.inf
    values: frozenset[float] = frozenset()
    """Codes of the valid texts; empty: any."""


def rules_of(declared: Mapping[str, FeedField]) -> dict[str, FieldRule]:
    """The rules that the settings declare."""
    return {
        name: FieldRule(
            kind=_KINDS[one.type],
            required=one.required,
            low=-np.inf if one.min is None else one.min,
            high=np.inf if one.max is None else one.max,
            values=frozenset(map(text_code, one.values)),
        )
        for name, one in declared.items()
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldCounts:
    """How the fields of a batch did. `missing` and `odd` say how often each field was absent or didn't conform.

    The arrays have an entry an event: required fields present, values of known fields, and those that conform.
    """

    required: int
    present: Int64s
    values: Int64s
    conforming: Int64s
    missing: dict[str, int] = field(default_factory=dict)
    odd: dict[str, int] = field(default_factory=dict)

    @property
    def whole(self) -> bool:
        """Whether nothing was missing and everything conformed."""
        return not self.missing and not self.odd


class Schema:
    """A feed's rules."""

    def __init__(self, declared: Mapping[str, FeedField]) -> None:
        self.rules = rules_of(declared)
        self.learning = not declared
        self._seen = 0
        self._kinds: dict[str, dict[int, int]] = {}

    def check(self, fields: Mapping[str, Field], count: int) -> FieldCounts:
        """Hold a batch of `count` events against the rules."""
        if self.learning:
            self._learn(fields, count)
        required = sum(rule.required for rule in self.rules.values())
        present = np.full(count, required, np.int64)
        values, conforming = np.zeros(count, np.int64), np.zeros(count, np.int64)
        missing: dict[str, int] = {}
        odd: dict[str, int] = {}
        for name, rule in self.rules.items():
            there, good = _held(fields.get(name), rule, count)
            values += there
            conforming += good
            absent = count - int(there.sum())
            if absent and rule.required:
                present -= ~there
                missing[name] = absent
            wrong = int(there.sum()) - int(good.sum())
            if wrong:
                odd[name] = wrong
        return FieldCounts(
            required=required, present=present, values=values, conforming=conforming, missing=missing, odd=odd
        )

    def _learn(self, fields: Mapping[str, Field], count: int) -> None:
        self._seen += count
        for name, one in fields.items():
            tally = self._kinds.setdefault(name, {})
            kinds, numbers = np.unique(one.kinds(), return_counts=True)
            for kind, number in zip(kinds.tolist(), numbers.tolist(), strict=True):
                tally[kind] = tally.get(kind, 0) + number
        if self._seen < LEARNED_AFTER:
            return
        for name, tally in self._kinds.items():
            kind, number = max(tally.items(), key=lambda pair: pair[1])
            if kind in (Kind.NUMBER, Kind.TEXT, Kind.FLAG) and number >= ALWAYS * self._seen:
                self.rules[name] = FieldRule(kind=Kind(kind))
        self.learning = False
        self._kinds = {}

    def state(self) -> dict[str, Any]:
        """What was learned, as plain values."""
        return {
            "seen": self._seen,
            "kinds": {name: list(tally.items()) for name, tally in self._kinds.items()},
            "learned": None if self.learning else {name: int(rule.kind) for name, rule in self.rules.items()},
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Take back what `state` gave; what the settings declare stands."""
        if not self.learning:
            return
        self._seen = state["seen"]
        self._kinds = {name: dict(pairs) for name, pairs in state["kinds"].items()}
        if state["learned"] is not None:
            self.rules = {name: FieldRule(kind=Kind(kind)) for name, kind in state["learned"].items()}
            self.learning = False


def _held(one: Field | None, rule: FieldRule, count: int) -> tuple[Bools, Bools]:
    """Which events have a value in this field, and which a conforming one."""
    if one is None:
        nothing = np.zeros(count, np.bool_)
        return nothing, nothing
    if one.kind is None:
        there: Bools = ~np.isnan(one.value)
        good: Bools = there if rule.kind == Kind.NUMBER else np.zeros(count, np.bool_)
    else:
        there = one.kind != Kind.ABSENT
        good = one.kind == rule.kind
    if rule.kind == Kind.NUMBER and (rule.low > -np.inf or rule.high < np.inf):
        with np.errstate(invalid="ignore"):
            good = good & (one.value >= rule.low) & (one.value <= rule.high)
    if rule.values:
        good = good & np.isin(one.value, list(rule.values))
    return there, good
