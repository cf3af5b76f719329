"""Each answer of the reference's tables means what the reference says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from bongsu.collect.checks.exchange import Answer
from bongsu.collect.marketplaces.classify import Verdict, classify, read
from bongsu.collect.marketplaces.rules import NAMES, Name, RulesError, rules_of

HOUR = 3_600_000


def judged(
    name: Name,
    status: int | None,
    body: str | bytes = b"",
    *,
    in_window: bool = False,
    response_ms: float = 100.0,
    slow_ms: float = 3_000.0,
    failure: str = "",
    cut: bool = False,
    headers: Mapping[str, str] | None = None,
    **more: str,
) -> Verdict:
    """The verdict on an answer as it comes over the wire."""
    answer = Answer(
        status=status,
        headers={key.replace("_", "-"): value for key, value in {**(headers or {}), **more}.items()},
        body=body if isinstance(body, bytes) else body.encode(),
        response_ms=response_ms,
        failure=failure,
        cut=cut,
    )
    return classify(answer, read(answer), rules_of(name), in_window=in_window, slow_ms=slow_ms)


def gateway(code: str) -> str:
    """Naver's gateway speaking."""
    return json.dumps({"code": code, "message": "…", "traceId": "t"})


def orders(code: str, text: str = "", tag: str = "ns2:result_code") -> bytes:
    """11st's XML as it is sent, in EUC-KR."""
    return (
        f'<?xml version="1.0" encoding="EUC-KR"?><ns2:orders><{tag}>{code}</{tag}>'
        f"<ns2:result_text>{text}</ns2:result_text></ns2:orders>"
    ).encode("euc-kr")


DENIED = "<HTML><HEAD><TITLE>Access Denied</TITLE></HEAD><BODY>…Reference #18.2f</BODY></HTML>"
CLIENT_ERROR = '{"code":"ERROR","message":"%s","transactionId":"x"}'


@pytest.mark.parametrize(
    ("name", "status", "body", "state", "reason"),
    [
        ("coupang", 200, '{"code":"SUCCESS","data":{}}', "up", ""),
        ("coupang", 401, CLIENT_ERROR % "Specified signature is expired.", "auth_failed", "clock"),
        ("coupang", 401, CLIENT_ERROR % "Invalid signature.", "auth_failed", "signature"),
        ("coupang", 401, CLIENT_ERROR % "HMAC format is invalid.", "auth_failed", "signature"),
        ("coupang", 401, CLIENT_ERROR % "Request is not authorized.", "auth_failed", "permission"),
        ("coupang", 403, CLIENT_ERROR % "Not allowed IP.", "auth_failed", "ip"),
        ("coupang", 403, DENIED, "rate_limited", "edge_block"),
        ("coupang", 429, "", "rate_limited", "rate"),
        ("coupang", 200, CLIENT_ERROR % "일시적 오류", "degraded", "content"),
        ("coupang", 200, "<html>오늘은 점검 중</html>", "maintenance", "announced"),
        ("coupang", 200, "<html>welcome</html>", "down", "server"),
        ("coupang", 500, "", "down", "server"),
        ("coupang", 503, "서비스 점검중", "maintenance", "announced"),
        ("coupang", 302, "", "degraded", "status"),
        ("naver", 200, '[{"channelNo":1}]', "up", ""),
        ("naver", 401, gateway("GW.AUTHN"), "auth_failed", "token"),
        ("naver", 400, gateway("BAD_REQUEST") + "client_secret_sign", "auth_failed", "signature"),
        ("naver", 403, gateway("GW.IP_NOT_ALLOWED"), "auth_failed", "ip"),
        ("naver", 403, gateway("GW.AUTHZ"), "auth_failed", "permission"),
        ("naver", 404, gateway("GW.NOT_FOUND"), "config_error", "path"),
        ("naver", 429, gateway("GW.RATE_LIMIT"), "rate_limited", "rate"),
        ("naver", 429, gateway("GW.QUOTA_LIMIT"), "rate_limited", "quota"),
        ("naver", 502, gateway("GW.PROXY"), "down", "gateway"),
        ("naver", 502, gateway("GW.PROXY_ERROR"), "down", "gateway"),
        ("naver", 403, gateway("GW.BLOCK"), "down", "gateway"),
        ("naver", 504, gateway("GW.TIMEOUT.01"), "down", "gateway"),
        ("naver", 500, gateway("GW.INTERNAL_SERVER_ERROR"), "down", "gateway"),
        ("naver", 200, "not json", "degraded", "content"),
        ("11st", 200, orders("0"), "up", ""),
        ("11st", 200, orders("0", tag="result_code"), "up", ""),
        ("11st", 200, "<ns2:orders><ns2:order><ordNo>1</ordNo></ns2:order></ns2:orders>", "up", ""),
        ("11st", 500, orders("-500", "[IP]인증된 IP가 아닙니다", "resultCode"), "auth_failed", "ip"),
        ("11st", 500, orders("-997", "필수값"), "config_error", "parameter"),
        ("11st", 200, orders("-997", "필수값"), "config_error", "parameter"),
        ("11st", 200, orders("004", "traffic"), "rate_limited", "rate"),
        ("11st", 200, "<html><body>요청이 차단되었습니다</body></html>".encode("cp949"), "rate_limited", "edge_block"),
        ("11st", 200, "<!DOCTYPE html><html>시스템 점검</html>".encode("euc-kr"), "maintenance", "announced"),
        ("11st", 200, "<html>hello</html>", "down", "server"),
        ("11st", 500, "", "down", "server"),
        ("11st", 200, "", "degraded", "content"),
    ],
)
def test_the_reference_table(name: Name, status: int, body: str | bytes, state: str, reason: str) -> None:
    """Every answer of the tables, as bytes from the wire, gets its state and reason."""
    verdict = judged(name, status, body)
    assert (verdict.state, verdict.reason) == (state, reason)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("failure", ["dns", "connect", "tls", "timeout", "protocol"])
