"""`bongsu doctor`: everything that keeps Bongsu from working here, each with what to do about it.

Only looked at, never changed: nothing is sent to anybody, no lock is taken, no file is left behind.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from bongsu.commands.doctor.finding import SIGNS, Finding, bad, good, worth
from bongsu.commands.doctor.words import sentence
from bongsu.commands.words import Words


def run(words: Words, config: Path | None, *, root: Path, as_json: bool) -> int:
    """Print a line a finding, worst told with what to do; 1 where something doesn't work."""
    found: list[Finding] = []
    for finding in _found(words, config, root):
        if isinstance(finding, Words):
            words = finding
            continue
        found.append(finding)
        if not as_json:
            print(line(finding, words), flush=True)
    worst = any(one.state == "bad" for one in found)
    if as_json:
        told = [_told(one, words) for one in found]
        print(json.dumps({"ok": not worst, "findings": told}, ensure_ascii=False, indent=2))
    else:
        print(_end(found, words))
    return int(worst)


def line(finding: Finding, words: Words) -> str:
    """The finding in one line; what to do follows the arrow."""
    told = _told(finding, words)
    do = f" → {told['do']}" if told["do"] else ""
    return f"{SIGNS[finding.state]} {finding.area:<10} {told['what']}{do}"


def _told(finding: Finding, words: Words) -> dict[str, str]:
    facts = dict(finding.facts)
    do = "" if finding.state == "good" else sentence(words.language, f"{finding.code}_do", facts)
    what = sentence(words.language, finding.code, facts)
    return {"area": finding.area, "state": finding.state, "what": what, "do": do}


def _end(found: Iterable[Finding], words: Words) -> str:
    states = [one.state for one in found]
    counts = {"bad": states.count("bad"), "worth": states.count("worth")}
    return sentence(words.language, "end_good" if not any(counts.values()) else "end_count", counts)


def _found(words: Words, config: Path | None, root: Path) -> Iterator[Finding | Words]:
    """The findings one by one, as they are found; in between the words that the settings want."""
    from bongsu.commands.doctor import python

    if python.lacking(root):
        yield from python.looked_at(root)
        return  # what follows needs the packages
    from bongsu.settings.faults import SettingsError
    from bongsu.settings.load import load_with_origins

    try:
        loaded = load_with_origins(config=config)
    except SettingsError as error:
        yield from python.looked_at(root)
        for fault in error.faults:
            yield bad("settings", "settings_fault", fault=fault.line(words.language))
        return
    yield Words(loaded.settings.monitoring.language)
    yield from python.looked_at(root)
    for note in loaded.notes:
        yield worth("settings", "settings_note", note=note.line(loaded.settings.monitoring.language))
    yield good("settings", "settings_good", file=loaded.file.name if loaded.file else "–")
    from bongsu.commands.doctor import instances, machine, outside

    yield from machine.looked_at(loaded.settings)
    yield from outside.looked_at(loaded.settings)
    yield from instances.looked_at(loaded.settings)
