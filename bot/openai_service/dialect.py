"""Knows which optional parameters a server takes, and learns it from the server's refusals."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

from bot.openai_service.client import is_openai


@dataclass(frozen=True, slots=True)
class Dialect:
    """The optional parameters of a chat request to one server.

    `store: false` keeps OpenAI from keeping the conversation and is never left out there. A server that rejects the
    parameter does not know stored completions; Mistral answers 422 to it (seen April 2026).
    """

    openai: bool
    refused: frozenset[str] = frozenset()

    @classmethod
    def of(cls, base_url: str | None) -> Self:
        """Return the dialect to begin with at an address."""
        return cls(is_openai(base_url))

    def parameters(self, max_tokens: int) -> dict[str, object]:
        """Return the optional part of a request's body."""
        wanted: dict[str, object] = {
            self._limit_name(): max_tokens,
            "store": False,
            "stream_options": {"include_usage": True},
        }
        return {name: value for name, value in wanted.items() if name not in self.refused}

    def without(self, refusal: str) -> Dialect | None:
        """Return the dialect without the parameters that a refusal names; None when it names none of them."""
        # In quotes: as "param", in a "loc" list or in the sentence, and not as a word of somebody's prompt.
        named = {name for name in self.parameters(1) if re.search(rf"['\"`]{name}['\"`]", refusal)}
        if self.openai:
            named.discard("store")
        return Dialect(self.openai, self.refused | named) if named else None

    def _limit_name(self) -> str:
        # OpenAI's newer models take the second name only (API reference, chat, max_completion_tokens); most compatible
        # servers know the first only. When both were refused, none is sent.
        names = ("max_completion_tokens", "max_tokens") if self.openai else ("max_tokens", "max_completion_tokens")
        return names[1] if names[0] in self.refused else names[0]
