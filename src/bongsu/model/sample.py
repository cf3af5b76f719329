"""What is measured: one sample, and many of them as columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import msgspec
import numpy as np
from numpy.typing import NDArray

Labels: TypeAlias = tuple[tuple[str, str], ...]
"""Label pairs sorted by name: the one canonical, hashable spelling of a label set."""

Int32s: TypeAlias = NDArray[np.int32]
Int64s: TypeAlias = NDArray[np.int64]
Float64s: TypeAlias = NDArray[np.float64]


def labels_of(pairs: Mapping[str, str] | Iterable[tuple[str, str]] = (), /, **more: str) -> Labels:
    """The canonical form of a label set: `labels_of(core="0")`, `labels_of({"mount": "/"})`."""
    return tuple(sorted({**dict(pairs), **more}.items()))


class Sample(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One reading of one series.

    `at` is UTC milliseconds; None asks the gate to stamp the time of arrival.
    """

    metric: str
    value: float
    labels: Labels = ()
    at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Samples that passed the gate, as three columns of equal length; row i is one sample.

    `series` holds ids of the `SeriesTable`, `at` UTC milliseconds, `value` finite floats. The arrays
    are not to be written to: every stage reads the same ones.
    """

    series: Int32s
    at: Int64s
    value: Float64s

    def __len__(self) -> int:
        return len(self.series)


class Refusal(msgspec.Struct, frozen=True):
    """Why one item of a batch was not taken.

    `index` counts from 0 in the body as sent. `code` is one word out of a bounded set, used as a counter's
    label; `detail` says what was wrong and what would be right.
    """

    index: int
    code: str
    detail: str

    @property
    def reason(self) -> str:
        """The sentence the sender reads."""
        return f"{self.code}: {self.detail}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The answer to a sender: how many samples were taken, and which were not."""

    accepted: int
    refused: tuple[Refusal, ...] = ()
    unlisted: int = 0
    """Refused too, but left out of `refused`, which is bounded."""
