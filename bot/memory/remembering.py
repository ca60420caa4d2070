"""Whether a statement becomes a memory, and of what kind. Pure: knows the text and the person's choice, no rows."""

from __future__ import annotations

from dataclasses import dataclass

from bot.judgement.salience import judge, strip_lead_in
from bot.judgement.secrets import find_secrets
from bot.judgement.sensitive import sensitive_topic
from bot.judgement.text import clean
from bot.types import Action, Kind, Mode, Outcome, Statement, Status

MAX_CHARACTERS = 4000
"""Longest memory of all; the longest message of Discord with a subscription, and more than a statement needs."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of a statement: an outcome already, or a text to be stored."""

    outcome: Outcome | None
    text: str = ""
    kind: Kind = Kind.MESSAGE
    status: Status = Status.CURRENT
    importance: float = 0.0
    reason: str = ""

    @staticmethod
    def ended(action: Action, reason: str) -> Decision:
        """Return the decision to store nothing."""
        return Decision(Outcome(action, reason))


def decide(statement: Statement, mode: Mode, most_characters: int = MAX_CHARACTERS) -> Decision:
    """Return whether this statement becomes a memory under this choice of the person, with the reason.

    Args:
        most_characters: of a memory here. A longer statement is refused if it was asked for, else let go.
    """
    text = clean(statement.text).strip()
    if not text:
        return Decision.ended(Action.DROPPED, "it has no text")
    if mode is Mode.OFF:
        return Decision.ended(Action.DROPPED, "you opted out of being remembered")
    if len(text) > MAX_CHARACTERS:
        return Decision.ended(Action.REFUSED, _too_long(text, min(most_characters, MAX_CHARACTERS)))
    if secrets := find_secrets(text):
        return Decision.ended(Action.REFUSED, f"it holds a secret ({secrets[0].kind})")
    told = None if statement.as_given else strip_lead_in(text)
    explicit = statement.explicit or told is not None
    text = told or text
    verdict = judge(text)
    if not (explicit or statement.as_given):
        if mode is Mode.COMMANDS:
            return Decision.ended(Action.DROPPED, "remembering is paused")
        if not verdict.keep:
            return Decision.ended(Action.DROPPED, verdict.reason)
    if len(text) > most_characters:
        asked = explicit or statement.as_given
        return Decision.ended(Action.REFUSED if asked else Action.DROPPED, _too_long(text, most_characters))
    topic = None if statement.as_given else sensitive_topic(text)
    asks = mode is Mode.ASK and not (explicit or statement.as_given)
    return Decision(
        outcome=None,
        text=text,
        kind=statement.kind or (Kind.NOTE if explicit else verdict.kind),
        status=Status.PROPOSED if topic or asks else Status.CURRENT,
        importance=verdict.importance,
        reason=f"it is about {topic}" if topic else "you asked for it" if explicit else verdict.reason,
    )


def _too_long(text: str, most: int) -> str:
    return f"it has {len(text):,} characters, a memory at most {most:,}"
