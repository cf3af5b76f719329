"""Sections that later parts of Bongsu read: their keys are fixed and checked from the start.

A file written today stays valid when those parts arrive, and a secret put here is masked already.
"""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

from pydantic import Field

from bongsu.settings.parts import Section, told

Items: TypeAlias = list[dict[str, Any]]
"""A list of objects whose keys the part that reads them will check."""

Percent: TypeAlias = Annotated[float, Field(ge=0, le=100)]


class Thresholds(Section):
    """The seven thresholds of the guide."""

    cpu_threshold_percent: Percent = told(80.0, en="CPU use, %.", ko="CPU 사용률(%).")
    memory_threshold_percent: Percent = told(85.0, en="Memory use, %.", ko="메모리 사용률(%).")
    disk_threshold_percent: Percent = told(90.0, en="Disk use, %.", ko="디스크 사용률(%).")
    latency_threshold_ms: float = told(
        100.0, ge=0, en="95th percentile of own services, ms.", ko="자체 서비스 응답 시간 95백분위(ms)."
    )
    error_rate_threshold_percent: Percent = told(5.0, en="Error rate, %.", ko="에러율(%).")
    data_coverage_threshold_percent: Percent = told(95.0, en="Coverage of a feed, %.", ko="데이터 커버리지(%).")
    data_delay_threshold_seconds: float = told(60.0, ge=0, en="Delay of a feed, s.", ko="데이터 지연(초).")
