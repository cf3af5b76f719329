"""Inflating bodies: whole, bounded, and never trusting the sender."""

from __future__ import annotations

import gzip
import zlib

import pytest
import zstandard

from bongsu.ingest.inflate import PIECE, inflate
from bongsu.model.errors import BadRequest, BongsuError, TooLarge, UnsupportedType

TEXT = b"".join(b'{"metric":"a","value":%d}' % i for i in range(50_000))


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("", TEXT),
        ("identity", TEXT),
        ("gzip", gzip.compress(TEXT)),
        ("X-GZIP", gzip.compress(TEXT)),
        ("gzip", gzip.compress(TEXT[:1_000]) + gzip.compress(TEXT[1_000:])),
        ("zstd", zstandard.compress(TEXT)),
        ("zstd", zstandard.compress(TEXT[:1_000]) + zstandard.compress(TEXT[1_000:])),
        ("zstd", zstandard.ZstdCompressor(write_content_size=False).compress(TEXT)),
    ],
)
def test_content_comes_back(encoding: str, body: bytes) -> None:
    """Each encoding gives the content back, several members or frames too."""
    assert b"".join(inflate(body, encoding, len(TEXT))) == TEXT


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_empty_content_is_content(encoding: str) -> None:
    """Nothing, compressed, is nothing again."""
    packed = gzip.compress(b"") if encoding == "gzip" else zstandard.compress(b"")
    assert b"".join(inflate(packed, encoding, 10)) == b""


@pytest.mark.parametrize(
    ("encoding", "body", "error"),
    [
        ("gzip", b"", BadRequest),
        ("gzip", b"plain", BadRequest),
        ("gzip", gzip.compress(TEXT)[:-9], BadRequest),
        ("gzip", gzip.compress(TEXT)[:-4] + b"\0\0\0\0", BadRequest),
        ("gzip", gzip.compress(TEXT) + b"more", BadRequest),
        ("gzip", zlib.compress(TEXT), BadRequest),
        ("zstd", b"", BadRequest),
        ("zstd", b"plain", BadRequest),
        ("zstd", zstandard.compress(TEXT)[:-9], BadRequest),
        ("zstd", zstandard.compress(TEXT) + b"more", BadRequest),
        ("br", b"x", UnsupportedType),
        ("gzip, gzip", b"x", UnsupportedType),
    ],
)
def test_what_cannot_be_inflated_is_refused(encoding: str, body: bytes, error: type[BongsuError]) -> None:
    """Broken, cut, foreign or mislabelled bodies are refused, never taken in part."""
    with pytest.raises(error):
        b"".join(inflate(body, encoding, 10 * len(TEXT)))


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_a_bomb_stops_at_the_limit(encoding: str) -> None:
    """Of a small body that inflates to 100 MB no more than the limit and one piece is ever made."""
    zeros = bytes(100_000_000)
    bomb = gzip.compress(zeros, 1) if encoding == "gzip" else zstandard.compress(zeros)
    made: list[int] = []
    with pytest.raises(TooLarge):
        made.extend(len(piece) for piece in inflate(bomb, encoding, 1_000_000))
    assert sum(made) <= 1_000_000


def test_gzip_pieces_are_small() -> None:
    """Gzip is inflated in pieces short enough not to hold up the event loop."""
    assert max(map(len, inflate(gzip.compress(bytes(10_000_000)), "gzip", 20_000_000))) <= PIECE
