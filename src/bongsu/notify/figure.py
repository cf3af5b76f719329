"""A value as people read it: `85.5%`, `1.5 GiB`, `120 ms`, `1,204`."""

from __future__ import annotations

import math

_BYTES = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")


def figure(value: float, unit: str) -> str:
    """The value with its unit: per cent with one decimal, bytes in powers of 1,024, others as short as is exact."""
    if not math.isfinite(value):
        return str(value)
    if unit == "%":
        return f"{value:,.1f}%"
    if unit in ("B", "B/s"):
        return _bytes(value) + unit[1:]
    return f"{number(value)} {unit}".rstrip()


def number(value: float) -> str:
    """With thousands separated, at most three decimals, or four significant digits where it is smaller."""
    if value == round(value) and abs(value) < 1e15:
        return f"{value:,.0f}"
    if abs(value) >= 0.1:
        return f"{value:,.3f}".rstrip("0").rstrip(".")
    return f"{value:.4g}"


def _bytes(value: float) -> str:
    step = 0
    while abs(value) >= 1024 and step < len(_BYTES) - 1:
        value /= 1024
        step += 1
    return f"{value:,.1f}".removesuffix(".0") + f" {_BYTES[step]}"
