"""The server that a command asks: the one of the settings, or the one named with `--url` and `--ca`."""

from __future__ import annotations

import http.client
import json
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from bongsu.client.wire import shown
from bongsu.console.place import url_of
from bongsu.model.errors import BadRequest
from bongsu.settings.model import Settings
from bongsu.tls import KeyFiles, OwnCertificate, TlsError, authorities

_SECONDS = 60.0
"""How long an answer may take: a back-test of many series reads much."""


class Away(Exception):
    """No server of ours answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningServer:
    """Where it answers, and what its certificate is verified by; None where it speaks no TLS."""

    url: str
    tls: ssl.SSLContext | None = None

    @classmethod
    def listening(cls, host: str, port: int, tls: KeyFiles | None) -> Self:
        """A port of this machine, where nothing but the certificate of that file is accepted.

        Raises:
            TlsError: the file can't be read.
        """
        context = OwnCertificate(tls.certificate).context if tls else None
        return cls(url=url_of(host, port, secure=tls is not None), tls=context)

    @classmethod
    def at(cls, url: str, ca: Path | None) -> Self:
        """Any server: verified by the authorities of the system, `SSL_CERT_FILE`, and of the file `ca` besides.

        Raises:
            BadRequest: `url` is no address of http or https.
            TlsError: the file can't be used.
        """
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise BadRequest(f"{url} is no address of a server", hint="write https://monitor.example.kr")
        if ca is not None and parts.scheme == "http":
            raise BadRequest(f"{url} speaks no TLS, so that {ca} verifies nothing", hint="write https://")
        return cls(url=url.rstrip("/"), tls=authorities(ca) if parts.scheme == "https" else None)

    @classmethod
    def of(cls, settings: Settings, ca: Path | None) -> Self:
        """The server that these settings describe, by its own certificate unless `ca` vouches for it.

        Raises:
            BadRequest, TlsError: as above.
        """
        server = settings.server
        if ca is None:
            return cls.listening(server.host, server.port, server.tls.files)
        return cls.at(url_of(server.host, server.port, secure=server.tls.files is not None), ca)

    def connection(self, patience: float) -> http.client.HTTPConnection:
        """A connection that verifies, and gives up after so many seconds of silence."""
        parts = urlsplit(self.url)
        host, port = parts.hostname or "", parts.port
        if self.tls is None:
            return http.client.HTTPConnection(host, port, timeout=patience)
        return http.client.HTTPSConnection(host, port, timeout=patience, context=self.tls)

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """Status and decoded answer; `BONGSU_TOKEN` says who asks.

        Raises:
            TlsError: whoever answers isn't who it must be.
            Away: nobody answers there, or somebody who isn't Bongsu.
        """
        connection = self.connection(_SECONDS)
        try:
            text = None if body is None else json.dumps(body)
            headers = shown(None) | ({"content-type": "application/json"} if text else {})
            connection.request(method, urlsplit(self.url).path + path, text, headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        except ssl.SSLCertVerificationError as error:
            hint = "--ca names the file of its authority; the name in --url must be one of the certificate's"
            raise TlsError(f"the certificate of {self.url} isn't trusted: {error.verify_message}", hint=hint) from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise Away from error
        finally:
            connection.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """What the command line says of the server: a settings file, or an address and who vouches for it."""

    config: Path | None = None
    url: str = ""
    ca: Path | None = None

    def server(self, settings: Settings) -> RunningServer:
        """The server that is meant.

        Raises:
            BadRequest, TlsError: it can't be asked so.
        """
        return RunningServer.at(self.url, self.ca) if self.url else RunningServer.of(settings, self.ca)