def test_no_answer_is_down(name: Name, failure: str) -> None:
    """What can't be reached is down, and says in which part."""
    verdict = judged(name, None, failure=failure)
    assert (verdict.state, verdict.reason) == ("down", failure)


def test_a_declared_window_covers_failures_only() -> None:
    """In declared maintenance a failure is maintenance; an answer is up, and a limit is still a limit."""
    assert judged("naver", 500, gateway("GW.INTERNAL_SERVER_ERROR"), in_window=True).state == "maintenance"
    assert judged("naver", None, failure="timeout", in_window=True).reason == "declared"
    assert judged("naver", 200, "[]", in_window=True).state == "up"
    assert judged("naver", 200, "[]", in_window=True, response_ms=5_000).state == "degraded"
    assert judged("naver", 429, gateway("GW.RATE_LIMIT"), in_window=True).state == "rate_limited"


def test_slow_is_degraded() -> None:
    """A right answer that took longer than it may is degraded."""
    assert judged("coupang", 200, '{"code":"SUCCESS"}', response_ms=3_001).state == "degraded"
    assert judged("coupang", 200, '{"code":"SUCCESS"}', response_ms=3_000).state == "up"


@pytest.mark.parametrize(
    ("limit", "period", "hold"),
    [
        ("1", "HOURS", 10 * HOUR),
        ("100", "HOURS", HOUR),
        ("1", "DAYS", 24 * HOUR),
        ("", "", HOUR),
        ("1", "EONS", 10 * HOUR),
    ],
)
def test_a_used_up_quota_is_left_alone(limit: str, period: str, hold: int) -> None:
    """No probe until the next period, and much longer where a probe would be the seller's only call."""
    verdict = judged("naver", 429, gateway("GW.QUOTA_LIMIT"), gncp_gw_quota_limit=limit, gncp_gw_quota_period=period)
    assert verdict.hold_ms == hold


def test_probes_keep_to_their_share_of_a_small_quota() -> None:
    """A good answer that tells of one call an hour makes the next probe wait for ten hours; a large quota for none."""
    small = {"gncp_gw_quota_limit": "1", "gncp_gw_quota_period": "HOURS", "gncp_gw_quota_remaining": "0"}
    assert judged("naver", 200, "[]", headers=small).hold_ms == 10 * HOUR
    assert judged("naver", 200, "[]", gncp_gw_quota_remaining="0").hold_ms == HOUR
    assert judged("naver", 200, "[]", gncp_gw_quota_remaining="99999").hold_ms is None


def test_retry_after_is_kept() -> None:
    """Whoever says for how long gets that long, a day at most."""
    assert judged("coupang", 429, retry_after="120").hold_ms == 120_000
    assert judged("coupang", 429, retry_after="9999999").hold_ms == 24 * HOUR
    assert judged("coupang", 429, retry_after="soon").hold_ms is None


def test_a_long_body_is_judged_by_what_was_read_of_it() -> None:
    """A body cut at our bound still gives its code."""
    assert judged("coupang", 200, '{"code":"SUCCESS","data":[{"a":', cut=True).state == "up"
    assert judged("coupang", 200, '{"code":"SUCCESS","data":[{"a":', cut=False).state == "degraded"
    assert judged("11st", 200, orders("0")[:-20], cut=True).state == "up"


def test_an_xml_bomb_is_no_answer() -> None:
    """Entities aren't expanded."""
    bomb = '<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "x">]><orders><result_code>&a;0</result_code></orders>'
    assert judged("11st", 200, bomb).state == "degraded"


@pytest.mark.parametrize("corrections", [{"base": "x"}, {"body": [{"state": "odd", "reason": ""}]}, {"path": 3}])
def test_a_wrong_correction_is_told(corrections: dict[str, Any]) -> None:
    """Rules are data an operator may correct; what doesn't fit is named with its setting."""
    with pytest.raises(RulesError, match=r"marketplaces\.naver\.rules: "):
        rules_of("naver", corrections)


def test_a_correction_replaces_its_key() -> None:
    """What an operator corrects holds, the rest stays."""
    rules = rules_of("naver", {"slow_ms": 500, "body": [{"code": ["GW.NEW"], "state": "maintenance", "reason": "new"}]})
    assert rules.slow_ms == 500
    assert rules.body[0].code == ("GW.NEW",)
    assert rules.path == rules_of("naver").path
