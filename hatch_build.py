"""Has `bongsu.native` built before a wheel is made; without a C compiler the package is whole as well, only slower."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class NativeHook(BuildHookInterface[Any]):
    """Called by hatchling for each wheel, an editable one too."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 (hatchling's)
        """Build, and say that the wheel is for machines of this kind where the library is in it."""
        file = Path(self.root) / "src" / "bongsu" / "native" / "build.py"
        why_not = runpy.run_path(str(file))["build"]()
        if why_not is None:
            build_data["pure_python"] = False
            build_data["infer_tag"] = True
        else:
            sys.stderr.write(f"bongsu.native is left out: {why_not}\n")
