"""What is kept for clients that come back."""

from __future__ import annotations

from bongsu.live.frame import Frame
from bongsu.live.ring import Ring


def frame(seq: int, *, bit: int = 1, moment: float = 0.0) -> Frame:
    return Frame(seq=seq, bit=bit, moment=moment, body=b"x" * 100)


def test_frames_after_a_number_by_topic() -> None:
    """A client gets what it would have got."""
    ring = Ring(floor=4)
    kept = [frame(5), frame(7, bit=2), frame(9)]
    for one in kept:
        ring.keep(one)
    assert ring.since(4, 0b11) == kept
    assert ring.since(5, 0b01) == [kept[2]]
    assert ring.since(9, 0b11) == []


def test_what_was_forgotten_is_said() -> None:
    """None means: there were more."""
    ring = Ring(floor=4)
    assert ring.since(3, 1) is None
    for seq in (5, 6, 7):
        ring.keep(frame(seq, moment=float(seq)))
    ring.drop_before(6.5)
    assert ring.floor == 6
    assert ring.since(5, 1) is None
    assert ring.since(6, 1) is not None
    assert ring.oldest == 7.0


def test_bytes_are_counted_once_frames_are_weighed() -> None:
    """What goes out again is taken off."""
    ring = Ring(floor=0)
    ring.keep(frame(1))
    ring.keep(frame(2))
    ring.weigh()
    ring.weigh()
    assert ring.bytes == 2 * 102
    ring.drop_oldest()
    ring.drop_oldest()
    assert ring.bytes == 0
    assert ring.oldest is None
    assert len(ring) == 0
