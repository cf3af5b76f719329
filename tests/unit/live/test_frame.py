"""Frames, their two forms, and volleys."""

from __future__ import annotations

import pytest
from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.frames import Frame as WireFrame
from websockets.frames import Opcode

from bongsu.live.frame import Frame, Volley, deflated_text, text
from tests.unit.live.wires import messages


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536, 200_000])
def test_text_is_what_the_library_would_write(size: int) -> None:
    """At every length of the header the bytes agree with `websockets`' own."""
    body = b"x" * size
    assert text(body) == WireFrame(Opcode.TEXT, body).serialize(mask=False)


@pytest.mark.parametrize("size", [200, 5_000, 300_000])
def test_deflated_text_inflates_with_the_library(size: int) -> None:
    """A client without context takeover reads what was compressed once for all."""
    body = bytes(i * 7 % 251 for i in range(size))
    wire = deflated_text(body)
    header = {126: 4, 127: 10}.get(wire[1], 2)
    packed = WireFrame(Opcode.TEXT, wire[header:], rsv1=True)
    assert bytes(PerMessageDeflate(True, True, 15, 15).decode(packed).data) == body


def test_short_messages_are_not_deflated() -> None:
    """A few bytes aren't worth the inflater's work."""
    assert deflated_text(b'{"t":"ping"}') == text(b'{"t":"ping"}')


def test_a_slimmed_frame_still_has_both_forms() -> None:
    """What a ring keeps compressed can be told to a client that can't inflate."""
    body = b'{"t":"update","x":"%b"}' % (b"a" * 5_000)
    frame = Frame(seq=1, bit=1, moment=0.0, body=body)
    assert frame.wire(deflate=False) == text(body)
    assert len(frame.wire(deflate=True)) < 100
    frame.slim()
    assert frame.weight < 100
    assert frame.wire(deflate=False) == text(body)


def test_a_frame_nobody_wanted_compressed_stays_plain() -> None:
    """Slimming doesn't compress: that costs time and may never be asked for."""
    frame = Frame(seq=1, bit=1, moment=0.0, body=b"x" * 5_000)
    frame.slim()
    assert frame.weight == len(text(b"x" * 5_000))
    assert list(messages(Frame(seq=1, bit=1, moment=0.0, body=b'{"a":"%b"}' % (b"x" * 999)).wire(deflate=True)))


def test_a_volley_holds_for_each_client_what_it_subscribed_to() -> None:
    """The bytes are joined once for all clients alike."""
    frames = [Frame(seq=i, bit=1 << i, moment=0.0, body=b'{"n":%d}' % i) for i in range(3)]
    volley = Volley(frames, heartbeat=text(b'{"t":"ping"}'))
    data, count = volley.wire(0b101, deflate=False)
    assert list(messages(data)) == [{"t": "ping"}, {"n": 0}, {"n": 2}]
    assert count == 2
    assert volley.wire(0b101, deflate=False)[0] is data
    assert volley.wire(0, deflate=True) == (text(b'{"t":"ping"}'), 0)
    assert volley.seq == 2
