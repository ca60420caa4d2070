"""Answers from the memories themselves, for a bot without a chat model, or one whose model may not be asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo

from bot.judgement.text import is_question
from bot.replies.dates import day_of
from bot.types import Action, Hit, Memory, Outcome, Status

NO_MODEL = "(No chat model is configured, so I answer from memory alone.)"
_STANDS_OUT = 3.0  # score; lower ones come from importance and date rather than from what was asked
_MOST = 3
_NEAR_BEST = 0.5  # share of the best score; a person reads every line, so what is weaker is left out
_NOTHING_KNOWN = "I don't remember anything about that."
_NOTHING_SAID = "Tell me something about yourself, or ask me what I remember."
_SAID = {
    Action.KEPT: "I'll remember that.",
    Action.UPDATED: "I'll remember that, in place of what you told me before.",
}


def offline_reply(
    text: str,
    hits: Sequence[Hit],
    outcomes: Sequence[Outcome],
    *,
    now: datetime,
    timezone: tzinfo,
    reason: str = NO_MODEL,
) -> str:
    """Return what is known about a message, and what became of it, in the words of the memories.

    Args:
        text: the message.
        hits: what was recalled before this message was kept.
        outcomes: what became of the message; what they name as kept is on disk.
        reason: says why no model answered.
    """
    lines = [_kept(outcome, now, timezone) for outcome in outcomes if outcome.memory is not None]
    merged = {o.memory.id for o in outcomes if o.memory is not None}
    lines += [quote(hit.memory, now, timezone) for hit in _telling(hits) if hit.memory.id not in merged]
    if not lines:
        lines = [_NOTHING_KNOWN if is_question(text) else _NOTHING_SAID]
    return "\n".join([*lines, reason])


def _telling(hits: Sequence[Hit]) -> Sequence[Hit]:
    """The hits worth a person's reading; where none stands out, as for "what do you know about me?", all of them."""
    if not hits or hits[0].score < _STANDS_OUT:
        return hits
    return [hit for hit in hits[:_MOST] if hit.score >= hits[0].score * _NEAR_BEST]


def quote(memory: Memory, now: datetime, timezone: tzinfo) -> str:
    """Return a memory as something that was said: "You told me on 3 May: “…”"."""
    who = memory.author.name if memory.author else "You"
    past = " (no longer so)" if memory.status is Status.SUPERSEDED else ""
    return f"{who} told me {day_of(memory.event_time, now, timezone)}: “{memory.text}”{past}"


def _kept(outcome: Outcome, now: datetime, timezone: tzinfo) -> str:
    if outcome.action is Action.MERGED and outcome.memory is not None:
        return f"I know: you told me {day_of(outcome.memory.event_time, now, timezone)}."
    return _SAID.get(outcome.action, "I have not kept that yet.")
