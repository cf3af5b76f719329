"""Known holes in the pinned packages (pip-audit), and an honest word where nobody could be asked about them.

pip-audit alone ends with 0 and "No known vulnerabilities found" even where it could look up not one package.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
NOT_ASKED = 3
"""Exit status where packages couldn't be looked up."""


def main() -> int:
    """0: all were looked up and none is known to have a hole. 1: some have. 3: some couldn't be looked up."""
    program = Path(sys.executable).with_name("pip-audit")
    words = [str(program), "--require-hashes", "--disable-pip", "--progress-spinner=off", "--format=json"]
    asked = subprocess.run([*words, "-r", str(ROOT / "requirements.txt")], capture_output=True, text=True, check=False)
    try:
        packages: list[dict[str, Any]] = json.loads(asked.stdout)["dependencies"]
    except (ValueError, KeyError):
        print(asked.stderr.strip().splitlines()[-1] if asked.stderr.strip() else "pip-audit said nothing")
        return NOT_ASKED
    return told(packages)


def told(packages: list[dict[str, Any]]) -> int:
    """Print what was found; the exit status."""
    skipped = [one["name"] for one in packages if "skip_reason" in one]
    holed = [(one["name"], one["version"], hole) for one in packages for hole in one.get("vulns", ())]
    for name, version, hole in holed:
        print(f"{name} {version}: {hole['id']}, mended in {', '.join(hole['fix_versions']) or 'no version yet'}")
    if skipped:
        print(f"{len(skipped)} of {len(packages)} packages couldn't be looked up; nothing is known about them:")
        print("  " + " ".join(skipped))
        print("  is pypi.org reachable from here, or a mirror that knows their advisories?")
    print(f"{len(packages) - len(skipped)} packages looked up, {len(holed)} known holes")
    return 1 if holed else NOT_ASKED if skipped else 0


if __name__ == "__main__":
    sys.exit(main())
