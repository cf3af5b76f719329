"""Bongsu: real-time monitoring of machines, feeds, services, shops and marketplaces on one timeline.

    from bongsu import RealTimeMonitor
    monitor = RealTimeMonitor()
    monitor.start_monitoring()
    monitor.get_latest_metrics()["cpu_usage"]

Names are loaded when first used, so that `import bongsu` costs nothing and loads no screen library.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from bongsu.version import __version__

if TYPE_CHECKING:
    from bongsu.alerting import AlertManager
    from bongsu.collect.measured import metric
    from bongsu.collect.own import MetricsCollector
    from bongsu.console.figures import PerformanceDashboard
    from bongsu.encryption import EncryptedStorage
    from bongsu.monitor import RealTimeMonitor
    from bongsu.notification import NotificationSystem

__all__ = [
    "AlertManager",
    "EncryptedStorage",
    "MetricsCollector",
    "NotificationSystem",
    "PerformanceDashboard",
    "RealTimeMonitor",
    "__version__",
    "metric",
]

_HOMES = {
    "AlertManager": "bongsu.alerting",
    "EncryptedStorage": "bongsu.encryption",
    "MetricsCollector": "bongsu.collect.own",
    "NotificationSystem": "bongsu.notification",
    "PerformanceDashboard": "bongsu.console.figures",
    "RealTimeMonitor": "bongsu.monitor",
    "metric": "bongsu.collect.measured",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'bongsu' has no attribute {name!r}")
