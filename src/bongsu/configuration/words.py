"""The desk's sentences, in Korean and English."""

from __future__ import annotations

from bongsu.settings_ports import Language

EN: dict[str, str] = {
    "backtest": "{rule}: would have fired {after} times in the last {days} days, before {before}",
    "backtest_new": "{rule}: would have fired {after} times in the last {days} days",
    "backtest_off": "{rule}: is not watched any more; it fired {before} times in the last {days} days",
    "backtest_none": "{rule}: there are no readings of the last {days} days to try it on",
    "overridden": "{rule}: was changed on the alerts page, and that stands over this value",
    "retention_shorter": "{tier} older than {after} are deleted within minutes: the oldest is {oldest} old",
    "retention_nothing": "{tier} are kept for {after}; the oldest is {oldest} old, so nothing is deleted now",
    "retention_longer": "{tier} are kept for {after} instead of {before}: the disk needs more room in time",
    "retention_fresh": "{tier} are kept for {after}; none are that old",
    "raw": "samples",
    "minute": "roll-ups by minute",
    "hour": "roll-ups by hour",
    "samples": "about {after} samples a day of this machine, before {before}",
    "series": "at most {after} series are kept, now there are {before}",
    "from_file": "It stands in {place}: correct it there; what ran before goes on meanwhile",
    "from_screen": "It was set on a screen and is left out: set it anew, or take it back",
    "from_place": "It comes from {place}",
    "stale": "the settings were changed meanwhile: version {newest} by {by}, yours began from {asked}",
    "stale_hint": "read the settings again and make the change on top of them",
    "no_version": "there is no version {number}",
    "not_applied": "could not be put in force: {reason}",
    "same": "nothing differs from what is set",
}

KO: dict[str, str] = {
    "backtest": "{rule}: 최근 {days}일이었다면 {after}회 발생(현재 설정으로는 {before}회)",
    "backtest_new": "{rule}: 최근 {days}일이었다면 {after}회 발생",
    "backtest_off": "{rule}: 더 이상 감시하지 않습니다. 최근 {days}일에는 {before}회 발생",
    "backtest_none": "{rule}: 최근 {days}일의 측정값이 없어 미리 계산할 수 없습니다",
    "overridden": "{rule}: 알림 화면에서 바꾼 규칙이 있어 이 값보다 우선합니다",
    "retention_shorter": "{after}보다 오래된 {tier}를 몇 분 안에 삭제합니다. 가장 오래된 것은 {oldest} 전 데이터",
    "retention_nothing": "{tier}를 {after} 동안 보관합니다. 가장 오래된 것이 {oldest} 전이라 삭제되는 것은 없음",
    "retention_longer": "{tier}를 {before} 대신 {after} 동안 보관합니다. 시간이 지나면서 디스크를 더 사용",
    "retention_fresh": "{tier}를 {after} 동안 보관합니다. 그만큼 오래된 것은 아직 없음",
    "raw": "원본 샘플",
    "minute": "1분 집계",
    "hour": "1시간 집계",
    "samples": "이 장비의 하루 샘플 약 {after}개(현재 {before}개)",
    "series": "시계열을 최대 {after}개까지 유지(현재 {before}개)",
    "from_file": "{place} 에 있는 값입니다. 파일에서 고치세요. 그때까지 이전 설정으로 동작합니다",
    "from_screen": "화면에서 바꾼 값이라 적용하지 않았습니다. 다시 설정하거나 되돌리세요",
    "from_place": "{place} 에서 온 값입니다",
    "stale": "그 사이 설정이 바뀌었습니다. {by} 님이 저장한 것이 버전 {newest}, 요청은 버전 {asked} 기준",
    "stale_hint": "설정을 다시 읽고 그 위에서 바꾸세요",
    "no_version": "{number}번 버전이 없습니다",
    "not_applied": "적용하지 못했습니다: {reason}",
    "same": "지금 설정과 다른 값이 없습니다",
}

_CATALOGUES: dict[Language, dict[str, str]] = {"ko": KO, "en": EN}


def say(code: str, language: Language, **facts: object) -> str:
    """The sentence with its facts filled in."""
    return _CATALOGUES[language][code].format(**facts)
