"""Blocks of samples joined by the native library are those that Python would join."""

from __future__ import annotations

import ctypes
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bongsu.history import block, scaling
from bongsu.native.library import library
from bongsu.native.samples import join_samples

START = 1_763_778_000_000


@given(st.binary(max_size=400), st.integers(0, 300), st.integers(0, 20))
def test_checksums_are_those_of_zlib(some: bytes, times: int, first: int) -> None:
    """Of any length, from any place in memory on."""
    found = library()
    assert found is not None
    checksum = found.bongsu_checksum
    checksum.argtypes, checksum.restype = (ctypes.c_void_p, ctypes.c_int64), ctypes.c_uint32
    data = np.frombuffer(some * times + some, np.uint8)[first:]
    assert checksum(data.ctypes.data, len(data)) == zlib.crc32(data.tobytes())


def sealed(values: list[int], decimals: int) -> bytes:
    """A block of numbers with so many decimals, a second apart."""
    at = START + 1_000 * np.arange(len(values), dtype=np.int64)
    value = np.array(values, np.float64) / 10**decimals
    return block.encode(at, value)


WHOLE = st.lists(st.integers(-(10**6), 10**6), min_size=2, max_size=80)


@given(st.lists(WHOLE, min_size=1, max_size=5))
def test_blocks_are_unpacked_in_one_stroke(many: list[list[int]]) -> None:
    """All of their numbers, one block after the other; whether they are of one form the blocks themselves tell."""
    blocks = [sealed([*values, 1], 2) for values in many]
    forms = {block.form_of(block.unseal(data), 1) for data in blocks}
    found = join_samples(blocks)
    assert found.damaged == -1
    if len(forms) > 1:
        assert found.packed is None
        return
    packed = [block.packed_at(block.unseal(data), 1) for data in blocks]
    assert found.packed == block.joined(packed)
    assert found.form in forms
    numbers = np.empty(sum(len(values) + 1 for values in many), np.int32)
    block.unpack_joined(found.packed, numbers)
    value = numbers / 10.0 ** scaling.decimals_of(found.form)
    assert value.tolist() == [number / 100 for values in many for number in [*values, 1]]


def test_a_damaged_block_is_told() -> None:
    """Whatever byte of it is another one, or missing."""
    blocks = [sealed([1, 2, 305], 2), sealed([7, 8, 909], 2)]
    for place in range(len(blocks[1])):
        broken = blocks[1][:place] + bytes([blocks[1][place] ^ 4]) + blocks[1][place + 1 :]
        assert join_samples([blocks[0], broken]) == (None, 0, 1)
        assert join_samples([blocks[1][:place], blocks[0]]) == (None, 0, 0)


@pytest.mark.parametrize(
    ("at", "value"),
    [([0, 1_000, 3_000], [1.0, 2.0, 3.5]), ([0, 1_000, 2_000], [0.1234567891, 1e300, 5e-7])],
    ids=["uneven", "floats"],
)
def test_other_blocks_are_left_alone(at: list[int], value: list[float]) -> None:
    """Times that must be read one by one, values that are no decimals."""
    data = block.encode(START + np.array(at, np.int64), np.array(value))
    assert join_samples([data]) == (None, 0, -1)
