"""Write `src/bongsu/calendars/data/kr_holidays.json` from the package `holidays`.

.venv/bin/python scripts/korean_holidays.py
"""

from __future__ import annotations

import json
from datetime import date, timedelta
from importlib.metadata import version
from pathlib import Path

import holidays

YEARS = range(2015, 2041)
TABLE = Path(__file__).parents[1] / "src" / "bongsu" / "calendars" / "data" / "kr_holidays.json"


def constitution_days() -> set[date]:
    """17 July, a public holiday again from 2026 on, which the package doesn't know yet.

    The exchange was closed on that day in 2026. Being a national day it is made good on the next weekday.
    """
    found = set()
    for year in (year for year in YEARS if year >= 2026):
        day = date(year, 7, 17)
        found |= {day, day + timedelta(days=max(0, 7 - day.weekday())) if day.weekday() >= 5 else day}
    return found


def days() -> dict[str, list[str]]:
    """Days by year, ascending; Saturdays and Sundays are no entries of their own."""
    found = sorted({*holidays.country_holidays("KR", years=YEARS), *constitution_days()})
    return {str(year): [day.isoformat() for day in found if day.year == year] for year in YEARS}


def text() -> str:
    """The table as it stands in the file: a line a year."""
    lines = ",\n".join(f"    {json.dumps(year)}: {json.dumps(found)}" for year, found in days().items())
    return f'{{\n  "source": "holidays {version("holidays")}, KR",\n  "days": {{\n{lines}\n  }}\n}}\n'


if __name__ == "__main__":
    TABLE.write_text(text(), encoding="utf-8")
