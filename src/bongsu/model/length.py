"""Lengths of time in words, as people say them."""

from __future__ import annotations

from typing import Literal

_UNITS = (("일", "d", 86_400), ("시간", "h", 3_600), ("분", "m", 60), ("초", "s", 1))


def length_words(milliseconds: int, language: Literal["ko", "en"]) -> str:
    """A length in its two largest units, as far as seconds: `1시간 5분`, `1h 5m`; `500ms` below one."""
    if 0 < milliseconds < 1_000:
        return f"{milliseconds}ms"
    left = milliseconds // 1_000
    parts: list[str] = []
    for ko, en, seconds in _UNITS:
        count, left = divmod(left, seconds)
        if count and len(parts) < 2:
            parts.append(f"{count}{ko if language == 'ko' else en}")
    return " ".join(parts) or ("0초" if language == "ko" else "0s")
