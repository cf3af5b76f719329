"""`bongsu rules list|validate|backtest`: the rules in force, faults of those in the settings, a rule over the past."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from bongsu.alerts.evaluation.words import number
from bongsu.alerts.rules import given
from bongsu.commands.config import read
from bongsu.commands.server import Away, Where
from bongsu.commands.words import Words
from bongsu.model.errors import BongsuError
from bongsu.model.length import length_words
from bongsu.server.rules import rule_json

_SHOWN = 20
_TALLEST = 8
_BARS = " ▁▂▃▄▅▆▇█"

Answer = Mapping[str, Any]


def show(words: Words, where: Where, *, as_json: bool) -> int:
    """Print the rules of the running server, or those of the settings where none runs; 1 where it refuses to tell."""
    loaded = read(words, where.config)
    if loaded is None:
        return 1
    words = Words(loaded.settings.monitoring.language)
    try:
        status, answer = where.server(loaded.settings).ask("GET", "/api/v1/rules")
        if status != 200:
            print(_reason(answer), file=sys.stderr)
            return 1
        rules: Sequence[Answer] = answer["rules"]
    except BongsuError as error:
        print(_told(error), file=sys.stderr)
        return 1
    except Away:
        if where.url:
            print(words("rules_away", url=where.url), file=sys.stderr)
            return 1
        print(words("rules_no_server"), file=sys.stderr)
        rules = [rule_json(rule) for rule in given(loaded.settings)]
    if as_json:
        print(json.dumps({"rules": rules}, ensure_ascii=False, indent=2))
        return 0
    rows = [(str(rule["id"]), condition(rule), str(rule["severity"]), _source(words, rule)) for rule in rules]
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(3)]
    for row in rows:
        print("  ".join([*(text.ljust(width) for text, width in zip(row[:3], widths, strict=True)), row[3]]))
    return 0


def validate(words: Words, config: Path | None) -> int:
    """Tell every fault of the settings, those of rules with their place (`rules[2].window`); 0 where there is none."""
    loaded = read(words, config)
    if loaded is None:
        return 1
    words = Words(loaded.settings.monitoring.language)
    print(words("rules_good", count=len(given(loaded.settings)), written=len(loaded.settings.rules)))
    return 0


def backtest(words: Words, where: Where, what: str, *, start: str, end: str, step: str | None, as_json: bool) -> int:
    """Ask the running server what a rule (its id, or the simple form) would have done; 1 where it can't be told."""
    loaded = read(words, where.config)
    if loaded is None:
        return 1
    settings = loaded.settings
    words = Words(settings.monitoring.language)
    try:
        server = where.server(settings)
        rule: object = {"if": what}
        if " " not in what.strip():
            status, found = server.ask("GET", f"/api/v1/rules/{quote(what, safe='')}")
            if status != 200:
                print(words("rules_unknown", rule=what) if status == 404 else _reason(found), file=sys.stderr)
                return 1
            rule = found["rule"]
        body = {"rule": rule, "start": start, "end": end, **({"step": step} if step else {})}
        status, answer = server.ask("POST", "/api/v1/rules/backtest", body)
    except BongsuError as error:
        print(_told(error), file=sys.stderr)
        return 1
    except Away:
        print(words("rules_away", url=where.url) if where.url else words("rules_needs_server"), file=sys.stderr)
        return 1
    if status != 200:
        print(_reason(answer), file=sys.stderr)
        return 1
    if as_json:
        print(json.dumps(answer, ensure_ascii=False, indent=2))
        return 0
    for line in report(words, answer, settings.monitoring.timezone):
        print(line)
    return 0


def report(words: Words, answer: Answer, timezone: str) -> Iterator[str]:
    """A back-test as lines."""
    zone = ZoneInfo(timezone)

    def moment(at: int) -> str:
        return datetime.fromtimestamp(at / 1000, UTC).astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")

    for one in answer["fired"][-_SHOWN:]:
        labels = ", ".join(f"{name}={value}" for name, value in one["labels"].items())
        end = words("rules_stands") if one["to"] is None else length_words(one["to"] - one["from"], words.language)
        worst = "" if one["worst"] is None else number(one["worst"])
        yield f"  {moment(one['from'])}  {end:>10}  {worst:>12}  {labels}".rstrip()
    if answer["count"] > _SHOWN:
        yield words("rules_more", count=answer["count"] - _SHOWN)
    yield words(
        "rules_fired",
        count=answer["count"],
        series=answer["series"],
        total=length_words(answer["total_ms"], words.language),
        messages=answer["messages"],
        start=moment(answer["start"]),
        end=moment(answer["end"]),
    )
    if answer["messages"]:
        tallest = max(answer["by_hour"])
        bars = "".join(_BARS[-(-count * _TALLEST // tallest)] for count in answer["by_hour"])
        yield words("rules_hours", bars=bars)
    if answer["left_out"]:
        yield words("rules_left_out", count=answer["left_out"])


def condition(rule: Answer) -> str:
    """What a rule asks, on one line."""
    labels = ",".join(f"{name}={value}" for name, value in rule["labels"].items())
    subject = rule["metric"] + (f"{{{labels}}}" if labels else "")
    if rule["kind"] == "no_data":
        return f"{subject} silent for {rule['no_data_after']}"
    if rule["kind"] != "threshold":
        subject = f"{rule['kind']}({subject})"
    elif rule["aggregation"] != "last":
        subject = f"{rule['aggregation']}({subject}, {rule['window']})"
    lasting = "" if rule["for"] == "0s" else f" for {rule['for']}"
    return f"{subject} {rule['op']} {rule['value']:g}{lasting}"


def _source(words: Words, rule: Answer) -> str:
    source = words(f"rules_source_{rule['source']}")
    return source if rule["enabled"] else f"{source}, {words('rules_off')}"


def _reason(problem: Answer) -> str:
    return "\n".join(str(problem[part]) for part in ("detail", "hint") if problem.get(part))


def _told(error: BongsuError) -> str:
    return "\n".join(filter(None, (error.detail, error.hint)))
