"""What can go wrong, by who can do something about it.

BotError
 ├─ ConfigError            a setting is wrong: the start stops
 ├─ StoreError             rows could not be read or written
 │   ├─ FolderInUse        another process holds the data folder
 │   ├─ MemoryGone         the memory was forgotten a moment before
 │   └─ NewerSchema        the data were written by a newer version
 ├─ PlatformError          a chat platform refused
 ├─ InputError             what a person or a file gave cannot be used
 │   └─ SettingRefused     a guild's setting cannot be as an admin chose it
 ├─ Interrupted            the person stopped a command midway
 └─ ProviderError          a model service failed
     ├─ EmbeddingError
     └─ CompletionError
"""

from __future__ import annotations

import traceback
from pathlib import PurePath


class BotError(Exception):
    """Base of every error of this project; its text is one line that says what to do."""

    exit_code = 1


def mistake(error: BaseException) -> str:
    """Return what is told of an error that nobody expected: its type and place. Its text may hold what people said."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {PurePath(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"stopped by a mistake in the program ({type(error).__name__}{place}); please report it"


class ConfigError(BotError):
    """A setting is wrong; names file, key, what was found and what was expected."""

    exit_code = 2


class StoreError(BotError):
    """Rows could not be read or written. Nothing was acknowledged."""


class FolderInUse(StoreError):
    """Another process holds the data folder."""

    exit_code = 3


class MemoryGone(StoreError):
    """A memory that was there is not there any more. Nothing was changed."""


class NewerSchema(StoreError):
    """The data folder was written by a newer version; it was left untouched."""

    exit_code = 4


class PlatformError(BotError):
    """A chat platform refused what was asked of it."""


class InputError(BotError):
    """What a person or a file gave cannot be used; says what was expected."""


class SettingRefused(InputError):
    """A guild's setting cannot be as an admin chose it.

    Args:
        setting: its name, with which the text begins.
        found: what was found and what was expected.
    """

    def __init__(self, setting: str, found: str) -> None:
        super().__init__(f"{setting} {found}")
        self.setting = setting


class Interrupted(BotError):
    """The person stopped a command midway; says what was done and how to go on."""

    exit_code = 130


class ProviderError(BotError):
    """A model service failed.

    Args:
        message: one line for the operator, without contents or keys.
        retry_after: seconds after which a retry may succeed; None when it will not by itself.
    """

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class EmbeddingError(ProviderError):
    """No usable vectors came back."""


class Problem:
    """Why a completion failed, as far as the person can be told (values of CompletionError.problem)."""

    BUSY = "busy"  # rate limit, overload, server error
    TIMEOUT = "timeout"  # deadline or idle limit passed
    CUT = "cut"  # the stream broke after it began
    QUOTA = "quota"  # the account has no credit left
    REFUSED = "refused"  # content filter or refusal
    TOO_LONG = "too long"  # still beyond the context length after trimming
    SETUP = "setup"  # key, model name or address is wrong
    BROKEN = "broken"  # the answer was not what the protocol says


class CompletionError(ProviderError):
    """The chat model gave no answer, or only part of one."""

    def __init__(self, message: str, problem: str, retry_after: float | None = None) -> None:
        super().__init__(message, retry_after)
        self.problem = problem
