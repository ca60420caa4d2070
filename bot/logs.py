"""The log: one line per record on standard error, in which neither secrets nor what people said can stand.

Our own modules log ids and counts. Other libraries put payloads, parameters and exception texts into theirs, so of
their records only the fixed part of the source is shown: the format without its arguments, and where it was logged.
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import Iterable
from pathlib import PurePath
from types import TracebackType
from typing import TextIO

from bot.config import Secret

OWN = ("bot", "adapters")
"""The packages whose records are shown whole; all others' only from WARNING on, without arguments."""

SHORTEST_SECRET = 4
"""A shorter secret would turn ordinary words into stars."""

_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_FRAMES = 5

ErrorInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


def configure_logging(level: str, secrets: Iterable[Secret] = (), stream: TextIO | None = None) -> None:
    """Send the log to a stream, in place of wherever it went before.

    Args:
        level: `debug`, `info`, `warning` or `error`, for our own modules; other libraries are held at WARNING.
        secrets: what is shown as `***` should it ever get into a record.
        stream: standard error when not given.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(LineFormatter(secrets))
    handler.addFilter(is_shown)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for package in OWN:
        logging.getLogger(package).setLevel(level.upper())
    logging.raiseExceptions = False  # the report of a broken log call would print its arguments


def is_own(record: logging.LogRecord) -> bool:
    """Tell whether a record comes from our own modules."""
    return record.name.partition(".")[0] in OWN


def is_shown(record: logging.LogRecord) -> bool:
    """Tell whether a record is shown; a library that lowers its own level stays unheard below WARNING."""
    return is_own(record) or record.levelno >= logging.WARNING


class LineFormatter(logging.Formatter):
    """Makes one line of a record, without secrets and without the texts of exceptions."""

    def __init__(self, secrets: Iterable[Secret] = ()) -> None:
        super().__init__()
        texts = sorted({secret.reveal() for secret in secrets}, key=len, reverse=True)
        known = [re.escape(text) for text in texts if len(text) >= SHORTEST_SECRET]
        self._secrets = re.compile("|".join(known)) if known else None

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        message = record.getMessage() if is_own(record) else _fixed_part(record)
        if record.exc_info:
            message = f"{message} [{self.formatException(record.exc_info)}]"
        line = f"{self.formatTime(record)} {record.levelname} {record.name}: {message}"
        if self._secrets:
            line = self._secrets.sub("***", line)
        return _UNPRINTABLE.sub(lambda found: ascii(found[0])[1:-1], line)

    def formatException(self, ei: ErrorInfo) -> str:  # noqa: N802 - the name is logging's
        """Return an exception's type and where it was raised, innermost first; its text may hold contents."""
        kind, _, trace = ei
        frames = reversed(traceback.extract_tb(trace)[-_FRAMES:])
        places = " < ".join(f"{PurePath(frame.filename).name}:{frame.lineno}" for frame in frames)
        return f"{kind.__name__ if kind else 'no exception'} at {places or 'unknown'}"


def _fixed_part(record: logging.LogRecord) -> str:
    """Return what stands in the source: a format with arguments; without arguments it may be finished text."""
    place = f"{record.filename}:{record.lineno}"
    return f"{record.msg} ({place})" if record.args and isinstance(record.msg, str) else place
