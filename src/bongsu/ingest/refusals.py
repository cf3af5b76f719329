"""What was not taken of one body, and why: counted by reason, listed up to a bound."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from bongsu.model.sample import Int64s, Refusal

CODES: tuple[str, ...] = (
    "not-json",
    "not-an-object",
    "missing-field",
    "unknown-field",
    "bad-type",
    "bad-name",
    "bad-labels",
    "not-finite",
    "too-old",
    "too-new",
    "series-limit",
    "bad-index",
    "bad-symbol",
    "symbol-limit",
)
"""Every reason there is: the bounded set of values of the label `reason`."""


class Refused(Exception):
    """One item can't be taken: `code` is one of `CODES`, `detail` the sentence for the sender."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


class Refusals:
    """Collects refusals; past `limit` they are only counted, so that a hostile body can't make a huge answer."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._listed: list[Refusal] = []
        self.counts: Counter[str] = Counter()

    def add(self, index: int, refused: Refused) -> None:
        """Note that the item at `index` was refused."""
        self.counts[refused.code] += 1
        if len(self._listed) < self._limit:
            self._listed.append(Refusal(index, refused.code, refused.detail))

    def add_all(self, code: str, start: int, positions: Int64s, detail: Callable[[int], str]) -> None:
        """Note that the items at these positions behind `start` were refused; `detail` words those that are listed."""
        room = max(0, self._limit - len(self._listed))
        for position in positions[:room].tolist():
            self._listed.append(Refusal(start + position, code, detail(position)))
        self.counts[code] += len(positions)

    @property
    def total(self) -> int:
        """How many items were refused."""
        return self.counts.total()

    @property
    def unlisted(self) -> int:
        """How many of them `listed()` leaves out."""
        return self.total - len(self._listed)

    def listed(self) -> tuple[Refusal, ...]:
        """The refusals by index."""
        return tuple(sorted(self._listed, key=lambda refusal: refusal.index))
