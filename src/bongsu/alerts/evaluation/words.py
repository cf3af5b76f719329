"""What a rule's alert says where the rule brings no text of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

from bongsu.model.length import length_words
from bongsu.model.message import LONGEST_MESSAGE, fill
from bongsu.model.rule import Rule
from bongsu.model.rule_names import name_in
from bongsu.model.sample import Labels
from bongsu.settings.duration import Duration

Language: TypeAlias = Literal["ko", "en"]

EN: Mapping[str, str] = {
    ">": "{name}{where}: {value}, above {threshold}",
    ">=": "{name}{where}: {value}, at or above {threshold}",
    "<": "{name}{where}: {value}, below {threshold}",
    "<=": "{name}{where}: {value}, at or below {threshold}",
    "==": "{name}{where}: {value}",
    "!=": "{name}{where}: {value}, not {threshold}",
    "no_data": "{name}{where}: no data for {silence}",
    "gone": "{name}{where}: the rule was removed or switched off, or its series are gone",
}

KO: Mapping[str, str] = {
    ">": "{name}{where}: {value} (기준 {threshold} 초과)",
    ">=": "{name}{where}: {value} (기준 {threshold} 이상)",
    "<": "{name}{where}: {value} (기준 {threshold} 미만)",
    "<=": "{name}{where}: {value} (기준 {threshold} 이하)",
    "==": "{name}{where}: {value}",
    "!=": "{name}{where}: {value} (기준 {threshold}와 다름)",
    "no_data": "{name}{where}: {silence} 동안 데이터 없음",
    "gone": "{name}{where}: 규칙이 삭제 또는 비활성화되었거나 대상 시계열이 사라짐",
}

_TEXTS: Mapping[Language, Mapping[str, str]] = {"ko": KO, "en": EN}


def number(value: float | None, unit: str = "") -> str:
    """A value as people read it: `87.5%`, `1,234 ms`; a dash where there is none.

    Percentages have one decimal, as the figures of the screens that stand beside.
    """
    if value is None:
        return "–"
    decimals = 1 if unit == "%" else 2
    text = f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.{decimals}f}".rstrip("0").rstrip(".")
    if text in ("0", "-0") and value:
        text = f"{value:.2g}"
    return f"{text}{unit}" if unit in ("", "%") else f"{text} {unit}"


def message(rule: Rule, labels: Labels, *, value: float | None, unit: str, language: Language, about: str = "") -> str:
    """The alert's text; `about` is `no_data` or `gone` where it isn't about a value."""
    if own(rule, about):
        return _filled(rule, labels, value=value, unit=unit)
    where = ", ".join(f"{name}={text[:100]}" for name, text in labels)
    blanks = {
        "name": name_in(rule.name, language),
        "where": f" ({where})" if where else "",
        "value": number(value, unit),
        "threshold": f"{number(rule.value)}%" if unit == "%" else number(rule.value, unit),
        "silence": length_words(rule.no_data_after_ms, language),
    }
    text = _TEXTS[language][about or ("no_data" if rule.kind == "no_data" else rule.op)]
    return text.format(**blanks)[:LONGEST_MESSAGE]


def messages(
    rule: Rule, labels: Labels, *, value: float | None, unit: str, language: Language, about: str = ""
) -> tuple[tuple[str, str], ...]:
    """The same by the other languages; none where the rule brings a text of its own, which nobody translates."""
    if own(rule, about):
        return ()
    others = (one for one in _TEXTS if one != language)
    return tuple(
        (other, message(rule, labels, value=value, unit=unit, language=other, about=about)) for other in others
    )


def own(rule: Rule, about: str) -> bool:
    """Whether the rule's own text is said."""
    return bool(rule.message) and about != "gone" and not (about and rule.kind != "no_data")


def _filled(rule: Rule, labels: Labels, *, value: float | None, unit: str) -> str:
    facts = {
        "name": rule.name,
        "metric": rule.metric,
        "severity": rule.severity,
        "unit": unit,
        "value": number(value),
        "threshold": number(rule.value),
        "window": str(Duration(rule.window_ms)),
        "for": str(Duration(rule.for_ms)),
    }
    return fill(rule.message, facts, dict(labels))
