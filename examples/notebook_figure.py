"""This machine's last minutes as a Plotly figure, in a notebook or a script; no server is needed.

In a notebook three lines do, and the third is drawn where it stands:

    from bongsu import PerformanceDashboard, RealTimeMonitor
    monitor = RealTimeMonitor(); monitor.start_monitoring()
    PerformanceDashboard(monitor).create_system_status_dashboard()

As a script: python examples/notebook_figure.py figure.html
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from bongsu import PerformanceDashboard, RealTimeMonitor


def main(target: Path, readings: int = 3) -> None:
    """Watch this machine until it was read a few times, and write the figure as one HTML file."""
    with RealTimeMonitor() as monitor:
        while len(monitor.get_metrics_history("cpu_usage", hours=1)) < readings:
            time.sleep(0.2)
        figure = PerformanceDashboard(monitor).create_system_status_dashboard(hours=0.25)
    figure.write_html(target)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "figure.html"))
