"""TLS for the console: Streamlit serves it, and here its certificate is kept in step with its files."""

from __future__ import annotations

import asyncio
import os
import ssl
from functools import cache
from pathlib import Path

import structlog
from starlette.types import ASGIApp, Receive, Scope, Send

from bongsu.clock import SystemClock
from bongsu.tls import KeyFiles, OwnCertificate, ServedTls, TlsError

UNLOCKS = "BONGSU_CONSOLE_KEY_PASSWORD"
"""Name in the environment under which the server hands the key's password to its console."""


def options(files: KeyFiles) -> dict[str, str]:
    """Streamlit's options.

    Raises:
        TlsError: the key is encrypted and can't be opened.
    """
    return {"server.sslCertFile": str(files.certificate), "server.sslKeyFile": _opened(files)}


def _opened(files: KeyFiles) -> str:
    """A path of the key in the clear, as Streamlit knows no password: of a file that exists in memory alone."""
    if not files.password:
        return str(files.key)
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
        load_pem_private_key,
    )

    if not hasattr(os, "memfd_create"):
        raise TlsError("an encrypted key can be used for the console on Linux alone", hint="give it an unencrypted key")
    try:
        key = load_pem_private_key(files.key.read_bytes(), files.password.encode())
    except (OSError, ValueError, TypeError):
        raise TlsError(f"{files.key} can't be opened with server.tls.password") from None
    handle = os.memfd_create("key")
    os.write(handle, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return f"/proc/self/fd/{handle}"


@cache
def _own(certificate: str) -> OwnCertificate:
    return OwnCertificate(Path(certificate))


def verifying(certificate: str) -> ssl.SSLContext | bool:
    """What httpx verifies our own server by: its certificate, renewed or not; without one the authorities."""
    if not certificate:
        return True
    own = _own(certificate)
    own.refresh()
    return own.context


class Renewal:
    """ASGI middleware that finds uvicorn's TLS context when the server starts, and follows the certificate's files.

    It works alike under our own launcher and under `streamlit run --server.sslCertFile …`. `files` are needed where
    the key is encrypted; else uvicorn knows them.
    """

    def __init__(self, app: ASGIApp, *, files: KeyFiles | None = None) -> None:
        self._app = app
        self._files = files
        self._task: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Look at the one message that opens an application's life; pass on everything."""
        if scope["type"] == "lifespan" and self._task is None:
            self._begin(getattr(getattr(receive, "__self__", None), "config", None))
        await self._app(scope, receive, send)

    def _begin(self, config: object) -> None:
        context = getattr(config, "ssl", None)
        if not isinstance(context, ssl.SSLContext):
            return
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        files = self._files or KeyFiles(
            certificate=Path(str(getattr(config, "ssl_certfile", ""))),
            key=Path(str(getattr(config, "ssl_keyfile", ""))),
        )
        try:
            served = ServedTls.around(context, files)
        except TlsError as error:
            structlog.get_logger("bongsu.console").warning("a renewed certificate needs a restart", reason=error.detail)
            return
        self._task = asyncio.create_task(served.follow(SystemClock()), name="certificate")
