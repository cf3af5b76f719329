"""Korean public holidays with their substitutes, from a small table instead of the package that made it.

The package `holidays` costs 15 MiB once it is loaded. `data/kr_holidays.json` is written from it by
`scripts/korean_holidays.py`; what the package doesn't know yet stands in that script with its source.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import date
from functools import cache
from importlib import resources
from typing import Any


def table(name: str) -> dict[str, Any]:
    """One of the tables in `data/`."""
    text = resources.files("bongsu.calendars").joinpath("data", name).read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


@cache
def korean_holidays() -> frozenset[date]:
    """Public holidays of Korea, substitutes and days decreed once included; 2015 to 2040.

    Days that follow the moon and decreed days beyond the time of writing are as good as the table.
    """
    return frozenset(date.fromisoformat(day) for days in table("kr_holidays.json")["days"].values() for day in days)


def dates(texts: Collection[str]) -> frozenset[date]:
    """Days written as `2026-12-31`.

    Raises:
        ValueError: one of them is no day; the text names it.
    """
    found = set()
    for text in texts:
        try:
            found.add(date.fromisoformat(text))
        except ValueError:
            raise ValueError(f"{text!r} is no day: write it as 2026-12-31") from None
    return frozenset(found)
