"""The API health checker alone: Coupang, Naver, 11st (and own checks, connections) every 60 s until Ctrl+C.

    python3 backend/services/api_health_checker.py [--config FILE]

States are cached in Redis where `redis.url` is set. A running `bongsu up` checks by itself; this is for a machine
that only checks. It is a thin launcher: the checker lives in src/bongsu/collect.
"""

import sys
from pathlib import Path

if sys.version_info < (3, 11):  # noqa: UP036 - whoever runs an older one is told
    sys.exit(f"Bongsu needs Python 3.11 or newer; this is {sys.version.split()[0]} ({sys.executable})")

SOURCE = Path(__file__).resolve().parents[2] / "src"
if SOURCE.is_dir() and str(SOURCE) not in sys.path:
    sys.path.insert(0, str(SOURCE))

if __name__ == "__main__":
    from bongsu.cli import main

    sys.exit(main(["checks", "--watch", *sys.argv[1:]]))
