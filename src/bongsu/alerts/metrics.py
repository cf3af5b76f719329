"""The figures that the alert service tells about itself, as entries of the catalogue."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from bongsu.model.alert import SEVERITIES, Alert, Notice, Transition
from bongsu.model.metric import Kind, Metric
from bongsu.model.sample import Sample


def _metric(
    name: str, kind: Kind, titles: tuple[str, str], sentences: tuple[str, str], *, labels: tuple[str, ...] = ()
) -> Metric:
    return Metric(
        name=f"bongsu_alerts_{name}",
        kind=kind,
        topic="system",
        title_ko=titles[0],
        title_en=titles[1],
        ko=sentences[0],
        en=sentences[1],
        labels=labels,
    )


METRICS: tuple[Metric, ...] = (
    _metric(
        "open",
        "gauge",
        ("열린 알림", "Open alerts"),
        ("해제되지 않은 알림 수를 심각도별로 나타냅니다.", "Alerts that are firing or acknowledged, by severity."),
        labels=("severity",),
    ),
    _metric(
        "pending",
        "gauge",
        ("지속 시간 대기 알림", "Pending alerts"),
        ("조건은 맞지만 지속 시간을 아직 채우지 못한 알림 수입니다.", "Alerts that have yet to last their duration."),
    ),
    _metric(
        "changes_total",
        "counter",
        ("알림 변화", "Changes of alerts"),
        (
            "발생, 확인, 해제 같은 알림의 변화 수를 종류별로 나타냅니다.",
            "Steps in the lives of alerts, by what happened.",
        ),
        labels=("change",),
    ),
    _metric(
        "notices_total",
        "counter",
        ("만든 메시지", "Messages made"),
        (
            "발송 대기열에 넣은 메시지 수를 종류별로 나타냅니다.",
            "Messages put into the outbox, by kind.",
        ),
        labels=("kind",),
    ),
    _metric(
        "waiting",
        "gauge",
        ("처리 대기", "Changes waiting"),
        ("처리를 기다리는 알림 변경 수입니다.", "Changes of alerts that wait to be worked out."),
    ),
    _metric(
        "unsaved",
        "gauge",
        ("저장하지 못한 변화", "Changes not kept yet"),
        (
            "기록에 쓰지 못해 메모리에 둔 변화 수입니다. 기록이 돌아오면 씁니다.",
            "Changes held in memory because the records can't be written; they are kept once they can.",
        ),
    ),
    _metric(
        "failures_total",
        "counter",
        ("알림 처리 실패", "Failed turns"),
        (
            "알림 변화를 기록하지 못했거나 처리하지 못한 횟수입니다.",
            "Times that changes of alerts couldn't be kept or worked out; see the log.",
        ),
    ),
    _metric(
        "refused_total",
        "counter",
        ("거절한 알림", "Alerts refused"),
        (
            "열린 알림이 한도에 이르러 받지 않은 알림 수입니다.",
            "Alerts not taken because too many were open already.",
        ),
    ),
    _metric(
        "lost_total",
        "counter",
        ("잃은 변화", "Changes lost"),
        (
            "기록을 쓸 수 없는 동안 메모리 한도를 넘어 버린 변화 수입니다.",
            "Changes dropped because the records stayed away longer than memory reached.",
        ),
    ),
)


class Tally:
    """Counts since the start."""

    def __init__(self) -> None:
        self.failures = 0
        self.refused = 0
        self.lost = 0
        self._changes: Counter[str] = Counter()
        self._notices: Counter[str] = Counter()

    def count(self, steps: Sequence[Transition], notices: Sequence[Notice]) -> None:
        """Count what a turn brought."""
        self._changes.update(step.change for step in steps)
        self._notices.update(notice.kind for notice in notices)

    def samples(self, alerts: Iterable[Alert], *, waiting: int, unsaved: int) -> Iterator[Sample]:
        """All figures as they stand."""
        stand: Counter[str] = Counter()
        for alert in alerts:
            stand[alert.severity if alert.open else alert.phase] += 1
        for severity in SEVERITIES:
            labels = (("severity", severity),)
            yield Sample(metric="bongsu_alerts_open", labels=labels, value=float(stand[severity]))
        yield Sample(metric="bongsu_alerts_pending", value=float(stand["pending"]))
        for change, count in self._changes.items():
            yield Sample(metric="bongsu_alerts_changes_total", labels=(("change", change),), value=float(count))
        for kind, count in self._notices.items():
            yield Sample(metric="bongsu_alerts_notices_total", labels=(("kind", kind),), value=float(count))
        for name, value in (
            ("waiting", waiting),
            ("unsaved", unsaved),
            ("failures_total", self.failures),
            ("refused_total", self.refused),
            ("lost_total", self.lost),
        ):
            yield Sample(metric=f"bongsu_alerts_{name}", value=float(value))
