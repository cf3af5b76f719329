"""What own checks expect of an answer."""

from __future__ import annotations

import pytest

from bongsu.collect.checks.exchange import Answer, shown
from bongsu.collect.checks.expect import DAY, Expected, judge, quick_and_valid

BODY = b'{"db": {"status": "ok", "lag": 0}, "parts": [{"name": "web", "up": true}]}'


@pytest.mark.parametrize(
    ("status", "expected", "state", "reason"),
    [
        (200, Expected(), "up", ""),
        (204, Expected(), "up", ""),
        (301, Expected(), "down", "status"),
        (301, Expected(status=(301,)), "up", ""),
        (200, Expected(status=(301,)), "down", "status"),
        (404, Expected(), "down", "status"),
        (500, Expected(), "down", "server"),
        (429, Expected(), "rate_limited", "rate"),
        (401, Expected(), "auth_failed", "permission"),
        (401, Expected(status=(401,)), "up", ""),
        (200, Expected(text="web"), "up", ""),
        (200, Expected(text="worker"), "down", "text"),
        (200, Expected(json={"db.status": "ok", "db.lag": 0, "parts.0.up": True}), "up", ""),
        (200, Expected(json={"db.status": "bad"}), "down", "json"),
        (200, Expected(json={"parts.0.up": 1}), "down", "json"),
        (200, Expected(json={"db.lag": False}), "down", "json"),
        (200, Expected(json={"parts.7.up": True}), "down", "json"),
        (200, Expected(json={"db.status.deeper": "ok"}), "down", "json"),
        (None, Expected(), "down", "tls"),
    ],
)
def test_what_is_expected(status: int | None, expected: Expected, state: str, reason: str) -> None:
    """Status, text and JSON, each by itself."""
    found = judge(Answer(status=status, body=BODY, failure="" if status else "tls"), expected)
    assert found[:2] == (state, reason)


def test_a_body_that_is_no_json() -> None:
    """Where JSON is expected, anything else is down, and nothing of it is told."""
    state, reason, detail = judge(Answer(status=200, body=b"<html>secret"), Expected(json={"a": 1}))
    assert (state, reason) == ("down", "json")
    assert "secret" not in detail


@pytest.mark.parametrize(
    ("days", "took", "state", "reason"),
    [
        (3.0, 1.0, "degraded", "certificate"),
        (3.1, 1.0, "up", ""),
        (-1.0, 1.0, "degraded", "certificate"),
        (9.0, 9.0, "degraded", "slow"),
    ],
)
def test_a_right_answer_may_still_lack_something(days: float, took: float, state: str, reason: str) -> None:
    """A certificate with three days left and a slow answer are degraded."""
    assert quick_and_valid(took, round(days * DAY), slow_ms=5.0, now=0) == (state, reason)


@pytest.mark.parametrize(
    ("url", "seen"),
    [
        ("https://user:pw@shop.kr:8443/a/b?token=t#f", "https://shop.kr:8443/a/b"),
        ("redis://:pw@[::1]:6379/0", "redis://[::1]:6379/0"),
        ("postgresql://u:p@/db?host=/tmp", "postgresql:///db"),
    ],
)
def test_an_address_is_shown_without_secrets(url: str, seen: str) -> None:
    """Neither name, password, query nor fragment is shown."""
    assert shown(url) == seen
