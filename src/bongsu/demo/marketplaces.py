"""Stand-ins of the three marketplaces' APIs: they check keys and signatures and answer as the real ones do.

For the demo and for tests; nothing here is asked by a Bongsu that watches the real thing. `fault` names what a stand-in
shall do wrong: one of `FAULTS`, or "" for nothing.
"""

from __future__ import annotations

import base64
import json
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal, TypeAlias
from urllib.parse import parse_qs

from bongsu.collect.marketplaces.credentials import coupang_signature, naver_signature
from bongsu.ports import Clock

Market: TypeAlias = Literal["coupang", "naver", "11st"]
MARKETS: tuple[Market, ...] = ("coupang", "naver", "11st")
Headers: TypeAlias = Mapping[str, str]

ACCESS_KEY = "demo-access-key"
SECRET_KEY = "demo-secret-key"  # noqa: S105 (opens nothing but the stand-in)  # nosec B105
CLIENT_ID = "demo-client-id"
CLIENT_SECRET = "$2a$04$abcdefghijklmnopqrstuu"  # noqa: S105 (opens nothing but the stand-in)  # nosec B105
API_KEY = "demo-openapi-key"
VENDOR = "A00000000"

_SIGNATURE_LIFE_MS = 300_000
_CATEGORIES = "/v2/providers/seller_api/apis/api/v1/marketplace/meta/display-categories/0"
_ORDERS = re.compile(r"/rest/ordservices/complete/\d{12}/\d{12}")
_CEA = re.compile(r"CEA algorithm=HmacSHA256, access-key=(.+), signed-date=(\d{6}T\d{6}Z), signature=([0-9a-f]{64})")
_TOKEN_LIFE = 10_800
_RENEWABLE = 1_800


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request as it reached a stand-in; header names in small letters."""

    method: str
    path: str
    query: str = ""
    headers: Headers = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What a stand-in answers, `after` seconds; without a status it hangs up."""

    status: int | None = 200
    body: bytes = b""
    content_type: str = "application/json;charset=UTF-8"
    headers: Headers = field(default_factory=dict)
    after: float = 0.0


def _json(status: int, document: object, **headers: str) -> Given:
    text = json.dumps(document, ensure_ascii=False).encode()
    return Given(status=status, body=text, headers={name.replace("_", "-"): value for name, value in headers.items()})


def _page(status: int, title: str, text: str, encoding: str = "utf-8") -> Given:
    page = f"<HTML><HEAD>\n<TITLE>{title}</TITLE>\n</HEAD><BODY>\n<H1>{title}</H1>\n{text}\n</BODY></HTML>"
    return Given(status=status, body=page.encode(encoding), content_type=f"text/html; charset={encoding}")


def _xml(status: int, code: str, text: str) -> Given:
    document = (
        '<?xml version="1.0" encoding="EUC-KR" standalone="yes"?>\n'
        '<ns2:orders xmlns:ns2="http://skt.tmall.business.openapi.spring.service.client.domain/">'
        f"<ns2:result_code>{code}</ns2:result_code><ns2:result_text>{text}</ns2:result_text></ns2:orders>"
    )
    return Given(status=status, body=document.encode("euc-kr"), content_type="text/xml;charset=EUC-KR")


def _gateway(status: int, code: str, message: str, **headers: str) -> Given:
    trace = "00000000-demo"
    document = {"code": code, "message": message, "timestamp": "2026-11-26T09:00:00.000+09:00", "traceId": trace}
    return _json(status, document, GNCP_GW_Trace_ID=trace, **headers)


