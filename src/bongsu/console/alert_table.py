"""Alerts as a table and as a file. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from bongsu.console.alert_figure import SHAPES, against
from bongsu.console.words import Words
from bongsu.model.alert import Alert

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_HEADS = ("fired", "resolved", "severity", "phase", "message", "metric", "labels", "value", "threshold", "unit", "rule")
_TOLD = ("acknowledged_by", "note")


def matching(alerts: Sequence[Alert], *, text: str, severities: Collection[str]) -> list[Alert]:
    """Those that mention the text, of the severities (all where none is chosen), the latest first."""
    sought = text.strip().lower()
    found = [
        alert
        for alert in alerts
        if (not severities or alert.severity in severities) and (not sought or sought in _words_of(alert))
    ]
    return sorted(found, key=lambda alert: -(alert.fired_at or alert.pending_at))


def _words_of(alert: Alert) -> str:
    labels = " ".join(f"{name}={value}" for name, value in alert.labels)
    said = " ".join([alert.message, *(text for _, text in alert.messages)])
    return f"{said} {alert.metric} {labels} {alert.rule} {alert.note}".lower()


def table_of(alerts: Sequence[Alert], words: Words, zone: ZoneInfo) -> dict[str, list[str]]:
    """Columns by heading, as people read them."""
    columns: dict[str, list[str]] = {
        words(f"alerts.{name}"): [] for name in ("fired", "severity", "message", "labels", "limit", "lasted", "who")
    }
    fired, severity, message, labels, limit, lasted, who = columns.values()
    for alert in alerts:
        fired.append(_time(alert.fired_at, zone)[5:])
        severity.append(f"{SHAPES[alert.severity]} {words(f'severity.{alert.severity}')}")
        message.append(plain(alert.said(words.language) or alert.metric))
        labels.append(plain(", ".join(value for _, value in alert.labels)))
        limit.append(plain(against(alert)))
        lasted.append(_lasted(alert, words))
        had = words("alerts.had", by=alert.acknowledged_by) if alert.acknowledged_by else ""
        who.append(plain(" · ".join(part for part in (had, alert.note) if part)))
    return columns


def plain(text: str) -> str:
    """A text that Streamlit's tables show as it is: they read Markdown, and an alert's words come from outside."""
    return "".join(f"\\{letter}" if letter in "\\`*_{}[]()#+-!|<>~$:" else letter for letter in text)


def csv_text(alerts: Sequence[Alert], zone: ZoneInfo, language: str) -> str:
    """The same as a file for spreadsheets: with a byte order mark, and no cell that would be run as a formula."""
    out = io.StringIO()
    write = csv.writer(out)
    write.writerow((*_HEADS, *_TOLD))
    for alert in alerts:
        labels = " ".join(f"{name}={value}" for name, value in alert.labels)
        texts = (alert.severity, alert.phase, alert.said(language), alert.metric, labels)
        figures = (alert.value, alert.threshold)
        told = (alert.unit, alert.rule, alert.acknowledged_by, alert.note)
        times = (_time(alert.fired_at, zone), _time(alert.resolved_at, zone))
        write.writerow((*times, *map(_safe, texts), *figures, *map(_safe, told)))
    return "\ufeff" + out.getvalue()


def _safe(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def _time(at: int | None, zone: ZoneInfo) -> str:
    return "" if at is None else datetime.fromtimestamp(at / 1000, zone).strftime("%Y-%m-%d %H:%M:%S")


def _lasted(alert: Alert, words: Words) -> str:
    if alert.resolved_at is None:
        return words("alerts.open")
    seconds = max(0, alert.resolved_at - (alert.fired_at or alert.pending_at)) // 1000
    if seconds < 60:
        return words("step.seconds", count=seconds)
    if seconds < 3_600:
        return words("step.minutes", count=seconds // 60)
    minutes = f" {words('step.minutes', count=seconds % 3_600 // 60)}" if seconds % 3_600 >= 60 else ""
    return words("step.hours", count=seconds // 3_600) + minutes
