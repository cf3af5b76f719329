"""The WebSocket server alone: collects and broadcasts by itself on port 8765; the console is left out.

    python3 backend/websocket_server.py [--config FILE] [--live-port N] …

The interval of broadcasts is one setting, `monitoring.live_interval_seconds` (5 s), also given as
BONGSU_MONITORING__LIVE_INTERVAL_SECONDS. This is a thin launcher: the server lives in src/bongsu/live.
"""

import sys
from pathlib import Path

if sys.version_info < (3, 11):  # noqa: UP036 - whoever runs an older one is told
    sys.exit(f"Bongsu needs Python 3.11 or newer; this is {sys.version.split()[0]} ({sys.executable})")

SOURCE = Path(__file__).resolve().parent.parent / "src"
if SOURCE.is_dir() and str(SOURCE) not in sys.path:
    sys.path.insert(0, str(SOURCE))

if __name__ == "__main__":
    from bongsu.cli import main

    sys.exit(main(["up", "--no-console", *sys.argv[1:]]))
