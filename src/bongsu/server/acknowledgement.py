"""`/ack/{token}`: the page behind the link in a message. Looking changes nothing (scanners look); the button acts."""

from __future__ import annotations

import base64
import hashlib
from typing import Literal

from starlette.requests import Request
from starlette.responses import Response

from bongsu.alert_ports import Alerts, Links
from bongsu.model.alert import Alert
from bongsu.model.errors import BongsuError
from bongsu.server.endpoint import Part

Language = Literal["ko", "en"]

STYLE = (
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:3rem auto;padding:0 1rem}"
    "body{color:#1b1f24;background:#fff}"
    "li{margin:.5rem 0;overflow-wrap:anywhere}small{color:#57606a}"
    "button{font:inherit;padding:.75rem 1.5rem;border:0;border-radius:.5rem;background:#0b57d0;color:#fff}"
    "button:focus-visible{outline:3px solid #1b1f24;outline-offset:2px}"
    "@media(prefers-color-scheme:dark){body{color:#e6edf3;background:#0d1117}small{color:#9da7b1}}"
)
POLICY = "; ".join(
    (
        "default-src 'none'",
        f"style-src 'sha256-{base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
WORDS: dict[Language, dict[str, str]] = {
    "ko": {
        "title": "알림 확인",
        "button": "확인했습니다",
        "hint": "누르면 담당자가 확인한 것으로 기록되고 반복 알림이 멈춥니다.",
        "done": "확인 처리했습니다. 해제되면 다시 알려 드립니다.",
        "over": "확인할 알림이 없습니다. 이미 해제되었거나 누군가 확인했습니다.",
        "gone": "링크의 유효 시간이 지났습니다. 보드에서 확인해 주세요.",
        "unknown": "알 수 없는 링크입니다. 메시지에 있는 링크를 다시 열어 주세요.",
        "trouble": "지금은 처리할 수 없습니다. 잠시 뒤 다시 시도해 주세요.",
        "firing": "발생 중",
        "acknowledged": "확인함",
        "resolved": "해제됨",
        "pending": "대기",
        "more": "외 {count}건",
    },
    "en": {
        "title": "Acknowledge alert",
        "button": "I have it in hand",
        "hint": "Pressing records that somebody has it in hand, and stops its repeats.",
        "done": "Acknowledged. You will hear when it is over.",
        "over": "There is nothing to acknowledge: it is over, or somebody has it in hand already.",
        "gone": "This link's time is over. Acknowledge on the board, please.",
        "unknown": "This link is none of ours. Open the one in the message, please.",
        "trouble": "It can't be done just now. Try again in a moment, please.",
        "firing": "firing",
        "acknowledged": "acknowledged",
        "resolved": "over",
        "pending": "pending",
        "more": "and {count} more",
    },
}
_LISTED = 20
_LONGEST = 500


class AcknowledgePage:
    """Handlers of the page. `language` is what a browser gets that asks for neither Korean nor English."""

    def __init__(self, *, alerts: Alerts, links: Links, language: Language) -> None:
        self._alerts = alerts
        self._links = links
        self._language: Language = language

    def table(self) -> Part:
        """Method, path and handler of each."""
        return (("GET", "/ack/{token}", self.look), ("POST", "/ack/{token}", self.press))

    async def look(self, request: Request) -> Response:
        """What would be acknowledged, and the button."""
        language = spoken_in(request, self._language)
        try:
            alerts = await self._alerts.told_by(self._links.notice_of(request.path_params["token"]))
        except BongsuError as error:
            return _trouble(error, language)
        words = WORDS[language]
        if any(alert.phase == "firing" for alert in alerts):
            form = f'<form method="post"><button>{words["button"]}</button></form><p><small>{words["hint"]}</small></p>'
            return _page(language, _list(alerts, language) + form)
        known = any(alert.phase == "acknowledged" for alert in alerts)
        return _page(language, f"{_list(alerts, language)}<p>{words['done' if known else 'over']}</p>")

    async def press(self, request: Request) -> Response:
        """Acknowledge, then show how it stands."""
        language = spoken_in(request, self._language)
        token = request.path_params["token"]
        try:
            await self._alerts.acknowledge_notice(self._links.notice_of(token), by="link")
        except BongsuError as error:
            return _trouble(error, language)
        # Relative, so that it holds behind a proxy that adds a path; a reload then asks nothing again.
        return Response(status_code=303, headers={"location": token, "cache-control": "no-store"})


def spoken_in(request: Request, otherwise: Language) -> Language:
    """The first of Korean and English that the browser asks for."""
    for part in request.headers.get("accept-language", "").lower().split(","):
        tag = part.partition(";")[0].strip()
        if tag.startswith("ko"):
            return "ko"
        if tag.startswith("en"):
            return "en"
    return otherwise


def _list(alerts: list[Alert], language: Language) -> str:
    from html import escape  # its table of entities (0.5 MiB) is for whoever shows a page

    words = WORDS[language]
    items = "".join(
        f"<li><strong>{alert.severity}</strong> · {words[alert.phase]}<br>"
        f"{escape(alert.said(language)[:_LONGEST])}</li>"
        for alert in alerts[:_LISTED]
    )
    more = len(alerts) - _LISTED
    return f"<ul>{items}</ul>" + (f"<p>{words['more'].replace('{count}', str(more))}</p>" if more > 0 else "")


def _trouble(error: BongsuError, language: Language) -> Response:
    word = {404: "unknown", 410: "gone"}.get(error.status, "trouble")
    return _page(language, f"<p>{WORDS[language][word]}</p>", status=error.status)


def _page(language: Language, content: str, *, status: int = 200) -> Response:
    title = WORDS[language]["title"]
    text = (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex">'
        f"<title>{title} · Bongsu</title><style>{STYLE}</style></head>"
        f"<body><main><h1>{title}</h1>{content}</main></body></html>"
    )
    headers = {"cache-control": "no-store", "content-security-policy": POLICY}
    return Response(text, status_code=status, headers=headers, media_type="text/html; charset=utf-8")
