"""What the rules of the guide's thresholds are called.

Their names are Bongsu's own words: everybody reads them in the language of the screen, whichever the server speaks.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

Language: TypeAlias = Literal["ko", "en"]

THRESHOLD_NAMES: Mapping[str, Mapping[Language, str]] = {
    "cpu_threshold_percent": {"ko": "CPU 사용률", "en": "CPU use"},
    "memory_threshold_percent": {"ko": "메모리 사용률", "en": "Memory use"},
    "disk_threshold_percent": {"ko": "디스크 사용률", "en": "Disk use"},
    "latency_threshold_ms": {"ko": "서비스 응답 시간(95백분위)", "en": "Latency of services (95th percentile)"},
    "error_rate_threshold_percent": {"ko": "서비스 에러율", "en": "Error rate of services"},
    "data_coverage_threshold_percent": {"ko": "데이터 커버리지", "en": "Coverage of feeds"},
    "data_delay_threshold_seconds": {"ko": "데이터 지연", "en": "Delay of feeds"},
}
"""By the key in the settings."""

_BY_NAME = {name: names for names in THRESHOLD_NAMES.values() for name in names.values()}


def names_of(name: str) -> Mapping[Language, str]:
    """The name of one of these rules in each language, whichever it is given in; nothing for any other."""
    return _BY_NAME.get(name, {})


def name_in(name: str, language: Language) -> str:
    """The name of one of these rules in the language; any other name as it is."""
    return names_of(name).get(language, name)
