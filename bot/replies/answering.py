"""Asks the chat model: budget first, one shorter second try when the prompt is too long, honest lines on failure."""

from __future__ import annotations

import logging
import secrets
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

from bot.config import LimitsSettings, OpenAISettings
from bot.errors import CompletionError, Problem
from bot.protocols import ChatMessage, ChatModel, Usage
from bot.replies.prompt import Ingredients, Manner, build_prompt
from bot.store.ledger import Ledger
from bot.tokens import estimate_prompt_tokens, estimate_tokens
from bot.types import Hit, Policy, Scope

log = logging.getLogger(__name__)

OVER_BUDGET = "(Today's budget for the chat model is used up, so I answer from memory alone until tomorrow.)"

_SORRY = {
    Problem.BUSY: "The model is busy right now. Please ask me again in a minute.",
    Problem.TIMEOUT: "The model took too long to answer. Please ask me again.",
    Problem.CUT: "The answer broke off here. Please ask me again.",
    Problem.QUOTA: "The model's account has no credit left; whoever runs this bot has to top it up.",
    Problem.REFUSED: "The model declined to answer this.",
    Problem.TOO_LONG: "This is too long for the model, even shortened. Please ask with fewer words.",
    Problem.SETUP: "The model is not set up correctly; whoever runs this bot can see why in its log.",
    Problem.BROKEN: "The model's answer was garbled. Please ask me again.",
}

_NEVER_BEGUN = frozenset({Problem.BUSY, Problem.QUOTA, Problem.SETUP, Problem.TOO_LONG})
"""Problems with which a service turns a request away before it costs anything; after others it may have worked."""


class OverBudget(Exception):
    """The guild's daily ceiling would be passed; nothing was sent."""


@dataclass(slots=True)
class Answer:
    """An answer while it is made: `text` so far, the hits that went into it, whether it failed or is no model's."""

    text: str = ""
    used: Sequence[Hit] = ()
    failed: bool = False
    from_memory: bool = False


class Answering:
    """Answers from one chat model."""

    def __init__(
        self, model: ChatModel, ledger: Ledger, manner: Manner, settings: OpenAISettings, limits: LimitsSettings
    ) -> None:
        self._model = model
        self._ledger = ledger
        self._manner = manner
        self._reply_tokens = settings.max_reply_tokens
        self._prompt_tokens = settings.context_tokens - settings.max_reply_tokens
        self._daily_tokens = limits.tokens_per_day_per_guild
        self._models = frozenset((settings.model, *settings.more_models))
        self._sees_images = settings.images

    async def stream(
        self, scope: Scope, given: Ingredients, policy: Policy, answer: Answer
    ) -> AsyncGenerator[str, None]:
        """Yield the model's answer, or what it managed and one honest line; `answer` follows along.

        Raises:
            OverBudget: before anything is sent.
        """
        if not self._sees_images:
            given = replace(given, images=(), unseen=len(given.images))
        manner = replace(self._manner, persona=policy.persona or self._manner.persona)
        budget = self._prompt_tokens
        for last_try in (False, True):
            messages, answer.used = build_prompt(manner, given, budget)
            try:
                async with aclosing(self._paid(scope, given, policy, messages)) as pieces:
                    async for piece in pieces:
                        answer.text += piece
                        yield piece
                return
            except CompletionError as error:
                if error.problem == Problem.TOO_LONG and not answer.text and not last_try:
                    budget = estimate_prompt_tokens(messages) // 2
                    continue
                answer.failed = True
                if not answer.text:
                    answer.used = ()
                yield _apology(error, answer)
                return

    async def _paid(
        self, scope: Scope, given: Ingredients, policy: Policy, messages: Sequence[ChatMessage]
    ) -> AsyncGenerator[str, None]:
        """The model's text, with its tokens reserved before the call and settled after it, however it ends."""
        expected = estimate_prompt_tokens(messages)
        day = given.now.astimezone(self._manner.timezone).date()
        ceiling = min(policy.tokens_per_day or self._daily_tokens, self._daily_tokens)
        reserved = await self._ledger.reserve(
            scope.platform, scope.guild_id, day, expected + self._reply_tokens, ceiling
        )
        if reserved is None:
            raise OverBudget
        model = policy.model if policy.model in self._models else ""
        completion = self._model.stream(messages, self._reply_tokens, model)
        spent = Usage(expected, 0)
        try:
            async with aclosing(aiter(completion)) as pieces:
                async for piece in pieces:
                    spent = Usage(expected, spent.completion_tokens + estimate_tokens(piece))
                    yield piece
        except CompletionError as error:
            if not spent.completion_tokens and error.problem in _NEVER_BEGUN:
                spent = Usage(0, 0)
            raise
        finally:
            await self._ledger.settle(reserved, completion.usage or spent)


def _apology(error: CompletionError, answer: Answer) -> str:
    reference = secrets.token_hex(3)
    log.warning("answer %s failed (%s): %s", reference, error.problem, error)
    gap = "\n\n" if answer.text else ""
    return f"{gap}{_SORRY[error.problem]} (ref {reference})"
