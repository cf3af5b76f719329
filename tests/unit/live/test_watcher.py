"""The outgoing side of one client."""

from __future__ import annotations

from bongsu.live.frame import Frame, Volley
from bongsu.live.watcher import Tally, Watcher
from tests.unit.live.wires import FakeWire


class Hub:
    """Answers with one snapshot, numbered as it is told."""

    def __init__(self) -> None:
        self.seq = 100
        self.asked = 0

    def snapshot_for(self, watcher: Watcher) -> list[Frame]:
        self.asked += 1
        self.seq = max(self.seq, watcher.cursor) + 1
        return [frame(self.seq, kind="snapshot")]


def frame(seq: int, *, bit: int = 1, moment: float = 0.0, kind: str = "update") -> Frame:
    return Frame(seq=seq, bit=bit, moment=moment, body=b'{"t":"%b","seq":%d}' % (kind.encode(), seq))


def watching(room: float = float("inf")) -> tuple[Watcher, FakeWire, Tally, Hub]:
    wire, tally, hub = FakeWire(room), Tally(), Hub()
    watcher = Watcher(wire=wire, hub=hub, tally=tally, deflate=False)
    watcher.mask = 1
    wire.watcher = watcher
    return watcher, wire, tally, hub


def seqs(wire: FakeWire) -> list[int]:
    return [one["seq"] for one in wire.frames if "seq" in one]


def test_a_fast_client_gets_each_volley_in_one_write() -> None:
    """Frames of one moment leave together and are counted one by one."""
    watcher, wire, tally, _ = watching()
    watcher.offer(Volley([frame(1), frame(2, bit=2), frame(3)]))
    assert seqs(wire) == [1, 3]
    assert wire.writes == 1
    assert (tally.frames, tally.dropped) == (2, 0)
    assert tally.bytes > 0


def test_nothing_is_told_twice() -> None:
    """A volley that the client has by snapshot already is left out."""
    watcher, wire, _, _ = watching()
    watcher.start([frame(7, kind="snapshot")])
    watcher.offer(Volley([frame(5), frame(7)]))
    assert seqs(wire) == [7]


def test_a_short_stall_loses_nothing() -> None:
    """Frames wait while the buffer drains, then go out in order."""
    watcher, wire, tally, hub = watching(room=1)
    for seq in (1, 2, 3):
        watcher.offer(Volley([frame(seq, moment=seq / 10)]))
    assert seqs(wire) == [1]
    wire.open_up()
    watcher.offer(Volley([frame(4)]))
    assert seqs(wire) == [1, 2, 3, 4]
    assert (tally.dropped, hub.asked) == (0, 0)


def test_a_slow_client_is_brought_to_the_latest() -> None:
    """What waited too long is dropped and told as a gap, and a snapshot follows."""
    watcher, wire, tally, hub = watching(room=1)
    for seq in range(1, 8):
        watcher.offer(Volley([frame(seq, moment=float(seq))]))
    assert hub.asked == 0
    wire.open_up()
    assert wire.frames[1:] == [{"t": "gap", "from": 2, "to": 7}, {"t": "snapshot", "seq": 101}]
    assert tally.dropped == 6
    watcher.offer(Volley([frame(102)]))
    assert seqs(wire) == [1, 101, 102]


def test_a_snapshot_under_way_is_finished_before_the_gap() -> None:
    """A snapshot larger than the buffer always arrives whole, however long it takes."""
    watcher, wire, _, _ = watching(room=1)
    watcher.start([frame(seq, kind="snapshot") for seq in (1, 2, 3)])
    for seq in (10, 20, 30):
        watcher.offer(Volley([frame(seq, moment=float(seq))]))
    wire.open_up(room=2)
    assert seqs(wire) == [1, 2, 3]
    wire.open_up()
    assert wire.frames[3:] == [{"t": "gap", "from": 10, "to": 30}, {"t": "snapshot", "seq": 101}]


def test_frames_made_while_a_snapshot_is_under_way_follow_it() -> None:
    """The newest updates aren't lost to a client that is catching up quickly."""
    watcher, wire, tally, _ = watching(room=1)
    watcher.start([frame(1, kind="snapshot"), frame(2, kind="snapshot")])
    watcher.offer(Volley([frame(10, moment=0.1), frame(11, moment=0.1)]))
    wire.open_up()
    assert seqs(wire) == [1, 2, 10, 11]
    assert tally.dropped == 0


def test_a_new_subscription_forgets_what_waited() -> None:
    """Frames of the former subscription don't come after the new one's snapshot."""
    watcher, wire, _, _ = watching(room=1)
    watcher.offer(Volley([frame(1)]))
    watcher.offer(Volley([frame(2)]))
    watcher.start([frame(50, kind="snapshot")], gap=(3, 4))
    wire.open_up()
    assert seqs(wire) == [1, 50]


def test_heartbeats_are_not_queued() -> None:
    """A stalled client has no use for an old ping."""
    watcher, wire, _, _ = watching(room=0)
    watcher.offer(Volley([], heartbeat=b"\x81\x0c" + b'{"t":"ping"}'))
    wire.open_up()
    assert wire.frames == []
    watcher.offer(Volley([], heartbeat=b"\x81\x0c" + b'{"t":"ping"}'))
    assert wire.frames == [{"t": "ping"}]


def test_a_flood_of_frames_within_a_moment_is_bounded() -> None:
    """Even frames of one instant can't pile up without end."""
    watcher, wire, tally, _ = watching(room=0)
    for seq in range(1, 1_001):
        watcher.offer(Volley([frame(seq)]))
    assert tally.dropped == 1_000
    wire.open_up()
    assert wire.frames[0] == {"t": "gap", "from": 1, "to": 1_000}
