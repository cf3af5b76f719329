from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import pytest

from bongsu import PerformanceDashboard, RealTimeMonitor
from bongsu.client import Client
from bongsu.console.child import python_environment
from bongsu.console.times import step_for
from tests.integration.console_processes import ROOT, Ports, answers, running, wait_for


@pytest.mark.guide("G040")
def test_three_lines_draw_this_machine() -> None:
    """A monitor and a dashboard give a figure whose CPU line is what the monitor remembers."""
    with RealTimeMonitor(interval=0.2) as monitor:
        wait_for("five readings", lambda: len(monitor.get_metrics_history("cpu_usage", hours=1)) >= 5)
        figure = PerformanceDashboard(source=monitor).create_system_status_dashboard()
        known = {row["value"] for row in monitor.get_metrics_history("cpu_usage", hours=1)}
    (cpu,) = [trace for trace in figure.data if trace.meta and trace.meta["metric"] == "cpu_usage"]
    drawn = np.asarray(cpu.y, dtype=float)
    assert isinstance(figure, go.Figure)
    assert min(known) <= np.nanmin(drawn) <= np.nanmax(drawn) <= max(known)


def test_the_example_writes_its_figure(tmp_path: Path) -> None:
    """`examples/notebook_figure.py` runs as it stands and writes a page that holds the figure."""
    target = tmp_path / "figure.html"
    command = [sys.executable, str(ROOT / "examples" / "notebook_figure.py"), str(target)]
    subprocess.run(command, cwd=tmp_path, env=python_environment(), check=True, timeout=60)
    assert re.search('"metric": ?"cpu_usage"', target.read_text(encoding="utf-8"))


@pytest.mark.slow
def test_a_server_is_drawn_over_rest(tmp_path: Path) -> None:
    """From the REST client the figure holds the very points that `query` answers."""
    ports, log = Ports(), tmp_path / "log"
    with running(ports.server(tmp_path / "data"), folder=tmp_path, log=log), Client(ports.rest_url) as client:
        wait_for("the server", lambda: answers(f"{ports.rest_url}/readyz"), log)
        wait_for("points", lambda: any(len(line.at) > 2 for line in client.query("load_1m", start="-1h", step="5s")))
        figure = PerformanceDashboard(client).create_system_status_dashboard(hours=1)
        (load,) = [trace for trace in figure.data if trace.meta and trace.meta["metric"] == "load_1m"]
        (known,) = client.query("load_1m", start="-1h", step=f"{step_for(3_600_000)}ms")
    drawn = np.asarray(load.y, dtype=float)
    assert drawn[:-1].tolist() == known.value[: len(drawn) - 1].tolist(), "all but the step that still grows"
