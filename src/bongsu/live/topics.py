"""Topics as bits, so that a subscription is one small integer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from bongsu.model.metric import TOPICS, Topic

BITS: Final[dict[Topic, int]] = {topic: 1 << index for index, topic in enumerate(TOPICS)}
EVERY: Final = (1 << len(TOPICS)) - 1
"""The mask of a client that wants all topics; also the bit pattern of a frame that is for everybody."""


def mask_of(topics: Iterable[Topic]) -> int:
    """The bits of the topics, in one integer."""
    mask = 0
    for topic in topics:
        mask |= BITS[topic]
    return mask


def topics_in(mask: int) -> tuple[Topic, ...]:
    """The topics whose bits are set, in the order of `TOPICS`."""
    return tuple(topic for topic, bit in BITS.items() if bit & mask)
