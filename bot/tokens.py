"""Estimates how many tokens a text takes, on the safe side; knows no model's vocabulary."""

from __future__ import annotations

from collections.abc import Iterable

from bot.protocols import ChatMessage

BYTES_PER_TOKEN = 3
"""UTF-8 bytes counted as one token.

OpenAI names 4 characters a token for English (help.openai.com, article 4936856); 3 leaves a third for names, code
and punctuation, and counts an ideograph as one token. Digits and random strings can take more tokens than this.
"""

MESSAGE_OVERHEAD_TOKENS = 4
"""Tokens that role and separators of one message take (OpenAI cookbook, "How to count tokens with tiktoken")."""

IMAGE_TOKENS = 2833
"""Tokens counted for one image given with low detail, the most that any model takes (OpenAI guide "Images and vision",
"Calculating costs": 85 on gpt-4o, 2,833 on gpt-4o-mini, up to 1,536 patches × 1.62 on gpt-4.1-mini)."""


def estimate_tokens(text: str) -> int:
    """Return about how many tokens a text takes, rounded up; 0 for no text."""
    return -(-len(text.encode("utf-8", "replace")) // BYTES_PER_TOKEN)


def estimate_prompt_tokens(messages: Iterable[ChatMessage]) -> int:
    """Return about how many tokens the messages of one prompt take together."""
    return sum(
        MESSAGE_OVERHEAD_TOKENS + estimate_tokens(message.content) + IMAGE_TOKENS * len(message.images)
        for message in messages
    )


def cut_to_tokens(text: str, max_tokens: int) -> str:
    """Return the longest beginning of a text that takes at most `max_tokens` estimated tokens."""
    return cut_to_bytes(text, max_tokens * BYTES_PER_TOKEN)


def cut_to_bytes(text: str, max_bytes: int) -> str:
    """Return the longest beginning of a text that takes at most `max_bytes` in UTF-8.

    No character is split; lone surrogates, which UTF-8 cannot carry, become question marks.
    """
    # The first slice spares encoding megabytes: a character takes one byte or more.
    return text[:max_bytes].encode("utf-8", "replace")[:max_bytes].decode("utf-8", "ignore")
