"""What a marketplace's answer means: one pure function, in the order that keeps wrong verdicts out.

A declared window and failing; no connection; the body, before the status; the provider's table; 429; a server's error
or a page; an answer that misses its success test; slow; else up.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from bongsu.collect.checks.exchange import Answer
from bongsu.collect.marketplaces.rules import ProviderRules, Quota, Rule
from bongsu.model.check import State

_CODES = ("result_code", "resultcode")
_XML_CODE = re.compile(r"(?i)<result_?code>\s*([^<]*?)\s*<")
_JSON_CODE = re.compile(r'"code"\s*:\s*"?([\w.-]+)')
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_PREFIX = re.compile(r"<(/?)[A-Za-z_][\w.-]*:")
_PERIODS: Mapping[str, int] = {"SECOND": 1_000, "MINUTE": 60_000, "HOUR": 3_600_000, "DAY": 86_400_000}
_LONGEST_HOLD = 86_400_000
_HTML = re.compile(r"\s*(?:<!doctype html|<html|<head|<title)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """An answer's body, understood. `text` holds whatever was sent and goes no further than the verdict."""

    text: str
    code: str | None = None
    html: bool = False
    json: bool = False
    xml: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the answer means. `renew`: a new token may help; `hold_ms`: to be left alone for that long."""

    state: State
    reason: str = ""
    renew: bool = False
    hold_ms: int | None = None


def read(answer: Answer) -> Reading:
    """The body as text (UTF-8, or EUC-KR and its superset), with its form and its own code."""
    content_type = answer.headers.get("content-type", "").lower()
    text = _decoded(answer.body, content_type)
    begin = text.lstrip()[:1]
    if begin in {"{", "["}:
        return _read_json(text, cut=answer.cut)
    if _HTML.match(text) or (text and "text/html" in content_type):
        return Reading(text=text, html=True)
    return _read_xml(text, cut=answer.cut) if begin == "<" else Reading(text=text)


def classify(answer: Answer, reading: Reading, rules: ProviderRules, *, in_window: bool, slow_ms: float) -> Verdict:
    """The verdict on one answer; `in_window` says whether maintenance is declared for now."""
    verdict = _judged(answer, reading, rules, slow_ms)
    if in_window and verdict.state != "rate_limited" and verdict.state != "up" and verdict.reason != "slow":
        return replace(verdict, state="maintenance", reason="declared", renew=False)
    return verdict


def _judged(answer: Answer, reading: Reading, rules: ProviderRules, slow_ms: float) -> Verdict:
    if answer.status is None:
        return Verdict(state="down", reason=answer.failure or "connect")
    good = 200 <= answer.status < 300
    if good and _succeeds(reading, rules):
        hold = _spared(rules.quota, answer.headers)
        if answer.response_ms is not None and answer.response_ms > slow_ms:
            return Verdict(state="degraded", reason="slow", hold_ms=hold)
        return Verdict(state="up", hold_ms=hold)
    for rule in (*rules.body, *rules.table):
        if _fits(rule, answer.status, reading):
            return _by(rule, answer, rules)
    if answer.status == 429:
        return Verdict(state="rate_limited", reason="rate", hold_ms=_retry_after(answer.headers))
    if answer.status >= 500 or reading.html:
        maintenance = "점검" in reading.text
        return (
            Verdict(state="maintenance", reason="announced") if maintenance else Verdict(state="down", reason="server")
        )
    return Verdict(state="degraded", reason="content" if good else "status")


def _succeeds(reading: Reading, rules: ProviderRules) -> bool:
    test = rules.success
    if (test.json and not reading.json) or (test.xml and not reading.xml):
        return False
    return not test.code or (reading.code or "") in test.code


def _fits(rule: Rule, status: int, reading: Reading) -> bool:
    return (
        (not rule.status or status in rule.status)
        and (rule.html is None or rule.html == reading.html)
        and (not rule.code or any(_is(reading.code or "", wanted) for wanted in rule.code))
        and (not rule.text or re.search(rule.text, reading.text) is not None)
    )


def _is(code: str, wanted: str) -> bool:
    return code.startswith(wanted[:-1]) if wanted.endswith("*") else code == wanted


def _by(rule: Rule, answer: Answer, rules: ProviderRules) -> Verdict:
    hold = None
    if rule.hold == "quota":
        hold = _quota_hold(rules.quota, answer.headers)
    elif rule.state == "rate_limited":
        hold = _retry_after(answer.headers)
    return Verdict(state=rule.state, reason=rule.reason, renew=rule.renew, hold_ms=hold)


# -- being left alone ------------------------------------------------------------------------------------------------


def _quota_hold(quota: Quota | None, headers: Mapping[str, str]) -> int:
    """Until the next period for certain, and longer where one call a period would be most of what the seller has."""
    period = _period(headers.get(quota.period, "")) if quota else None
    period = period or _PERIODS["HOUR"]
    limit = _whole(headers.get(quota.limit, "")) if quota else None
    if quota is None or not limit:
        return period
    return min(max(period, round(period / (limit * quota.share))), _LONGEST_HOLD)


def _spared(quota: Quota | None, headers: Mapping[str, str]) -> int | None:
    """After a good answer: the pause that keeps probes within their share of a small quota; None where it is large."""
    if quota is None:
        return None
    period = _period(headers.get(quota.period, ""))
    limit, left = _whole(headers.get(quota.limit, "")), _whole(headers.get(quota.remaining, ""))
    if period is None:
        return _PERIODS["HOUR"] if left == 0 else None
    if limit:
        return min(round(period / (limit * quota.share)), _LONGEST_HOLD)
    return period if left == 0 else None


def _period(text: str) -> int | None:
    return _PERIODS.get(text.strip().upper().removesuffix("S"))


def _whole(text: str) -> int | None:
    return int(text) if text.strip().isdigit() else None


def _retry_after(headers: Mapping[str, str]) -> int | None:
    seconds = _whole(headers.get("retry-after", ""))
    return None if seconds is None else min(seconds * 1000, _LONGEST_HOLD)


# -- bodies ----------------------------------------------------------------------------------------------------------


def _decoded(body: bytes, content_type: str) -> str:
    korean = b"euc-kr" in body[:200].lower() or "euc-kr" in content_type
    for encoding in ("euc-kr", "cp949", "utf-8") if korean else ("utf-8", "euc-kr", "cp949"):
        try:
            return body.decode(encoding)
        except UnicodeDecodeError:
            continue
    return body.decode("cp949" if korean else "utf-8", "replace")


def _read_json(text: str, *, cut: bool) -> Reading:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return Reading(text=text, json=cut, code=_first(_JSON_CODE, text) if cut else None)
    code = found.get("code") if isinstance(found, dict) else None
    return Reading(text=text, json=True, code=None if code is None else str(code))


def _read_xml(text: str, *, cut: bool) -> Reading:
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import ParseError, fromstring

    # decoded already, so no encoding may be declared; prefixes are not always bound to a namespace
    plain = _PREFIX.sub(r"<\1", _DECLARATION.sub("", text))
    try:
        root = fromstring(plain)
    except (ParseError, DefusedXmlException, ValueError):
        return Reading(text=text, xml=cut, code=_first(_XML_CODE, plain) if cut else None)
    return Reading(text=text, xml=True, code=_code_in(root))


def _code_in(root: Any) -> str | None:
    """The text of the first element that holds the answer's code."""
    for element in root.iter():
        if element.tag.lower() in _CODES:
            return str(element.text or "").strip()
    return None


def _first(pattern: re.Pattern[str], text: str) -> str | None:
    found = pattern.search(text)
    return found[1] if found else None