_OUTAGES: Mapping[str, Given] = {
    "silent": Given(status=None),
    "hanging": Given(status=None, after=3_600.0),
    "server_error": _page(503, "503 Service Unavailable", "No server is available to handle this request."),
}
_COUPANG: Mapping[str, Given] = {
    **_OUTAGES,
    "rate": _json(429, {"code": "ERROR", "message": "Too many requests."}),
    "edge_block": _page(
        403,
        "Access Denied",
        'You don\'t have permission to access "http&#58;&#47;&#47;api-gateway" on this server.<P>\n'
        "Reference&#32;&#35;18&#46;demo",
    ),
    "ip": _json(403, {"code": "ERROR", "message": "Not allowed IP. Your ip address is 203.0.113.7"}),
    "expired": _json(401, {"code": "ERROR", "message": "Specified signature is expired.", "transactionId": "demo"}),
    "wrong_content": _json(200, {"code": "ERROR", "message": "일시적인 오류가 발생했습니다."}),
    "maintenance": _page(503, "서비스 점검 안내", "더 나은 서비스를 위해 점검 중입니다."),
}
_NAVER: Mapping[str, Given] = {
    **_OUTAGES,
    "rate": _gateway(429, "GW.RATE_LIMIT", "요청이 많아 서비스를 일시적으로 사용할 수 없습니다."),
    "quota": _gateway(
        429,
        "GW.QUOTA_LIMIT",
        "API 호출 한도를 초과했습니다.",
        gncp_gw_quota_limit="1",
        gncp_gw_quota_period="HOURS",
        gncp_gw_quota_remaining="0",
    ),
    "ip": _gateway(403, "GW.IP_NOT_ALLOWED", "호출이 허용되지 않은 IP입니다."),
    "permission": _gateway(403, "GW.AUTHZ", "권한이 없습니다."),
    "gateway": _gateway(500, "GW.INTERNAL_SERVER_ERROR", "시스템 오류가 발생했습니다."),
    "proxy": _gateway(502, "GW.PROXY", "서비스에 연결할 수 없습니다."),
    "timeout": _gateway(504, "GW.TIMEOUT.01", "응답 시간이 초과되었습니다."),
    "maintenance": _page(503, "점검 안내", "네이버 커머스API센터 점검 중입니다."),
}
_ELEVEN: Mapping[str, Given] = {
    **_OUTAGES,
    "rate": _xml(200, "004", "트래픽을 초과하였습니다."),
    "ip": _xml(500, "-500", "[IP]인증된 IP가 아닙니다. 203.0.113.7"),
    "parameter": _xml(500, "-997", "필수 파라미터가 없습니다."),
    "maintenance": _page(200, "11번가 시스템 점검", "시스템 점검 중입니다.", "euc-kr"),
    "blocked": _page(200, "Web firewall", "요청이 차단되었습니다.", "euc-kr"),
}
FAULTS: Mapping[Market, Mapping[str, Given]] = {"coupang": _COUPANG, "naver": _NAVER, "11st": _ELEVEN}


