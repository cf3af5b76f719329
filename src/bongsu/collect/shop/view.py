"""From rows to figures: pure functions of a round, of the past, and of what words mean."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bongsu.collect.shop.baseline import DAYS, Baseline
from bongsu.collect.shop.rounds import PULSE_MS, Past, Round, Rows
from bongsu.collect.shop.states import CLOSED, STATES, UNKNOWN, UNPAID, StateWords
from bongsu.collect.shop.times import ShopTime
from bongsu.model.shop import Hour, Product, Pulse, Sales, Stock, Waiting

_LONGEST_DAYS = 365.0
_MINUTE = 60_000
_MOST_WORDS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What a round and the past say together."""

    sales: Sales
    marketplaces: dict[str, Sales]
    hours: dict[str, tuple[Hour, ...]]
    states: dict[str, dict[str, int]]
    unknown: dict[str, int]
    waiting: Waiting | None
    stock: Stock | None
    low: tuple[Product, ...]
    running_out: tuple[Product, ...]
    pulse: Pulse
    pulses: dict[str, Pulse]


def figures(
    round_: Round, past: Past | None, *, markets: Iterable[str], words: StateWords, time: ShopTime, days_only: bool
) -> Figures:
    """Everything the shop's page shows. `markets` are those that are known to exist: they show 0, not nothing."""
    counted = [row for row in round_.orders if words.state_of(row[2], row[3]) != UNPAID]
    names = sorted({*markets, *(row[0] for row in counted), *(past.orders if past else ())})
    sales = {name: _sales(name, counted, round_, words) for name in names}
    pulses = {} if days_only else {name: _pulse([name], counted, round_, past, time) for name in names}
    return Figures(
        sales=total_of(sales.values()),
        marketplaces=sales,
        hours={} if days_only else _hours(counted, past, time.day(round_.at).date),
        states=_states(round_, words, names),
        unknown=_unknown(round_, words),
        waiting=_waiting(round_.waiting, words),
        stock=_stock(round_.stock),
        low=tuple(
            Product(sku=str(sku or ""), name=str(name or ""), stock=int(stock), safety=int(safety))
            for sku, name, stock, safety in round_.low
        ),
        running_out=_running_out(past.running_out if past else ()),
        pulse=Pulse() if days_only else _pulse(names, counted, round_, past, time),
        pulses=pulses,
    )


def total_of(sales: Iterable[Sales]) -> Sales:
    """Several marketplaces together. A buyer at two marketplaces counts at each: nobody can tell that it is one."""
    each = list(sales)
    customers = [one.customers for one in each if one.customers is not None]
    return Sales(
        orders=sum(one.orders for one in each),
        gross=sum(one.gross for one in each),
        refunded=sum(one.refunded for one in each),
        net=sum(one.net for one in each),
        cancelled=sum(one.cancelled for one in each),
        customers=sum(customers) if customers else None,
    )


def _sales(name: str, counted: Rows, round_: Round, words: StateWords) -> Sales:
    mine = [row for row in counted if row[0] == name]
    gross = float(sum(row[5] for row in mine))
    refunded = float(sum(row[2] for row in round_.refunds or () if row[0] == name))
    return Sales(
        orders=sum(int(row[4]) for row in mine),
        gross=gross,
        refunded=refunded,
        net=gross - refunded,
        cancelled=sum(int(row[4]) for row in mine if words.state_of(row[2], row[3]) == "cancelled"),
        customers=None if round_.customers is None else sum(int(n) for one, n in round_.customers if one == name),
    )


def _hours(counted: Rows, past: Past | None, today: Any) -> dict[str, tuple[Hour, ...]]:
    orders, gross = [0] * 24, [0.0] * 24
    for row in counted:
        orders[min(int(row[1]), 23)] += int(row[4])
        gross[min(int(row[1]), 23)] += float(row[5])
    found = {"today": tuple(Hour(orders=n, gross=money) for n, money in zip(orders, gross, strict=True))}
    for name, back in (("yesterday", 1), ("last_week", 7)):
        day = None if past is None or past.first is None else past.today.fromordinal(today.toordinal() - back)
        if past is not None and past.first is not None and day is not None and day >= past.first:
            found[name] = tuple(
                Hour(
                    orders=sum(one.get((day, hour), 0) for one in past.orders.values()),
                    gross=sum(one.get((day, hour), 0.0) for one in past.gross.values()),
                )
                for hour in range(24)
            )
    return found


