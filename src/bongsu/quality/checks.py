"""What an event must fulfil by itself: prices in order, a book that isn't crossed, sizes above nothing."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from bongsu.model.event import Bools, Field
from bongsu.model.sample import Float64s
from bongsu.settings.feeds import FeedRoles


class Roles:
    """The columns of a batch by what they are; None where the batch has no such field."""

    def __init__(self, fields: Mapping[str, Field], roles: FeedRoles) -> None:
        def column(name: str) -> Float64s | None:
            one = fields.get(name)
            if one is None:
                return None
            return one.value if one.kind is None else np.where(one.kind == 1, one.value, np.nan)

        self.price = column(roles.price)
        self.size = column(roles.size)
        self.bid = column(roles.bid)
        self.ask = column(roles.ask)
        self.open = column(roles.open)
        self.high = column(roles.high)
        self.low = column(roles.low)
        self.close = column(roles.close)
        self.volume = column(roles.volume)


def book(roles: Roles) -> tuple[Bools, Bools] | None:
    """Which books are crossed (bid above ask) and which locked (equal); None without a book. A side at 0 is empty."""
    if roles.bid is None or roles.ask is None:
        return None
    with np.errstate(invalid="ignore"):
        both = (roles.bid > 0) & (roles.ask > 0)
        return both & (roles.bid > roles.ask), both & (roles.bid == roles.ask)


def bar(roles: Roles) -> Bools | None:
    """Which bars have a price outside of their own low and high; None without a bar."""
    if roles.low is None or roles.high is None:
        return None
    with np.errstate(invalid="ignore"):
        wrong: Bools = roles.low > roles.high
        for one in (roles.open, roles.close):
            if one is not None:
                wrong = wrong | (one < roles.low) | (one > roles.high)
    return wrong


def not_positive(column: Float64s | None) -> Bools | None:
    """Which sizes are 0 or less; None without sizes."""
    if column is None:
        return None
    with np.errstate(invalid="ignore"):
        found: Bools = column <= 0
    return found