class StandIns:
    """The three stand-ins; `fault` is asked at every request what goes wrong just now."""

    def __init__(self, *, clock: Clock, fault: Callable[[Market, int], str] = lambda *_: "") -> None:
        self._clock = clock
        self._fault = fault
        self._bearer = ""
        self._bearer_ends = 0
        self.asked: dict[str, int] = {}
        """How often each was asked, tokens apart (`naver token`)."""

    def answer(self, market: Market, asked: Asked) -> Given:
        """What this one answers."""
        now = self._clock.now()
        token = market == "naver" and asked.path.endswith("/v1/oauth2/token")
        name = f"{market} token" if token else market
        self.asked[name] = self.asked.get(name, 0) + 1
        fault = FAULTS[market].get(self._fault(market, now))
        if fault is not None and not token:
            return fault
        if market == "coupang":
            return self._coupang(asked, now)
        if market == "naver":
            return self._naver_token(asked, now) if token else self._naver(asked, now)
        return self._eleven(asked)

    def _coupang(self, asked: Asked, now: int) -> Given:
        match = _CEA.fullmatch(asked.headers.get("authorization", ""))
        if match is None:
            return _json(401, {"code": "ERROR", "message": "HMAC format is invalid."})
        access_key, date, signature = match.groups()
        signed = datetime.strptime(date, "%y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp() * 1000
        if access_key != ACCESS_KEY:
            return _json(401, {"code": "ERROR", "message": "Request is not authorized."})
        if signature != coupang_signature(SECRET_KEY, date + asked.method + asked.path + asked.query):
            return _json(401, {"code": "ERROR", "message": "Invalid signature."})
        if abs(now - signed) > _SIGNATURE_LIFE_MS:
            return FAULTS["coupang"]["expired"]
        if asked.path != _CATEGORIES:
            return _json(404, {"code": "ERROR", "message": "Not found."})
        data = {"displayItemCategoryCode": 0, "name": "ROOT", "status": "ACTIVE", "child": []}
        return _json(200, {"code": "SUCCESS", "message": "", "data": data})

    def _naver_token(self, asked: Asked, now: int) -> Given:
        if asked.query:
            return FAULTS["naver"]["quota"]
        form = {name: values[0] for name, values in parse_qs(asked.body.decode("latin-1")).items()}
        sign = form.get("client_secret_sign", "")
        timestamp = form.get("timestamp", "")
        if form.get("client_id") != CLIENT_ID or form.get("type") != "SELF" or not timestamp.isdigit():
            return _gateway(400, "BAD_REQUEST", "client_id 항목이 유효하지 않습니다.")
        wanted = naver_signature(client_id=CLIENT_ID, client_secret=CLIENT_SECRET, timestamp=int(timestamp))
        if sign != wanted or abs(now - int(timestamp)) > _SIGNATURE_LIFE_MS:
            return _gateway(400, "BAD_REQUEST", "client_secret_sign 항목이 유효하지 않습니다.")
        if self._bearer_ends - now < _RENEWABLE * 1000:
            self._bearer = base64.urlsafe_b64encode(secrets.token_bytes(18)).decode()
            self._bearer_ends = now + _TOKEN_LIFE * 1000
        left = (self._bearer_ends - now) // 1000
        return _json(200, {"access_token": self._bearer, "expires_in": left, "token_type": "Bearer"})  # nosec B105

    def _naver(self, asked: Asked, now: int) -> Given:
        if not asked.path.startswith("/external"):
            return _gateway(404, "GW.NOT_FOUND", "요청하신 API를 찾을 수 없습니다.")
        if (
            asked.headers.get("authorization") != f"Bearer {self._bearer}"
            or now >= self._bearer_ends
            or not self._bearer
        ):
            return _gateway(401, "GW.AUTHN", "요청을 보낼 권한이 없습니다.")
        channels = [{"channelNo": 1, "channelType": "STOREFARM", "name": "봉수 상점(모의)"}]
        return _json(200, channels, GNCP_GW_RateLimit_Remaining="9", GNCP_GW_Quota_Remaining="99999")

    def forget_token(self) -> None:
        """Let the token that is out end before its time."""
        self._bearer = ""

    def _eleven(self, asked: Asked) -> Given:
        if asked.headers.get("openapikey") != API_KEY:
            return _xml(500, "-500", "인증키가 유효하지 않습니다.")
        if not _ORDERS.fullmatch(asked.path):
            return FAULTS["11st"]["parameter"]
        return _xml(200, "0", "조회된 결과가 없습니다.")


_CYCLE = 1_800
"""Seconds after which the demo's outages come again."""
_OUTAGE_PLAN: tuple[tuple[int, int, Market, str], ...] = (
    (240, 480, "11st", "server_error"),
    (720, 900, "coupang", "edge_block"),
    (1_020, 1_140, "naver", "gateway"),
    (1_380, 1_560, "11st", "maintenance"),
)
"""From and to (seconds within the cycle), who, and what."""


def planned(market: Market, at: int) -> str:
    """What goes wrong in the demo at that instant (UTC ms)."""
    moment = at // 1000 % _CYCLE
    return next((fault for start, end, who, fault in _OUTAGE_PLAN if who == market and start <= moment < end), "")
