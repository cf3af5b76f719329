"""The words of messages, in Korean and English, as an operator here would write them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

Language: TypeAlias = Literal["ko", "en"]

EN: dict[str, str] = {
    "fired": "",
    "resolved": "RESOLVED",
    "repeated": "still {severity}",
    "escalated": "{severity} · escalation, step {step}",
    "acknowledged": "ACKNOWLEDGED",
    "summary": "SUMMARY",
    "test": "TEST",
    "message": "",
    "several": "{count} alerts",
    "summary_title": "{count} alerts fired and were resolved while this channel could not be reached.",
    "summary_title_one": "An alert fired and was resolved while this channel could not be reached.",
    "test_title": "If you can read this, alerts reach this channel.",
    "message_label": "Message",
    "metric": "Metric",
    "value": "Value",
    "threshold": "Threshold",
    "labels": "Labels",
    "time": "Time",
    "fired_at": "Fired",
    "resolved_at": "Resolved",
    "lasted": "Lasted",
    "lasting": "For",
    "by": "By",
    "until": "Until",
    "note": "Note",
    "no_data": "State",
    "no_data_value": "no data",
    "flapping_value": "flapping",
    "link": "Acknowledge",
    "link_here": "Open the page and press the button",
    "button": "Acknowledge",
    "more": "… and {count} more",
    "sent_by": "Sent by Bongsu",
    "pressed": "Acknowledged. You are named as having it in hand.",
    "not_pressed": "This could not be acknowledged: {reason}",
    "not_yours": "This chat may not acknowledge alerts.",
    "days": "{n} d",
    "hours": "{n} h",
    "minutes": "{n} min",
    "seconds": "{n} s",
}

KO: dict[str, str] = {
    "fired": "",
    "resolved": "해제",
    "repeated": "{severity} 지속",
    "escalated": "{severity} · 에스컬레이션 {step}단계",
    "acknowledged": "담당자 확인",
    "summary": "요약",
    "test": "시험 발송",
    "message": "",
    "several": "알림 {count}건",
    "summary_title": "채널에 연결하지 못한 동안 발생했다가 해제된 알림이 {count}건 있습니다.",
    "summary_title_one": "채널에 연결하지 못한 동안 발생했다가 해제된 알림이 1건 있습니다.",
    "test_title": "이 메시지가 보이면 알림이 이 채널로 정상 도착합니다.",
    "message_label": "메시지",
    "metric": "메트릭",
    "value": "값",
    "threshold": "임계값",
    "labels": "라벨",
    "time": "시간",
    "fired_at": "발생",
    "resolved_at": "해제",
    "lasted": "지속 시간",
    "lasting": "경과",
    "by": "담당",
    "until": "기한",
    "note": "메모",
    "no_data": "상태",
    "no_data_value": "데이터 없음",
    "flapping_value": "반복 변동",
    "link": "확인",
    "link_here": "링크를 열고 버튼을 눌러 주세요",
    "button": "확인",
    "more": "… 외 {count}건",
    "sent_by": "봉수(Bongsu)에서 보냄",
    "pressed": "확인 처리했습니다. 담당자로 기록됩니다.",
    "not_pressed": "확인 처리하지 못했습니다: {reason}",
    "not_yours": "이 채팅에서는 알림을 확인할 수 없습니다.",
    "days": "{n}일",
    "hours": "{n}시간",
    "minutes": "{n}분",
    "seconds": "{n}초",
}

CATALOGUES: Mapping[Language, Mapping[str, str]] = {"ko": KO, "en": EN}


def say(code: str, language: Language, **facts: object) -> str:
    """The sentence with its facts filled in; facts may hold braces."""
    text = CATALOGUES[language][code]
    for name, fact in facts.items():
        text = text.replace(f"{{{name}}}", str(fact), 1)
    return text


def span(milliseconds: int, language: Language) -> str:
    """A length of time in its two largest units: `1시간 20분`."""
    left = max(0, milliseconds) // 1000
    parts = []
    for code, size in (("days", 86_400), ("hours", 3_600), ("minutes", 60), ("seconds", 1)):
        count, left = divmod(left, size)
        if count:
            parts.append(say(code, language, n=count))
    return " ".join(parts[:2]) or say("seconds", language, n=0)
