"""The guide's `./scripts/install_redis.sh`, with the system's own programs played."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "install_redis.sh"


class Machine:
    """A folder that is the whole PATH: shell basics, and programs that write down how they were called."""

    def __init__(self, folder: Path, system: str) -> None:
        self.bin = folder / "bin"
        self.bin.mkdir()
        self.log = folder / "log"
        self.log.touch()
        self.answering = folder / "answering"
        for basic in ("sh", "env", "sleep", "id", "touch", "cat", "chmod"):
            (self.bin / basic).symlink_to(shutil.which(basic) or basic)
        self.program("uname", f"echo {system}")
        self.program("sudo", '"$@"')

    def program(self, name: str, does: str = "") -> None:
        """A program that notes its call."""
        path = self.bin / name
        path.write_text(f'#!/bin/sh\necho "{name} $*" >> {self.log}\n{does}\n')
        path.chmod(0o755)

    def installs(self, server: str = "redis-server") -> str:
        """What installing does: the server and the client are there."""
        client = f"[ -e {self.answering} ] && echo PONG || exit 1"
        lines = [f"printf '#!/bin/sh\\ntouch {self.answering}\\n' > {self.bin}/{server}"]
        lines += [
            f"printf '#!/bin/sh\\n{client}\\n' > {self.bin}/redis-cli",
            f"chmod +x {self.bin}/{server} {self.bin}/redis-cli",
        ]
        return "\n".join(lines)

    def run(self) -> subprocess.CompletedProcess[str]:
        """Run the script there."""
        return subprocess.run(
            [str(self.bin / "sh"), str(SCRIPT)],
            env={"PATH": str(self.bin)},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )


@pytest.mark.guide("G109")
def test_debian(tmp_path: Path) -> None:
    """apt-get installs it; where no service manager runs it is started by hand; asked again it does nothing."""
    machine = Machine(tmp_path, "Linux")
    machine.program("apt-get", f'case "$*" in *install*) {machine.installs()};; esac')
    done = machine.run()
    assert done.returncode == 0, done.stderr
    assert "redis.url" in done.stdout
    calls = machine.log.read_text()
    assert "apt-get install -y -qq redis-server" in calls
    before = calls.count("apt-get")
    assert machine.run().returncode == 0
    assert machine.log.read_text().count("apt-get") == before


@pytest.mark.guide("G109")
def test_fedora_without_redis_takes_valkey(tmp_path: Path) -> None:
    """dnf installs Redis, or Valkey where Redis is no longer packaged."""
    machine = Machine(tmp_path, "Linux")
    machine.program("dnf", f'case "$*" in *valkey*) {machine.installs("valkey-server")};; *) exit 1;; esac')
    done = machine.run()
    assert done.returncode == 0, done.stderr
    assert "dnf install -y redis" in machine.log.read_text()


@pytest.mark.guide("G109")
def test_macos(tmp_path: Path) -> None:
    """Homebrew installs it and starts it as a service."""
    machine = Machine(tmp_path, "Darwin")
    machine.program(
        "brew", f'case "$*" in install*) {machine.installs()};; services*) touch {machine.answering};; esac'
    )
    done = machine.run()
    assert done.returncode == 0, done.stderr
    assert "brew services start redis" in machine.log.read_text()


def test_another_system_is_told(tmp_path: Path) -> None:
    """Where none of the three is there, it says so and ends with 1."""
    done = Machine(tmp_path, "Linux").run()
    assert done.returncode == 1
    assert "apt-get" in done.stderr
