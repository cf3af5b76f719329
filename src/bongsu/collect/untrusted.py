"""Text that somebody else chose: names of processes, mounts, sensors."""

from __future__ import annotations


def printable(text: str) -> str:
    """The text with what can't be shown (control characters, broken encoding) replaced by `�`, so that it can stand in
    a label. Screens and documents still escape it."""
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in text)
