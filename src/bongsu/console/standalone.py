"""The console as `streamlit run run_monitoring_dashboard.py` starts it: with whatever server there is, or its own."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from bongsu.clock import SystemClock
from bongsu.console.companion import ServerCompanion
from bongsu.console.place import Place, url_of
from bongsu.console.process import free_port
from bongsu.console.site import Site
from bongsu.console.words import language_of
from bongsu.http.limits import bounds_of
from bongsu.settings.faults import SettingsError
from bongsu.settings.load import load
from bongsu.settings.model import Settings

SCRIPT = Path(__file__).with_name("script.py")
"""What Streamlit runs for every visit."""

LOG = "console_server.log"
"""What a server prints that this console started; its own log is beside it."""

LOCK = "console.lock"

_FLAGS = {"data": "storage.data_dir", "host": "server.host", "port": "server.port", "live_port": "server.live_port"}


def site_for(argv: Sequence[str]) -> Site:
    """The site for what stands behind `--` of `streamlit run … -- --config F`.

    Raises:
        SystemExit: the settings are faulty; every fault is told.
    """
    asked = _arguments().parse_args(argv)
    given = {path: getattr(asked, flag) for flag, path in _FLAGS.items()}
    try:
        settings = load(given, config=asked.config)
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(1) from None
    given_tls = _typed_tls() if settings.server.tls.files is None else {}
    place = _place(settings, certificate=settings.server.tls.certificate or given_tls.get("CERTIFICATE", ""))
    command = server_command(settings, place, config=asked.config)
    companion = ServerCompanion(
        place.rest_url,
        command=command,
        lock=Path(settings.storage.data_dir) / LOCK,
        log=Path(place.log),
        clock=SystemClock(),
        certificate=place.certificate,
        environment={f"BONGSU_SERVER__TLS__{name}": file for name, file in given_tls.items()},
    )
    bounds = bounds_of(settings.limits)
    return Site(place, hosts=settings.server.allowed_hosts, companions=[companion], limits=bounds)


def _typed_tls() -> dict[str, str]:
    """What was typed as `--server.sslCertFile` and `--server.sslKeyFile`: the server that we start speaks TLS too."""
    import streamlit as st

    certificate, key = (st.get_option(f"server.ssl{name}File") for name in ("Cert", "Key"))
    if not certificate or not key:
        return {}
    return {"CERTIFICATE": str(Path(certificate).resolve()), "KEY": str(Path(key).resolve())}


def server_command(settings: Settings, place: Place, *, config: Path | None) -> list[str]:
    """How the server is started at the very place that the console shows."""
    return [
        *(sys.executable, "-m", "bongsu.cli", "up", "--no-console"),
        *([f"--config={config}"] if config is not None else []),
        f"--data={settings.storage.data_dir}",
        f"--host={settings.server.host}",
        f"--port={place.rest_url.rpartition(':')[2]}",
        f"--live-port={place.live_port}",
    ]


def _place(settings: Settings, *, certificate: str) -> Place:
    """Where the server is, or will be; where a free port is to be picked, we pick it, so that we know it."""
    server = settings.server
    return Place(
        rest_url=url_of(server.host, server.port or free_port(server.host), secure=bool(certificate)),
        live_port=server.live_port or free_port(server.host),
        public_url=server.public_url or "",
        language=language_of(settings.monitoring.language),
        starts=True,
        log=str(Path(settings.logging.dir) / LOG),
        certificate=certificate,
    )


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="streamlit run run_monitoring_dashboard.py --", description=__doc__)
    parser.add_argument("--config", type=Path, help="settings file (default config/monitoring_config.json)")
    parser.add_argument("--data", help="data folder")
    parser.add_argument("--host", help="address the server listens on")
    parser.add_argument("--port", type=int, help="REST port")
    parser.add_argument("--live-port", type=int, help="WebSocket port")
    return parser
