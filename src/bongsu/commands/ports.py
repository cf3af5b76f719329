"""Ports that can't be opened, and who holds them."""

from __future__ import annotations

import errno
import http.client
import json
import socket
from collections.abc import Iterable

import psutil

from bongsu.commands.server import RunningServer
from bongsu.commands.words import Words
from bongsu.console.place import url_of
from bongsu.tls import KeyFiles, TlsError

FLAGS = {"port": "--port", "live_port": "--live-port", "console_port": "--console-port"}


def troubles(words: Words, host: str, ports: Iterable[tuple[str, int]], tls: KeyFiles | None = None) -> list[str]:
    """A line for each port (setting name, number) that can't be opened; 0 always can."""
    return [line for name, port in ports if port and (line := trouble(words, host, port, FLAGS[name], tls))]


def trouble(words: Words, host: str, port: int, flag: str, tls: KeyFiles | None = None) -> str:
    """Why a port can't be opened and what to do; empty where it can. `tls` is what ours would speak there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError:
            return words("port_forbidden", port=port, flag=flag)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
        else:
            return ""
    if flag == FLAGS["port"] and is_ours(host, port, tls):
        url = url_of(host, port, secure=tls is not None) + "/monitoring/dashboard"
        return words("port_ours", port=port, url=url)
    return words("port_taken", port=port, owner=owner(words, port), flag=flag)


def is_ours(host: str, port: int, tls: KeyFiles | None = None) -> bool:
    """Whether a Bongsu answers on the port."""
    try:
        connection = RunningServer.listening(host, port, tls).connection(2)
    except TlsError:
        return False
    try:
        connection.request("GET", "/healthz")
        answer = connection.getresponse()
        told = json.loads(answer.read(10_000))
    except (OSError, http.client.HTTPException, ValueError):
        return False
    finally:
        connection.close()
    return isinstance(told, dict) and {"status", "version"} <= told.keys()


def owner(words: Words, port: int) -> str:
    """The program that listens on a port, as far as this user may know; else empty."""
    try:
        holders = [one.pid for one in psutil.net_connections("tcp") if one.laddr and one.laddr.port == port]
        pid = next((pid for pid in holders if pid), None)
        return words("port_owner", name=psutil.Process(pid).name(), pid=pid) if pid else ""
    except psutil.Error:
        return ""
