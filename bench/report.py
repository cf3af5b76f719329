"""Puts outcomes into docs/performance.md: each measurement has its own section there, between two marks."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

from bench.figures import Outcome, machine, table

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "performance.md"


class NoSection(Exception):
    """The document has no place for this measurement."""


def section(outcome: Outcome, *, day: datetime | None = None) -> str:
    """The Markdown of one measurement: figures, method, day, machine."""
    when = (day or datetime.now(UTC)).strftime("%Y-%m-%d %H:%M UTC")
    return f"{table(outcome.figures)}\n\n{outcome.method} Measured {when} on {machine()}."


def write(outcome: Outcome, *, document: Path = DOCUMENT) -> None:
    """Replace the measurement's section.

    Raises:
        NoSection: the document lacks its marks.
    """
    begin, end = f"<!-- bench:{outcome.name} -->", f"<!-- /bench:{outcome.name} -->"
    text = document.read_text(encoding="utf-8")
    if begin not in text or end not in text:
        raise NoSection(f"{document.name} has no {begin} … {end}: add the two marks where the figures shall stand")
    pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    fresh = f"{begin}\n{section(outcome)}\n{end}"
    document.write_text(pattern.sub(lambda _: fresh, text), encoding="utf-8")
