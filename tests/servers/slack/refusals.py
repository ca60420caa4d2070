"""The errors that Slack answers with, by the codes of its method pages, and which of them are nobody's fault."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tests.servers.slack.wire import Json

OF_THE_WORLD = frozenset(
    {
        "account_inactive",
        "channel_not_found",
        "hash_conflict",
        "internal_error",
        "invalid_auth",
        "invalid_code",
        "is_archived",
        "message_not_found",
        "message_not_in_streaming_state",
        "missing_scope",
        "not_in_channel",
        "ratelimited",
        "restricted_action",
        "stopped_by_user",
        "thread_not_found",
        "token_expired",
        "token_revoked",
        "user_not_found",
        "user_not_in_channel",
    }
)
"""What a correct bot can meet, since people change things under its hands. All else it must never provoke."""


@dataclass
class Refusal(Exception):
    """A request that Slack would not carry out.

    `messages` tell what is wrong and where, `more` joins the answer, `is_fault` overrules the table above.
    """

    code: str
    messages: Sequence[str] = ()
    more: Json | None = None
    is_fault: bool | None = None
    status: int = 200
    retry_after_s: float | None = None

    @property
    def is_violation(self) -> bool:
        """Whether a correct bot would never have asked."""
        return self.code not in OF_THE_WORLD if self.is_fault is None else self.is_fault

    @property
    def body(self) -> Json:
        """The answer as JSON."""
        told: Json = {"ok": False, "error": self.code, **(self.more or {})}
        if self.messages:
            told["response_metadata"] = {"messages": [f"[ERROR] {message}" for message in self.messages]}
        return told

    def __str__(self) -> str:
        """The short form for `violations`: the code and the places, never what stands there."""
        return f"{self.code} ({'; '.join(self.messages)})" if self.messages else self.code


def refuse(code: str, faults: Iterable[object]) -> None:
    """Raise the refusal if there are faults."""
    found = [str(fault) for fault in faults]
    if found:
        raise Refusal(code, found)