def _states(round_: Round, words: StateWords, names: Iterable[str]) -> dict[str, dict[str, int]]:
    """Open orders come from the rows that count them however old they are, where there are such rows."""
    found = {name: dict.fromkeys(STATES, 0) for name in names}
    everywhere = round_.waiting is not None
    today = [(name, word, confirmed, count) for name, _, word, confirmed, count, *_ in round_.orders]
    finished = [(row, words.state_of(row[1], row[2])) for row in (*today, *round_.finished)]
    waiting = [(row, words.state_of(row[1], row[2])) for row in round_.waiting or ()]
    counted = [(row, state) for row, state in finished if state in CLOSED or not everywhere]
    counted += [(row, state) for row, state in waiting if state not in CLOSED]
    for row, state in counted:
        if state != UNPAID:
            found.setdefault(row[0], dict.fromkeys(STATES, 0))[state] += int(row[3])
    return found


def _unknown(round_: Round, words: StateWords) -> dict[str, int]:
    today = [(name, word, confirmed, count) for name, _, word, confirmed, count, *_ in round_.orders]
    rows = (*today, *round_.finished) if round_.waiting is None else round_.waiting
    found: dict[str, int] = {}
    for row in rows:
        if words.state_of(row[1], row[2]) == UNKNOWN:
            found[str(row[1])] = found.get(str(row[1]), 0) + int(row[3])
    return dict(sorted(found.items(), key=lambda one: -one[1])[:_MOST_WORDS])


def _waiting(rows: Rows | None, words: StateWords) -> Waiting | None:
    if rows is None:
        return None
    pending = [row for row in rows if words.state_of(row[1], row[2]) == "pending"]
    return Waiting(
        all=sum(int(row[3]) for row in pending),
        over_a_day=sum(int(row[4] or 0) for row in pending),
        over_two_days=sum(int(row[5] or 0) for row in pending),
    )


def _stock(row: tuple[Any, ...] | None) -> Stock | None:
    if row is None:
        return None
    products, low, sold_out, value = row
    worth = None if value is None else float(value)
    return Stock(products=int(products), low=int(low or 0), sold_out=int(sold_out or 0), value=worth)


def _running_out(rows: Rows) -> tuple[Product, ...]:
    return tuple(
        Product(
            sku=str(sku or ""),
            name=str(name or ""),
            stock=int(stock),
            days_left=min(_LONGEST_DAYS, round(float(stock) / (float(sold) / DAYS), 1)),
        )
        for sku, name, stock, sold in rows
    )


def _pulse(names: Iterable[str], counted: Rows, round_: Round, past: Past | None, time: ShopTime) -> Pulse:
    chosen = set(names)
    at = round_.at
    recent = None if round_.recent is None else sum(int(n) for name, n in round_.recent if name in chosen)
    newest = [time.read(row[6]) for row in counted if row[0] in chosen]
    known = [moment for moment in newest if moment is not None]
    if past is not None:
        known += [moment for name, moment in past.last.items() if name in chosen and moment]
    last = max(known, default=None)
    baseline = _baseline(chosen, past)
    expected = baseline.expected(at - PULSE_MS, at, time)
    return Pulse(
        per_minute=None if recent is None else recent * _MINUTE / PULSE_MS,
        expected_per_minute=None if expected is None else expected * _MINUTE / PULSE_MS,
        last_order_at=last,
        missing=None if last is None else baseline.expected(min(last, at), at, time) if last < at else 0.0,
    )


def _baseline(chosen: set[str], past: Past | None) -> Baseline:
    if past is None:
        return Baseline(hours={}, first=None)
    hours: dict[Any, int] = {}
    for name, mine in past.orders.items():
        if name in chosen:
            for slot, count in mine.items():
                hours[slot] = hours.get(slot, 0) + count
    return Baseline(hours=hours, first=past.first)


def states_total(states: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    """All marketplaces' orders by state."""
    return {state: sum(one.get(state, 0) for one in states.values()) for state in STATES}
