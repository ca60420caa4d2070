"""Reads the chunks of a streamed answer (API reference, "The chat completion chunk object"); sends nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.errors import Problem
from bot.openai_service.faults import Fault, broken
from bot.openai_service.retry import ServiceError
from bot.protocols import ChatMessage, Usage
from bot.tokens import estimate_prompt_tokens, estimate_tokens


@dataclass(slots=True)
class ChunkReader:
    """What the chunks of one answer have said so far."""

    section: str
    finish_reason: str | None = None
    counted: Usage | None = None
    pieces: list[str] = field(default_factory=list)

    def read(self, chunk: object) -> str:
        """Return the text that a chunk adds, empty when it adds none.

        Raises:
            ServiceError: the model refused, or the chunk is not what the protocol says.
        """
        # The library checks no types: a server's null or number arrives where its classes promise a list.
        choices = getattr(chunk, "choices", None) or ()
        self.counted = _usage(getattr(chunk, "usage", None)) or self.counted
        if not isinstance(choices, Sequence):
            raise ServiceError(broken(self.section, "sent a chunk without choices"))
        return self._read_choice(choices[0]) if choices else ""

    def usage(self, prompt: Sequence[ChatMessage]) -> Usage:
        """Return the tokens as the service counted them, else as estimated."""
        estimated = Usage(estimate_prompt_tokens(prompt), estimate_tokens("".join(self.pieces)))
        return self.counted or estimated

    def _read_choice(self, choice: object) -> str:
        delta = getattr(choice, "delta", None)
        reason = getattr(choice, "finish_reason", None)
        if isinstance(reason, str):
            self.finish_reason = reason
        if reason == "content_filter" or getattr(delta, "refusal", None):
            raise ServiceError(Fault(Problem.REFUSED, f"{self.section} model refused or its answer was filtered"))
        text = getattr(delta, "content", None)
        if not text or not isinstance(text, str):
            return ""
        self.pieces.append(text)
        return text


def _usage(usage: object) -> Usage | None:
    prompt, completion = getattr(usage, "prompt_tokens", None), getattr(usage, "completion_tokens", None)
    if isinstance(prompt, int) and isinstance(completion, int):
        return Usage(prompt, completion)
    return None
