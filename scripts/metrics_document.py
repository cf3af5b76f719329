"""docs/metrics.md: every metric that Bongsu itself makes, from the catalogue."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "src"))

from bongsu.access.metrics import METRICS as ACCESS  # noqa: E402
from bongsu.alerts.acting.metrics import METRICS as ACTIONS  # noqa: E402
from bongsu.alerts.evaluation.metrics import METRICS as RULES  # noqa: E402
from bongsu.alerts.metrics import METRICS as ALERTS  # noqa: E402
from bongsu.anomaly.metrics import METRICS as ANOMALY  # noqa: E402
from bongsu.bus.metrics import METRICS as BUS  # noqa: E402
from bongsu.collect.checks import metrics as checks  # noqa: E402
from bongsu.collect.scrape.metrics import METRICS as SCRAPE  # noqa: E402
from bongsu.collect.shop.metrics import METRICS as SHOP  # noqa: E402
from bongsu.configuration.metrics import METRICS as SETTINGS  # noqa: E402
from bongsu.console.metrics import METRICS as CONSOLE  # noqa: E402
from bongsu.history.metrics import METRICS as HISTORY  # noqa: E402
from bongsu.ingest.metrics import METRICS as INGEST  # noqa: E402
from bongsu.live.metrics import METRICS as LIVE  # noqa: E402
from bongsu.model import metrics_host, metrics_own  # noqa: E402
from bongsu.model.metric import Metric  # noqa: E402
from bongsu.notify.metrics import METRICS as NOTIFY  # noqa: E402
from bongsu.quality.metrics import FEED_METRICS, OWN_METRICS  # noqa: E402
from bongsu.records.metrics import METRICS as RECORDS  # noqa: E402
from bongsu.server.exposition import exposed  # noqa: E402
from bongsu.server.metrics import METRICS as SERVER  # noqa: E402
from bongsu.services.metrics import METRICS as SERVICES  # noqa: E402

CHAPTERS: tuple[tuple[str, tuple[Metric, ...]], ...] = (
    ("CPU", metrics_host.CPU),
    ("Memory · 메모리", metrics_host.MEMORY),
    ("Disks · 디스크", metrics_host.DISK),
    ("Network · 네트워크", metrics_host.NETWORK),
    ("The machine as a whole · 시스템", metrics_host.SYSTEM),
    ("Processes · 프로세스", metrics_host.PROCESSES),
    ("Bongsu's own processes · 봉수의 프로세스", metrics_own.PROCESS),
    ("Readings · 수집", metrics_own.COLLECTORS),
    ("Marketplaces · 마켓플레이스", checks.MARKETPLACES),
    ("Checks · 점검", checks.CHECKS),
    ("Connections · 연결", checks.CONNECTIONS),
    ("Checking itself · 점검 자체", checks.OWN),
    ("Intake · 수신", INGEST),
    ("Feeds · 데이터 피드", FEED_METRICS),
    ("Keeping feeds · 피드 보관", OWN_METRICS),
    ("History · 저장", HISTORY),
    ("Anomalies · 이상치", ANOMALY),
    ("Alert rules · 알림 규칙", RULES),
    ("Alerts · 알림", (*ALERTS, *ACTIONS)),
    ("Alert records · 알림 기록", RECORDS),
    ("Accounts · 계정", ACCESS),
    ("Notification · 알림 발송", NOTIFY),
    ("Live · 실시간 전송", LIVE),
    ("Several servers · 여러 서버", BUS),
    ("Settings · 설정", SETTINGS),
    ("Doors · HTTP와 TLS", SERVER),
    ("Console · 콘솔", CONSOLE),
    ("The shop · 쇼핑몰", SHOP),
    ("Services · 서비스", SERVICES),
    ("Scraped targets · 스크레이프 대상", SCRAPE),
)

HEAD = """# Metrics · 메트릭

Written by `make docs` from the catalogue (`src/bongsu/model/metrics_*.py` and the `metrics.py` of the rooms); a test
fails where it is stale. What you measure yourself is added as [the guide](guide.md) says and `examples/own_metric.py`
shows.

Names are snake_case with the unit as suffix where it isn't per cent. A rate is over the time between two readings, so
it begins with the second; what isn't known is left out, never 0. In a container whose limits bind, CPU and memory are
against those limits and `cgroup_limited` says so. Where `/metrics` shows another name to please Prometheus'
conventions, it stands behind →.

이름은 snake_case이며 백분율이 아니면 단위를 뒤에 붙입니다. 초당 값은 두 번의 수집 사이를 잰 것이라 두 번째 수집부터
나오고, 알 수 없는 값은 0으로 꾸미지 않고 비워 둡니다. 컨테이너에 제한이 걸려 있으면 CPU와 메모리는 그 제한을 기준으로
하며 `cgroup_limited`가 이를 알려 줍니다. `/metrics`에서 이름이 달라지는 것은 → 뒤에 적었습니다.
"""


def metrics_document() -> str:
    """The whole document."""
    return HEAD + "".join(_chapter(title, metrics) for title, metrics in CHAPTERS)


def _chapter(title: str, metrics: Iterable[Metric]) -> str:
    head = f"\n## {title}\n\n| metric | labels | unit | kind | English | 한국어 |\n|---|---|---|---|---|---|\n"
    return head + "\n".join(_rows(metrics)) + "\n"


def _rows(metrics: Iterable[Metric]) -> Iterator[str]:
    for metric in metrics:
        shown = exposed(metric).name
        name = f"`{metric.name}`" + (f" → `{shown}`" if shown != metric.name else "")
        labels = ", ".join(f"`{label}`" for label in metric.labels)
        cells = (
            name,
            labels,
            metric.unit,
            metric.kind,
            f"{metric.title_en}. {metric.en}",
            f"{metric.title_ko}. {metric.ko}",
        )
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
