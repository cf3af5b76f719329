"""A feed that does not exist: usual delays of a Korean exchange, and every kind of fault in turn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import msgspec
import numpy as np

from bongsu.model.event import Event
from bongsu.settings.duration import Duration
from bongsu.settings.feeds import Feed
from bongsu.settings.words import Language

FEED = "krx"
SYMBOLS = tuple(f"{5_930 + 70 * i:06}" for i in range(120))
NEVER = "999990"
"""A declared symbol that never comes."""

_SPREAD = 0.355
_MEDIAN_MS = 238.0
"""Of the delay; a Korean crypto exchange's p1/p50/p99 were 98/238/543 ms."""

TURN = 60
"""Seconds from one fault to the next, of which a fault lasts the first half."""

_FAULTED = 7
"""The symbol that the faults of single symbols befall; the one that halts comes next."""


_TITLES: dict[Language, str] = {"ko": "KRX 시세(모의)", "en": "KRX quotes (simulated)"}
"""A feed's title is the user's, in one language; so is this one."""


def declared(language: Language = "ko") -> dict[str, Feed]:
    """The feed as settings declare it, named as simulated."""
    return {
        FEED: Feed(
            title=_TITLES[language],
            symbols=[*SYMBOLS, NEVER],
            tick=100.0,
            max_delay=Duration.parse("2s"),
        )
    }


@dataclass(slots=True)
class SimulatedFeed:
    """Yields a feed's events second by second; equal seeds and times give equal events."""

    seed: int = 20_261_122
    _random: np.random.Generator = field(init=False)
    _seq: dict[str, int] = field(default_factory=dict, init=False)
    _price: dict[str, float] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self._random = np.random.default_rng(self.seed)

    def tick(self, at: int) -> list[Event]:
        """The events that arrive at `at` (UTC ms)."""
        second = at // 1000
        events = [event for i, symbol in enumerate(SYMBOLS) for event in self._of(i, symbol, at)]
        events.sort(key=lambda event: event.at)
        turn, into = divmod(second, TURN)
        if 2 * into >= TURN:
            return events
        return self.FAULTS[tuple(self.FAULTS)[turn % len(self.FAULTS)]](self, events, at)

    def _of(self, i: int, symbol: str, at: int) -> list[Event]:
        """One symbol's events of a second: from ten down to one in ten seconds."""
        count = int(self._random.poisson(10.0 * 0.01 ** (i / (len(SYMBOLS) - 1))))
        events = []
        for delay in sorted(self._random.lognormal(np.log(_MEDIAN_MS), _SPREAD, count), reverse=True):
            price = self._price.get(symbol, 50_000.0 + 100 * int(self._random.integers(0, 1_000)))
            price = max(10_000.0, price + 100.0 * float(self._random.choice([-1, 0, 1], p=(0.02, 0.96, 0.02))))
            self._price[symbol] = price
            self._seq[symbol] = self._seq.get(symbol, 0) + 1
            events.append(
                Event(
                    feed=FEED,
                    symbol=symbol,
                    at=at - int(delay),
                    seq=self._seq[symbol],
                    fields={
                        "price": price + 100.0 * int(self._random.integers(0, 2)),
                        "size": float(np.ceil(self._random.lognormal(2.0, 1.2))),
                        "bid": price,
                        "ask": price + 100.0,
                    },
                )
            )
        return events

    def _late(self, events: list[Event], _: int) -> list[Event]:
        return [msgspec.structs.replace(one, at=one.at - 4_000) for one in events]

    def _ahead(self, events: list[Event], _: int) -> list[Event]:
        return [msgspec.structs.replace(one, at=one.at + 6_000) for one in events]

    def _hole(self, events: list[Event], _: int) -> list[Event]:
        return _with_first(events, lambda _: [])

    def _twice(self, events: list[Event], _: int) -> list[Event]:
        return _with_first(events, lambda one: [one, one])

    def _spike(self, events: list[Event], _: int) -> list[Event]:
        return _with_first(events, lambda one: [_with(one, price=_number(one, "price") + 10_000.0)])

    def _crossed(self, events: list[Event], _: int) -> list[Event]:
        return _with_first(events, lambda one: [_with(one, bid=_number(one, "ask") + 100.0)])

    def _disordered(self, events: list[Event], _: int) -> list[Event]:
        mine = [one for one in events if one.symbol == SYMBOLS[_FAULTED]]
        return [*(one for one in events if one.symbol != SYMBOLS[_FAULTED]), *reversed(mine)]

    def _stuck(self, events: list[Event], _: int) -> list[Event]:
        same = {"price": 60_000.0, "size": 7.0, "bid": 60_000.0, "ask": 60_100.0}
        return [msgspec.structs.replace(one, fields=same) if one.symbol == SYMBOLS[_FAULTED] else one for one in events]

    def _broken(self, events: list[Event], _: int) -> list[Event]:
        return [
            msgspec.structs.replace(one, fields={name: v for name, v in one.fields.items() if name != "size"})
            for one in events
        ]

    def _halted(self, events: list[Event], _: int) -> list[Event]:
        """A symbol stands still, as when trading in it is suspended: nothing is lost."""
        halted = SYMBOLS[_FAULTED + 1]
        self._seq[halted] = self._seq.get(halted, 0) - sum(one.symbol == halted for one in events)
        return [one for one in events if one.symbol != halted]

    FAULTS: ClassVar[Mapping[str, Callable[[SimulatedFeed, list[Event], int], list[Event]]]] = {
        "gap": _hole,
        "late": _late,
        "duplicate": _twice,
        "out_of_order": _disordered,
        "spike": _spike,
        "stuck": _stuck,
        "crossed": _crossed,
        "schema_break": _broken,
        "clock_skew": _ahead,
        "halt": _halted,
    }
    """What happens in turn; besides, one symbol never comes."""


def _with_first(events: list[Event], change: Callable[[Event], list[Event]]) -> list[Event]:
    """The events with something else in place of the first one of the faulted symbol."""
    changed: list[Event] = []
    done = False
    for one in events:
        if one.symbol == SYMBOLS[_FAULTED] and not done:
            changed += change(one)
            done = True
        else:
            changed.append(one)
    return changed


def _with(one: Event, **fields: float) -> Event:
    return msgspec.structs.replace(one, fields={**one.fields, **fields})


def _number(one: Event, name: str) -> float:
    value = one.fields[name]
    return value if isinstance(value, float) else 0.0
