"""`python -m bongsu.console`: the console alone, for a server that runs already. The server starts it so."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading
from pathlib import Path

import streamlit as st

from bongsu.console import secure
from bongsu.console.place import Place, place_in
from bongsu.console.site import LOOPBACK, Site
from bongsu.console.standalone import SCRIPT
from bongsu.console.theme import options
from bongsu.console.trouble import tell
from bongsu.http.limits import ServerLimits
from bongsu.tls import KeyFiles


def main(argv: list[str]) -> None:
    """Serve the console until SIGTERM (or, with `--tied`, until standard input ends)."""
    asked = _arguments().parse_args(argv)
    place = place_in({"bongsu": json.loads(asked.place)}) if asked.place else Place(rest_url=asked.rest_url)
    limits = ServerLimits(**json.loads(asked.limits)) if asked.limits else ServerLimits()
    if asked.tied:
        threading.Thread(target=_end_with_parent, args=(limits,), name="tied", daemon=True).start()
    tls = _tls(asked)
    site = Site(place, hosts=asked.allow, tls=tls, limits=limits)
    app = st.App(
        SCRIPT,
        routes=site.routes(),
        middleware=site.middleware(),
        lifespan=site.lifespan(),
        secrets=site.secrets(),
        on_script_error=tell,
    )
    sys.argv = [str(SCRIPT)]
    app.run(
        config=options()
        | {
            "server.address": asked.host,
            "server.port": asked.port,
            "server.allowedHosts": [*LOOPBACK, *asked.allow],
        }
        | (secure.options(tls) if tls else {})
    )


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bongsu.console", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=8501, help="port to listen on")
    parser.add_argument("--rest-url", default="http://127.0.0.1:8080", help="where the server is")
    parser.add_argument("--place", help="all that is known of the server, as JSON; replaces --rest-url")
    parser.add_argument("--allow", action="append", default=[], metavar="HOST", help="a further host name we answer to")
    parser.add_argument("--certificate", type=Path, help="certificate file (PEM): TLS alone is spoken")
    parser.add_argument("--key", type=Path, help="file of its private key")
    parser.add_argument("--limits", help="bounds of connections, as JSON")
    parser.add_argument("--tied", action="store_true", help="end when standard input does")
    return parser


def _tls(asked: argparse.Namespace) -> KeyFiles | None:
    if asked.certificate is None or asked.key is None:
        return None
    return KeyFiles(certificate=asked.certificate, key=asked.key, password=os.environ.pop(secure.UNLOCKS, ""))


def _end_with_parent(limits: ServerLimits) -> None:
    """Whoever started us holds our standard input open; when he dies, however he dies, it ends. Until then each line of
    it tells the limits that hold from now on.
    """
    heard = b""
    while piece := os.read(0, 4_096):  # not by way of sys.stdin: its lock would be held when the interpreter ends
        *lines, heard = (heard + piece).split(b"\n")
        for line in lines:
            limits.adopt(ServerLimits(**json.loads(line)))
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main(sys.argv[1:])
