"""The console over TLS: beside the server, and typed by hand as the guide does."""

from __future__ import annotations

import os
import ssl
import subprocess
import sys
from pathlib import Path

import httpx
import psutil
import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from tests.fakes.authority import Authority
from tests.integration.console_processes import ROOT, Ports, end, running, wait_for


def answers(url: str, trusted: ssl.SSLContext) -> bool:
    """Whether a verified GET gets 200."""
    try:
        return httpx.get(url, timeout=5.0, trust_env=False, verify=trusted).status_code == 200
    except httpx.HTTPError:
        return False


def serial(port: int, trusted: ssl.SSLContext) -> str:
    """The serial number of the certificate that a port shows."""
    with httpx.Client(verify=trusted, trust_env=False) as http:
        answer = http.get(f"https://localhost:{port}/healthz")
        shown = answer.extensions["network_stream"].get_extra_info("ssl_object").getpeercert()
    return str(shown["serialNumber"])


@pytest.mark.guide("G057")
def test_streamlit_typed_by_hand(tmp_path: Path) -> None:
    """`--server.sslCertFile/--server.sslKeyFile` as in the guide: the console is https, and so is the server that it
    starts, whose answers come through; a renewed certificate is shown without a restart.
    """
    authority, ports = Authority(tmp_path / "ca"), Ports()
    folder = authority.issue()
    trusted = ssl.create_default_context(cafile=authority.file)
    files = [f"--server.sslCertFile={folder / 'cert.pem'}", f"--server.sslKeyFile={folder / 'key.pem'}"]
    words = ports.streamlit(tmp_path / "data")
    split = words.index("--")
    log = tmp_path / "console.txt"
    console = ports.console_url.replace("http", "https")
    with running([*words[:split], *files, *words[split:]], folder=tmp_path, log=log):
        wait_for("the console over TLS", lambda: answers(f"{console}/", trusted), log)
        wait_for("the server over TLS", lambda: answers(f"{console}/api/v1/metrics", trusted), log)
        assert answers(f"https://127.0.0.1:{ports.rest}/healthz", trusted)
        first = serial(ports.console, trusted)
        authority.issue()
        wait_for("the renewed certificate", lambda: serial(ports.console, trusted) != first, log)
        wait_for("the relay's trust in it", lambda: answers(f"{console}/api/v1/metrics", trusted), log)


def test_beside_the_server_with_an_encrypted_key(tmp_path: Path) -> None:
    """`bongsu up`: one certificate on all three ports, its key encrypted, not made out to the loopback address that the
    console comes by: it knows its server by the certificate. The password is in no argument and no file.
    """
    authority, ports = Authority(tmp_path / "ca"), Ports()
    folder = authority.issue("localhost")
    key = load_pem_private_key((folder / "key.pem").read_bytes(), None)
    locked = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"hunter22-key"))
    (folder / "key.pem").write_bytes(locked)
    trusted = ssl.create_default_context(cafile=authority.file)
    log = tmp_path / "server.txt"
    words = [word for word in ports.server(tmp_path / "data") if word != "--no-console"]
    settings = {
        "BONGSU_SERVER__TLS__CERTIFICATE": str(folder / "cert.pem"),
        "BONGSU_SERVER__TLS__KEY": str(folder / "key.pem"),
        "BONGSU_SERVER__TLS__PASSWORD": "hunter22-key",
        "BONGSU_LOGGING__DIR": str(tmp_path / "logs"),
    }
    with log.open("ab") as output:
        process = subprocess.Popen(
            [*words, f"--console-port={ports.console}"],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT / "src"), **settings},
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_for("the server", lambda: answers(f"https://localhost:{ports.rest}/readyz", trusted), log)
        wait_for("the console", lambda: answers(f"https://localhost:{ports.console}/api/v1/metrics", trusted), log)
        wait_for("the addresses", lambda: f"https://127.0.0.1:{ports.console}" in log.read_text(), log)
        assert f"wss://127.0.0.1:{ports.live}" in log.read_text()
        family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
        assert len(family) > 1
        assert not [one for one in family if "hunter22-key" in " ".join(one.cmdline())]
    finally:
        end(process)
    for file in [log, *tmp_path.glob("logs/*")]:
        assert "hunter22-key" not in file.read_text()


def test_an_unusable_certificate_is_told_in_one_line(tmp_path: Path) -> None:
    """`bongsu up` with a file that is no certificate ends at once and names it."""
    (tmp_path / "cert.pem").write_text("nothing", encoding="utf-8")
    settings = {f"BONGSU_SERVER__TLS__{name}": str(tmp_path / "cert.pem") for name in ("CERTIFICATE", "KEY")}
    done = subprocess.run(
        [sys.executable, "-m", "bongsu", "up", "--no-console", "--port=0", "--live-port=0", f"--data={tmp_path}/data"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "BONGSU_MONITORING__LANGUAGE": "en", **settings},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "cert.pem" in done.stderr
    assert "Traceback" not in done.stderr
