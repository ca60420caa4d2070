"""What can go wrong, by who can do something about it.

BotError
 ├─ ConfigError            a setting is wrong: the start stops
 ├─ StoreError             rows could not be read or written
 │   ├─ FolderInUse        another process holds the data folder
 │   └─ NewerSchema        the data were written by a newer version
 ├─ PlatformError          a chat platform refused
 ├─ InputError             what a person or a file gave cannot be used
 ├─ Interrupted            the person stopped a command midway
 └─ ProviderError          a model service failed
     ├─ EmbeddingError
     └─ CompletionError
"""

from __future__ import annotations


class BotError(Exception):
    """Base of every error of this project; its text is one line that says what to do."""

    exit_code = 1


class ConfigError(BotError):
    """A setting is wrong; names file, key, what was found and what was expected."""

    exit_code = 2


class StoreError(BotError):
    """Rows could not be read or written. Nothing was acknowledged."""


class FolderInUse(StoreError):
    """Another process holds the data folder."""

    exit_code = 3


class NewerSchema(StoreError):
    """The data folder was written by a newer version; it was left untouched."""

    exit_code = 4


class PlatformError(BotError):
    """A chat platform refused what was asked of it."""


class InputError(BotError):
    """What a person or a file gave cannot be used; says what was expected."""


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
