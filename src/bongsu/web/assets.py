"""The board's files, read and compressed once and answered from memory.

Looking a name up in a dictionary is what keeps a request from leaving the folder: there is no path to walk.
"""

from __future__ import annotations

import gzip
import hashlib
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

STATIC = Path(__file__).parent / "static"

MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".md": "text/plain; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
"""What is served; other files of the folder aren't."""

_STARTERS = frozenset({"early.js", "board.js"})
"""What the board's own page starts with, by other means."""

_IMPORT = re.compile(r"""^(?:import|export)\b[^'"(]*['"](\.[^'"]+)['"]""", re.MULTILINE)
"""A static import; `import('…')` isn't one."""

_COMMENTS = {
    ".css": re.compile(rb"/\*.*?\*/", re.DOTALL),
    ".js": re.compile(rb"^[ \t]*(?://[^\n]*|/\*\*(?:(?!\*/).)*\*/)[ \t]*$", re.DOTALL | re.MULTILINE),
}
"""Comments by the kind of file; of a module only those on lines of their own: behind code it may be part of a text."""

FOREVER = "public, max-age=31536000, immutable"
REVALIDATE = "no-cache"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """One file, held once: compressed, or as it is where compressing doesn't pay."""

    held: bytes
    packed: bool
    media_type: str
    etag: str

    @property
    def gzipped(self) -> bytes | None:
        """Its bytes compressed; None where that doesn't pay."""
        return self.held if self.packed else None

    @property
    def body(self) -> bytes:
        """Its bytes as they are; unpacked each time, since nearly every browser takes them compressed."""
        return gzip.decompress(self.held) if self.packed else self.held


class Assets:
    """All files under `folder`, by their path relative to it.

    `digest` changes whenever any file does. Under `/assets/<digest>/…` answers may be kept for ever (modules
    import each other by relative paths, so the whole tree moves together); under `/assets/…` they are revalidated.
    """

    def __init__(self, folder: Path = STATIC) -> None:
        self._assets = {
            path.relative_to(folder).as_posix(): _read(path)
            for path in sorted(folder.rglob("*"))
            if path.is_file() and path.suffix in MEDIA_TYPES
        }
        seal = hashlib.sha256()
        for name, asset in self._assets.items():
            seal.update(f"{name}\0{asset.etag}\0".encode())
        self.digest = seal.hexdigest()[:16]
        self._modules: dict[str, list[str]] = {}

    def __getitem__(self, name: str) -> Asset:
        return self._assets[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._assets)

    def modules(self, first: str) -> list[str]:
        """The modules that load at once with page `first`: all that it and the frame import."""
        if first not in self._modules:
            self._modules[first] = self._imported(first)
        return self._modules[first]

    def _imported(self, first: str) -> list[str]:
        found: set[str] = set()
        waiting = [*_STARTERS, f"pages/{first}.js"]
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                here = posixpath.dirname(name)
                imported = _IMPORT.findall(self._assets[name].body.decode())
                waiting += [posixpath.normpath(posixpath.join(here, path)) for path in imported]
        return sorted(name for name in found - _STARTERS if name.endswith(".js"))

    async def answer(self, request: Request) -> Response:
        """The endpoint of `/assets/{path}`."""
        name: str = request.path_params["path"]
        pinned, _, rest = name.partition("/")
        forever = pinned == self.digest
        asset = self._assets.get(rest if forever else name)
        if asset is None:
            return Response("no such file\n", status_code=404, media_type="text/plain")
        headers = {
            "cache-control": FOREVER if forever else REVALIDATE,
            "etag": asset.etag,
            "vary": "accept-encoding",
            "x-content-type-options": "nosniff",
        }
        if asset.etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        if asset.gzipped is not None and "gzip" in request.headers.get("accept-encoding", ""):
            headers["content-encoding"] = "gzip"
            return Response(asset.gzipped, headers=headers, media_type=asset.media_type)
        return Response(asset.body, headers=headers, media_type=asset.media_type)


def without_comments(text: bytes, suffix: str) -> bytes:
    """A module or style sheet without the lines that are only comment, a quarter of what a browser has to fetch.

    Empty lines stay in their place, so that what a browser reports is found in the source.
    """
    comment = _COMMENTS.get(suffix)
    return comment.sub(lambda found: b"\n" * found[0].count(b"\n"), text) if comment else text


def _read(path: Path) -> Asset:
    body = path.read_bytes()
    if path.parent.name != "vendor":
        body = without_comments(body, path.suffix)
    gzipped = gzip.compress(body, compresslevel=9, mtime=0) if path.suffix != ".woff2" else body
    packed = len(gzipped) < len(body)
    return Asset(
        held=gzipped if packed else body,
        packed=packed,
        media_type=MEDIA_TYPES[path.suffix],
        etag=f'W/"{hashlib.sha256(body).hexdigest()[:20]}"',
    )
