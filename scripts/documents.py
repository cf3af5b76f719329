"""Write the documents that come from the code: `make docs`. A test fails where one is stale."""

from __future__ import annotations

import ast
import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]

from scripts.metrics_document import metrics_document  # noqa: E402

from bongsu.settings.duration import Duration  # noqa: E402
from bongsu.settings.environment import GUIDE_NAMES, name_of  # noqa: E402
from bongsu.settings.model import Settings  # noqa: E402
from bongsu.settings.show import json_schema, shown  # noqa: E402
from bongsu.settings.tree import bare, fields, item_of, settings_of, spell  # noqa: E402

MARK = re.compile(r"//\s*guide:?\s+[\"']?(G\d{3})")
ROW = re.compile(r"^\| (G\d{3}) \| (.*?) \| ([A-Z, ]+) \|(?: .*\|)?$")


def main() -> None:
    """Write every document."""
    for path, text in documents().items():
        path.write_text(text, encoding="utf-8")


def documents() -> dict[Path, str]:
    """Each document that comes from the code, as it should be."""
    guides, settings = ROOT / "docs" / "guides.md", ROOT / "docs" / "settings.md"
    return {
        settings: settings_document(settings.read_text(encoding="utf-8")),
        ROOT / "config" / "monitoring_config.schema.json": json.dumps(json_schema(), ensure_ascii=False, indent=2)
        + "\n",
        ROOT / "docs" / "metrics.md": metrics_document(),
        guides: guides_document(guides.read_text(encoding="utf-8"), marked_tests(ROOT / "tests")),
    }


# -- settings --------------------------------------------------------------------------------------------------------

TABLES = "<!-- What follows is written by `make docs` from src/bongsu/settings. -->"


def settings_document(written: str) -> str:
    """docs/settings.md: what stands above the tables as it is written, and a table for each section."""
    text = [written.partition(TABLES)[0] + TABLES]
    guide_names = {path: name for name, path in GUIDE_NAMES.items()}
    plain = shown(Settings())
    for section, info in fields(Settings).items():
        if section == "$schema":
            continue
        text.append(f"\n## `{section}`\n")
        if _later(info):
            text.append(f"{info.description} Checked already, read once that part of Bongsu exists.\n")
        text += ["| setting | default | English | 한국어 | environment |", "|---|---|---|---|---|"]
        for path, one in settings_of(Settings):
            if path[0] == section:
                text.append(_setting_row(path, one, _at(plain, path), guide_names.get(path)))
                text += _item_rows(path, one)
    return "\n".join(text) + "\n"


def _item_rows(path: tuple[str, ...], info: FieldInfo) -> list[str]:
    """The keys of each item, where a setting is a list of objects: `rules[].metric`."""
    item = item_of(info.annotation)
    if item is None:
        return []
    rows = []
    for key, one in fields(item).items():
        extra = one.json_schema_extra if isinstance(one.json_schema_extra, dict) else {}
        default = one.get_default(call_default_factory=True) if not one.is_required() else None
        plain = str(default) if isinstance(default, Duration) else default
        value = "–" if plain in (None, "") else f"`{json.dumps(plain, ensure_ascii=False, default=str)}`"
        texts = [one.description or "", str(extra.get("x-ko", ""))]
        rows.append(f"| `{spell(path)}[].{key}` | {value} | {' | '.join(text.replace('|', '') for text in texts)} | |")
    return rows


def _setting_row(path: tuple[str, ...], info: FieldInfo, default: Any, guide_name: str | None) -> str:
    extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    value = "–" if default is None or _secret(info) else f"`{json.dumps(default, ensure_ascii=False)}`"
    names = f"`{name_of(path)}`" + (f", `{guide_name}`" if guide_name else "")
    return f"| `{spell(path)}` | {value} | {info.description} | {extra.get('x-ko', '')} | {names} |"


def _at(tree: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        tree = tree[key]
    return tree


def _secret(info: FieldInfo) -> bool:
    return bare(info.annotation) is SecretStr


def _later(info: FieldInfo) -> bool:
    section = bare(info.annotation)
    nested = isinstance(section, type) and issubclass(section, BaseModel)
    extra = info.json_schema_extra
    return bool(isinstance(extra, dict) and extra.get("x-later")) and (nested or section is not None)


# -- the guides' promises --------------------------------------------------------------------------------------------


def marked_tests(folder: Path) -> dict[str, list[str]]:
    """Row → the tests that keep it, as `tests/unit/test_x.py::test_y`, from the test sources themselves."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in sorted(folder.rglob("test_*.py")):
        name = path.relative_to(folder.parent).as_posix()
        for row, test in _python_marks(ast.parse(path.read_text(encoding="utf-8"))):
            found[row].add(f"{name}::{test}" if test else name)
    for path in sorted(folder.rglob("*.test.*js")):
        for row in MARK.findall(path.read_text(encoding="utf-8")):
            found[row].add(path.relative_to(folder.parent).as_posix())
    return {row: sorted(tests) for row, tests in sorted(found.items())}


def _python_marks(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            for decorator in node.decorator_list:
                for row in _rows_in(decorator):
                    yield row, node.name
        if isinstance(node, ast.ClassDef):
            yield from ((row, f"{node.name}::{test}" if test else node.name) for row, test in _marks_in_class(node))
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "pytestmark" for t in node.targets):
            yield from ((row, "") for row in _rows_in(node.value))


def _marks_in_class(node: ast.ClassDef) -> Iterator[tuple[str, str]]:
    yield from _python_marks(ast.Module(body=node.body, type_ignores=[]))


def _rows_in(node: ast.expr) -> list[str]:
    marks = re.findall(r"mark\.guide\(([^)]*)\)", ast.unparse(node))
    return [row for mark in marks for row in re.findall(r"G\d{3}", mark)]


def guides_document(text: str, tests: Mapping[str, list[str]]) -> str:
    """docs/guides.md with its last column filled in and each row once; everything else stays as it is written."""
    lines = []
    seen = set()
    for line in text.splitlines():
        match = ROW.match(line)
        if match is None:
            lines.append(line)
            continue
        if match[1] in seen:  # merges of this column put a row there twice
            continue
        seen.add(match[1])
        named = "<br>".join(f"`{test.removeprefix('tests/')}`" for test in tests.get(match[1], ()))
        lines.append(f"| {match[1]} | {match[2]} | {match[3]} | {named} |")
    return "\n".join(lines) + "\n"


def guide_rows(text: str) -> dict[str, set[str]]:
    """Row → the letters of the issues that build it."""
    matches = filter(None, map(ROW.match, text.splitlines()))
    return {match[1]: set(match[3].replace(" ", "").split(",")) for match in matches}


if __name__ == "__main__":
    main()
