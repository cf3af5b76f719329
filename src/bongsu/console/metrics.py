"""What the console's supervisor tells about itself."""

from __future__ import annotations

from bongsu.model.metric import Metric

METRICS: tuple[Metric, ...] = (
    Metric(
        name="bongsu_console_up",
        topic="system",
        title_ko="콘솔 실행",
        title_en="Console running",
        ko="콘솔 프로세스가 떠 있으면 1, 아니면 0.",
        en="1 while the console's process runs, else 0.",
    ),
    Metric(
        name="bongsu_console_restarts_total",
        kind="counter",
        topic="system",
        title_ko="콘솔 재시작",
        title_en="Console restarts",
        ko="예기치 않게 끝난 콘솔을 다시 띄운 횟수.",
        en="How often the console was started again after it ended unasked.",
    ),
)
