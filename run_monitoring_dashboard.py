"""The monitoring dashboard.

    python run_monitoring_dashboard.py [--streamlit | --check-deps | --validate-config | --test] [--config FILE] …
    streamlit run run_monitoring_dashboard.py --server.port 8501 [-- --config FILE]

The first starts the server and its console together. The second starts the console, which joins a running server or
starts one. Nothing up here is newer than Python 3.6, so that an old Python, too, ends in one clear line.
"""

import sys
from pathlib import Path

if sys.version_info < (3, 11):  # noqa: UP036 - whoever runs an older one is told
    sys.exit(f"Bongsu needs Python 3.11 or newer; this is {sys.version.split()[0]} ({sys.executable})")

SOURCE = Path(__file__).resolve().parent / "src"
if SOURCE.is_dir() and str(SOURCE) not in sys.path:
    sys.path.insert(0, str(SOURCE))

if __name__ == "__main__":
    from bongsu.cli import dashboard

    sys.exit(dashboard(sys.argv[1:]))

try:
    import streamlit as st

    from bongsu.console.standalone import SCRIPT, site_for
    from bongsu.console.trouble import tell
except ModuleNotFoundError as missing:
    sys.exit(f"the package {missing.name} is missing; install all of them: pip install -r requirements.txt")

site = site_for(sys.argv[1:])
app = st.App(
    SCRIPT,
    routes=site.routes(),
    middleware=site.middleware(),
    lifespan=site.lifespan(),
    secrets=site.secrets(),
    on_script_error=tell,
)
