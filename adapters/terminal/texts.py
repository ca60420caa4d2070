"""What goes in and out as text: without characters that steer a terminal, and the adapter's own few lines."""

from __future__ import annotations

import re

_STEERING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_BYTE_ORDER_MARK = "\ufeff"

NO_ANSWER = "(no answer)"
CUT_OFF = "(cut off)"
TOO_LONG = (
    "That line has more than {most:,} characters, the most I read at once. None of it was kept; please send less."
)


def printable(text: str) -> str:
    """Return a text without control characters, new lines and tabs excepted: none may move the cursor or ring."""
    return _STEERING.sub("", text)


def decoded(line: bytes) -> str:
    """Return what a line of bytes says; what is no UTF-8 becomes U+FFFD."""
    return printable(line.decode("utf-8", "replace").removeprefix(_BYTE_ORDER_MARK))
