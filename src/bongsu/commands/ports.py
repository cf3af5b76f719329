"""Ports that can't be opened, and who holds them."""

from __future__ import annotations

import errno
import http.client
import json
import socket
from collections.abc import Iterable

import psutil

from bongsu.commands.words import Words

FLAGS = {"port": "--port", "live_port": "--live-port", "console_port": "--console-port"}


def troubles(words: Words, host: str, ports: Iterable[tuple[str, int]]) -> list[str]:
    """A line for each port (setting name, number) that can't be opened; 0 always can."""
    return [line for name, port in ports if port and (line := trouble(words, host, port, FLAGS[name]))]


def trouble(words: Words, host: str, port: int, flag: str) -> str:
    """Why a port can't be opened and what to do; empty where it can."""
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
    if flag == FLAGS["port"] and is_ours(host, port):
        return words("port_ours", port=port, url=f"http://{host}:{port}/monitoring/dashboard")
    return words("port_taken", port=port, owner=owner(words, port), flag=flag)


def is_ours(host: str, port: int) -> bool:
    """Whether a Bongsu answers on the port."""
    connection = http.client.HTTPConnection(host, port, timeout=2)
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
