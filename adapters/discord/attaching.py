"""A file of the assistant as Discord takes it: whole, or in several when it is too large for one."""

from __future__ import annotations

import io
from pathlib import PurePath

from discord.utils import DEFAULT_FILE_SIZE_LIMIT_BYTES

from bot.events import ReplyFile

_MOST = 10  # files of one message


def files_of(file: ReplyFile, most_bytes: int = DEFAULT_FILE_SIZE_LIMIT_BYTES) -> list[tuple[str, bytes]]:
    """Return the name and content of each file that a file of lines becomes; no line is cut.

    Args:
        most_bytes: of one file; where nothing else is known, what everybody may send.
    """
    parts = [bytearray()]
    for line in io.StringIO(file.content):  # unlike splitlines, nothing but new lines ends one
        encoded = line.encode()
        if parts[-1] and len(parts[-1]) + len(encoded) > most_bytes:
            parts.append(bytearray())
        parts[-1] += encoded
    path = PurePath(file.name)
    names = [file.name, *(f"{path.stem}-{number}{path.suffix}" for number in range(2, _MOST + 1))]
    return [(name, bytes(part)) for name, part in zip(names, parts, strict=False)]
