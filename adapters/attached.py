"""Files that hang on messages: which are images or small texts, and how the others are named. Asks nobody."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Protocol

TEXT_BYTES = 64 * 1024
"""Largest text file that is read."""

IMAGE_TYPES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
"""What models that see can read."""

_TEXT_TYPES = frozenset(
    {"application/json", "application/toml", "application/xml", "application/yaml", "application/x-yaml"}
)
# fmt: off
_TEXT_SUFFIXES = frozenset({
    ".c", ".cfg", ".conf", ".cpp", ".cs", ".css", ".csv", ".diff", ".env", ".go", ".h", ".html", ".ini", ".java", ".js",
    ".json", ".kt", ".log", ".lua", ".md", ".patch", ".php", ".py", ".rb", ".rs", ".sh", ".sql", ".svg", ".swift",
    ".tex", ".toml", ".ts", ".tsv", ".txt", ".xml", ".yaml", ".yml",
})
# fmt: on


class Attached(Protocol):
    """A file as a platform tells of it."""

    @property
    def filename(self) -> str:
        """What it is called."""
        ...

    @property
    def content_type(self) -> str | None:
        """Its media type, if the platform knows it."""
        ...

    @property
    def size(self) -> int:
        """Its size in bytes."""
        ...


def is_image(file: Attached) -> bool:
    """Tell whether a file is an image that a model may be able to see."""
    return _media_type(file) in IMAGE_TYPES


def is_small_text(file: Attached) -> bool:
    """Tell whether a file is a text that is worth reading whole."""
    kind = _media_type(file)
    suffix = PurePosixPath(file.filename).suffix.lower()
    is_text = kind.startswith("text/") or kind in _TEXT_TYPES or suffix in _TEXT_SUFFIXES
    return is_text and file.size <= TEXT_BYTES


def described(file: Attached) -> str:
    """Return a file that is not read as words: "(a PDF of 2.1 MB, not read)"."""
    kind = PurePosixPath(file.filename).suffix.lstrip(".").upper() or "file"
    return f"(a {kind} of {_size(file.size)}, not read)"


def _media_type(file: Attached) -> str:
    return (file.content_type or "").partition(";")[0].strip().lower()


def _size(n_bytes: int) -> str:
    if n_bytes < 1000:
        return f"{n_bytes} bytes"
    return f"{n_bytes / 1000:.1f} kB" if n_bytes < 1_000_000 else f"{n_bytes / 1_000_000:.1f} MB"
