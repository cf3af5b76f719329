"""The figures that the detectors give and tell about themselves, as entries of the catalogue."""

from __future__ import annotations

from bongsu.model.metric import Metric

ANOMALY_SCORE = "anomaly_score"
"""Written at anomalous moments only, under the series' own labels and `metric`."""

METRICS: tuple[Metric, ...] = (
    Metric(
        name=ANOMALY_SCORE,
        topic="alerts",
        title_ko="이상치 점수",
        title_en="Anomaly score",
        ko="시계열이 평소와 달랐던 순간의 점수입니다. 단위는 탐지 방법에 따르며, 그런 순간에만 기록합니다.",
        en="How far out of the ordinary a series was, in its detector's unit; written at such moments only.",
        labels=("metric",),
    ),
    Metric(
        name="bongsu_anomaly_series",
        topic="system",
        title_ko="탐지 중인 시계열",
        title_en="Series watched for anomalies",
        ko="이상치를 탐지하고 있는 시계열 수입니다.",
        en="Series that detectors watch.",
    ),
    Metric(
        name="bongsu_anomaly_unwatched_series",
        topic="system",
        title_ko="탐지하지 못한 시계열",
        title_en="Series beyond the bound",
        ko="anomaly_detection.series 한도를 넘어 탐지하지 않는 시계열 수입니다.",
        en="Series that are not watched because anomaly_detection.series is reached.",
    ),
    Metric(
        name="bongsu_anomaly_bytes",
        unit="B",
        topic="system",
        title_ko="탐지기 메모리",
        title_en="Memory of detectors",
        ko="탐지기가 시계열 상태를 담는 데 쓰는 메모리입니다.",
        en="Memory in which detectors hold what they know of their series.",
    ),
    Metric(
        name="bongsu_anomaly_scored_total",
        kind="counter",
        topic="system",
        title_ko="점수를 매긴 값",
        title_en="Readings scored",
        ko="시작한 뒤 점수를 매긴 값의 수입니다.",
        en="Readings scored since the start.",
    ),
    Metric(
        name="bongsu_anomaly_skipped_total",
        kind="counter",
        topic="system",
        title_ko="건너뛴 값",
        title_en="Readings skipped",
        ko="한꺼번에 너무 많이 들어와 점수를 매기지 않은 값의 수입니다.",
        en="Readings that were not scored because too many came at once.",
    ),
    Metric(
        name="bongsu_anomaly_found_total",
        kind="counter",
        topic="system",
        title_ko="찾은 이상치",
        title_en="Anomalies found",
        ko="시작한 뒤 알린 이상치 수입니다.",
        en="Anomalies told since the start.",
    ),
)
