"""Short questions over the network: does somebody listen, and is it what we think?"""

from __future__ import annotations

import http.client
import socket

from bongsu.commands.server import RunningServer
from bongsu.tls import KeyFiles, TlsError

PATIENCE = 3.0
"""Seconds that anybody gets to answer."""


def reach(host: str, port: int, patience: float = PATIENCE) -> str:
    """Why nobody takes a connection there; empty where somebody does. Nothing is sent."""
    try:
        with socket.create_connection((host, port), timeout=patience):
            return ""
    except socket.gaierror:
        return "DNS"
    except OSError as error:
        return error.strerror or ("timeout" if isinstance(error, TimeoutError) else type(error).__name__)


def takes_websockets(host: str, port: int, tls: KeyFiles | None = None) -> bool:
    """Whether a WebSocket handshake is answered: with 101, or with 401 where one must sign in first."""
    upgrade = {
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "Ym9uZ3N1LWRvY3Rvci0xNg==",  # any 16 bytes: the answer isn't spoken to
    }
    return _status(host, port, tls, "/", upgrade) in (http.client.SWITCHING_PROTOCOLS, http.client.UNAUTHORIZED)


def answers_as_console(host: str, port: int, tls: KeyFiles | None = None) -> bool:
    """Whether Streamlit says that it is well."""
    return _status(host, port, tls, "/_stcore/health", {}) == http.client.OK


def _status(host: str, port: int, tls: KeyFiles | None, path: str, headers: dict[str, str]) -> int:
    try:
        connection = RunningServer.listening(host, port, tls).connection(PATIENCE)
    except TlsError:
        return 0
    try:
        connection.request("GET", path, headers=headers)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()
