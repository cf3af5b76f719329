"""Functions of the library as Python calls them: what they take, what they refuse, and that nothing stays held."""

from __future__ import annotations

import ctypes
import sys
import zlib
from array import array
from collections.abc import Callable

import numpy as np
import pytest

from bongsu.native.library import function, made

CONTENT = b"a block of samples, or so" * 9


@pytest.fixture(scope="module")
def checksum() -> Callable[..., int]:
    """The checksum of zlib, of content and its size."""
    return function("bongsu_checksum")


@pytest.mark.parametrize(
    "content",
    [
        CONTENT,
        bytearray(CONTENT),
        memoryview(CONTENT),
        array("B", CONTENT),
        np.frombuffer(CONTENT, np.uint8),
        (ctypes.c_ubyte * len(CONTENT))(*CONTENT),
    ],
)
def test_content_is_given_by_its_place(checksum: Callable[..., int], content: bytes) -> None:
    """Bytes, arrays and whatever else has content lie somewhere; so does what an address stands for."""
    assert checksum(content, len(CONTENT)) & 0xFFFFFFFF == zlib.crc32(CONTENT)
    place = np.frombuffer(content, np.uint8).__array_interface__["data"][0]
    assert checksum(place, len(CONTENT)) & 0xFFFFFFFF == zlib.crc32(CONTENT)


def test_a_list_is_given_by_the_places_of_its_items() -> None:
    """As many as there are, nothing among them; whole numbers come back as they are."""
    write = function("bongsu_points")
    at, values = np.arange(3), [np.arange(3.0), np.arange(3.0) + 5]
    out, ends = np.zeros(2_000, np.uint8), array("q", [0, 0])
    write(at, values, 3, 2, out[1_000:], out, 300, ends)
    assert bytes(out[300 : ends[1]]) == b"[0,5.0],[1,6.0],[2,7.0]"
    assert write(at, [None], 0, 1, out, out, 300, ends) == 1


@pytest.mark.parametrize(
    "given",
    [
        (1.5, 0),
        ("text", 0),
        (None, 0),
        (np.int64(3), 0),
        (ctypes.c_int64(3), 0),
        ([CONTENT, "text"], 0),
        ([np.int64(3)], 0),
        (np.arange(9)[::2], 0),
        (2**64, 0),
        (0,) * 13,
    ],
)
def test_what_has_no_place_is_refused(checksum: Callable[..., int], given: tuple[object, ...]) -> None:
    """Numbers of other kinds least of all: their place would be taken for them."""
    with pytest.raises((TypeError, ValueError, BufferError, OverflowError)):
        checksum(*given)


def test_called_apart_others_go_on() -> None:
    """What is called without the interpreter's lock gives the same."""
    assert function("bongsu_checksum", apart=True)(CONTENT, len(CONTENT)) & 0xFFFFFFFF == zlib.crc32(CONTENT)


def test_nothing_stays_held(checksum: Callable[..., int]) -> None:
    """What was given can grow again afterwards and is let go of, whether it was taken or refused."""
    content, kept = bytearray(CONTENT), b"kept " * 99
    before = sys.getrefcount(kept)
    for given in ((content, 5), ([content, kept], 0), (content, "text")):
        try:
            checksum(*given)
        except TypeError:
            assert given[1] == "text"
    content.append(1)
    assert sys.getrefcount(kept) <= before


def test_no_text_holds_its_numbers() -> None:
    """Nor its room, whether it was written or not."""
    write, given = made("bongsu_text"), [np.zeros(999, np.uint8), b"", np.arange(3), np.arange(3.0), b""]
    before = [sys.getrefcount(one) for one in given]
    for value in (given[3], given[2], np.arange(6.0)[::2]):
        write(*given[:3], value, b"")
    assert [sys.getrefcount(one) for one in given] == before


def test_a_text_is_written_where_it_has_room() -> None:
    """Into memory that is large enough, of as many times as values, each of its own kind; -1 otherwise."""
    write, at, value = made("bongsu_text"), np.arange(3), np.arange(3.0)
    room = np.zeros(64 * 4 + 6, np.uint8)
    assert bytes(room[: write(room, b"<<<", at, value, b">>>")]) == b"<<<[0,0.0],[1,1.0],[2,2.0]>>>"
    for given in (
        (room[:-1], b"<<<", at, value, b">>>"),
        (room[:5], b"<<<", at[:0], value[:0], b">>>"),
        (room, b"<<<", at, value[:2], b""),
        (room, b"", np.arange(6)[::2], value, b""),
        (room, b"", value, value, b""),
        (room, b"", at, at, b""),
        (room, b"", at.astype(np.int32), value, b""),
        (room, b"", at.reshape(3, 1), value, b""),
        (room, b"", at, value.astype(">f8"), b""),
        (room, b"", 3, value, b""),
    ):
        assert write(*given) == -1


def test_a_text_has_room_beginning_times_values_and_end() -> None:
    """Bytes before and behind, and memory that may be written to; nothing else is taken."""
    write, room, at, value = made("bongsu_text"), np.zeros(999, np.uint8), np.arange(3), np.arange(3.0)
    for given in ((room, b"", at, value), (room, "a", at, value, b""), (room, b"", at, value, None)):
        with pytest.raises(TypeError):
            write(*given)
    with pytest.raises(BufferError):
        write(bytes(999), b"", at, value, b"")


def test_a_question_is_asked_with_bytes() -> None:
    """One, of words that were given as bytes: nothing else is read."""
    read = made("bongsu_question", (b"avg,", b"auto,"))
    assert read(b"") == ()
    for given in ((), (b"", b""), ("metric=a",), (None,)):
        with pytest.raises(TypeError):
            read(*given)
    with pytest.raises(TypeError):
        made("bongsu_question", ("avg,", "auto,"))(b"")
