"""How many samples of a series make a block that fills its share of a page.

No row is spread over two pages unless it is larger than one, so it counts how many fit: four blocks of 8.1 KB leave
nothing of a page, four of 7.5 KB a twelfth, of a little more than 8.1 KB only three fit. How many bytes some more
samples will take is known well from those before: readings of one series are mostly of one kind.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from bongsu.history.schema import PAGE_SIZE

SHARE = PAGE_SIZE // 4 - 60
"""Bytes of a block of which four fill a page: SQLite takes 40; what is expected is mostly a little more than comes."""
_SPARE = 16
"""Bytes by which it may be too large and still fit."""
_FIXED = 70
"""Bytes of a block that don't grow with its samples, about."""
_MOST = 3
"""Shares that a block takes at most; a larger one is left as it is."""
_CAUTION = 0.99
"""Records differ more than samples: so much of what their mean promises."""
_EVENLY = 120
"""Samples: neighbours that compress about alike get blocks of one length, and go on being worked out together."""


def portion(samples: int, known: Sequence[tuple[int, int]], *, least: int, wait: bool) -> int:
    """How many of so many `samples` become a block; 0 where they should wait for others.

    `known` are samples and bytes of smaller blocks of the series. A block has at least so many samples (there are no
    less of them), and all where shares are no help: what compresses well fills pages anyway.
    """
    counted = sum(count for count, _ in known)
    if not counted:
        return samples
    each = max(sum(size - _FIXED for _, size in known), 1) / counted
    size = each * samples + _FIXED
    fewest = math.ceil((each * least + _FIXED) / SHARE)
    if size < SHARE / 2 or fewest > _MOST or size >= (_MOST + 1) * SHARE:
        return samples
    shares = int(size // SHARE)
    if shares < fewest:
        return 0 if wait else samples
    fitting = int((shares * SHARE - _FIXED) / each)
    return max(fitting // _EVENLY * _EVENLY, least)


def fitting(records: int, size: int) -> int:
    """How many of so many minutes or hours, which take `size` bytes as one block, make one that fills whole shares.

    All where they do, where they don't come to a share, or where it would be too many.
    """
    shares, over = divmod(size, SHARE)
    if not 0 < shares <= _MOST or over <= _SPARE:
        return records
    return int(records * shares * SHARE / size * _CAUTION)


def spilling(size: int) -> bool:
    """Whether a block that was cut to fill whole shares came out a little larger: where the first of the records take
    more than all do in the mean, caution isn't enough.
    """
    return size > SHARE and _SPARE < size % SHARE < SHARE // 2
