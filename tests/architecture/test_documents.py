"""Documents say what the code does."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest
from scripts.documents import ROOT, documents

from bongsu import cli
from bongsu.commands.words import Words
from bongsu.server import openapi
from bongsu.settings.model import Settings
from bongsu.settings.show import later
from bongsu.settings.tree import settings_of, spell

READMES = [ROOT / "README.md", ROOT / "README.ko.md"]


FRESH = [path for path in documents() if path.name != "guides.md"]
"""The list of promises has a test of its own: a new test needn't be in it at once."""


@pytest.mark.parametrize("path", FRESH, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_documents_from_the_code_are_fresh(path: Path) -> None:
    """Each generated document is what the code says now."""
    assert path.read_text(encoding="utf-8") == documents()[path], "stale: run make docs"


def test_every_setting_is_documented() -> None:
    """docs/settings.md has a line for each setting."""
    text = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    missing = [spell(path) for path, _ in settings_of(Settings) if f"| `{spell(path)}` |" not in text]
    assert missing == ["$schema"]


def test_every_setting_is_read() -> None:
    """No setting without effect: each is read by some room, but for those that documents call coming."""
    coming = set(later())
    sources = [path for path in (ROOT / "src").rglob("*.py") if "settings" not in path.relative_to(ROOT).parts]
    text = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    unread = [
        spell(path)
        for path, _ in settings_of(Settings)
        if path[:1] not in coming and path != ("$schema",) and not re.search(rf"[.\"]{path[-1]}\b", text)
    ]
    assert unread == []


def test_every_metric_is_documented() -> None:
    """docs/metrics.md has each metric of every room (the simulation's own are told by what they simulate)."""
    text = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
    source = ROOT / "src"
    found = []
    for path in sorted(source.rglob("*metrics*.py")):
        if "demo" not in path.parts:
            module = import_module(".".join(path.with_suffix("").relative_to(source).parts))
            found += [metric.name for metric in getattr(module, "METRICS", ())]
    assert len(found) > 50
    assert [name for name in found if f"`{name}" not in text] == []


def test_every_endpoint_is_documented() -> None:
    """docs/rest.md names each path of the OpenAPI document, but for the parts of its own page."""
    paths = openapi.document()["paths"]
    text = (ROOT / "docs" / "rest.md").read_text(encoding="utf-8")
    assert [path for path in paths if path not in text and not path.startswith("/docs/")] == []


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)
def test_every_command_is_documented(readme: Path) -> None:
    """Both READMEs name every command of `bongsu` and every target of make that people use."""
    text = readme.read_text(encoding="utf-8")
    help_text = cli.command_line(Words("en")).format_help()
    commands = re.findall(r"^    (\w+)", help_text, re.MULTILINE)
    assert commands
    assert [name for name in commands if f"bongsu {name}" not in text] == []
    assert [name for name in ("run", "test", "check", "bench") if f"make {name}" not in text] == []


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)
def test_links_lead_somewhere(readme: Path) -> None:
    """Relative links of the READMEs and the documents name files that exist."""
    pages = [readme, *(ROOT / "docs").glob("*.md"), ROOT / "CONTRIBUTING.md"]
    broken = [
        f"{page.name} → {target}"
        for page in pages
        for target in re.findall(r"\]\((?!https?://|#|mailto:)([^)#\s]+)", page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]
    assert broken == []
