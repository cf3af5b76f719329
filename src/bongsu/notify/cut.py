"""Texts cut to what a service takes, always with a visible ellipsis."""

from __future__ import annotations

import re

ELLIPSIS = "…"
_PIECE = re.compile(r"<[^<>]*>|&[a-zA-Z]{2,8};|&#\d{1,7};|.", re.DOTALL)
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9-]*)")


def units(text: str) -> int:
    """Its length as Telegram and Discord count it: UTF-16 code units."""
    return len(text) + sum(1 for character in text if character > "\uffff")


def cut(text: str, limit: int) -> str:
    """At most `limit` characters."""
    return text if len(text) <= limit else text[: max(0, limit - 1)].rstrip() + ELLIPSIS


def cut_units(text: str, limit: int) -> str:
    """At most `limit` UTF-16 code units."""
    if units(text) <= limit:
        return text
    kept, left = [], limit - 1
    for character in text:
        left -= 1 + (character > "\uffff")
        if left < 0:
            break
        kept.append(character)
    return "".join(kept).rstrip() + ELLIPSIS


def cut_markup(text: str, limit: int) -> str:
    """At most `limit` UTF-16 code units once tags and entities are read; none is cut in two, open tags are closed."""
    kept: list[str] = []
    opened: list[str] = []
    left = limit - 1
    pieces = _PIECE.findall(text)
    if sum(_width(piece) for piece in pieces) <= limit:
        return text
    for piece in pieces:
        left -= _width(piece)
        if left < 0:
            break
        kept.append(piece)
        tag = _TAG.match(piece)
        if tag is None:
            continue
        if not tag[1]:
            opened.append(tag[2])
        elif tag[2] in opened:
            opened.remove(tag[2])
    return "".join(kept).rstrip() + ELLIPSIS + "".join(f"</{name}>" for name in reversed(opened))


def _width(piece: str) -> int:
    if _TAG.match(piece):
        return 0
    return 1 if piece[0] == "&" and len(piece) > 1 else units(piece)
