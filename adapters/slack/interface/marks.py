"""What stands under a reply: undo, yes and no, why, ask again; and what stops one. What they do is in `buttons`."""

from __future__ import annotations

from collections.abc import Iterator

from adapters.slack.interface.kit import Block, actions, plain
from adapters.slack.interface.presses import button, value_of
from adapters.slack.services import Services
from bot.types import Action, Memory, ReplyEnd

_KEPT = frozenset({Action.KEPT, Action.UPDATED})


def blocks_for(
    end: ReplyEnd, user_id: str, source_id: str, services: Services, *, again: bool = True, feedback: bool = False
) -> list[Block]:
    """Return the blocks under a reply; none when there is nothing to press, or no buttons are wanted.

    Args:
        user_id: who asked, and alone may press.
        source_id: what was answered, and may have taught something.
        again: it can be answered again, which a command cannot.
        feedback: it is asked whether the answer was good, as agents do in their threads.
    """
    if services.replies.marks != "buttons":
        return []
    row = [*_remembering(end, user_id, source_id)]
    if end.used:
        row.append(button("why", user_id, source_id, label="why?"))
    if again:
        row.append(button("again", user_id, source_id, label="↻"))
    asked = [_feedback(user_id, source_id)] if feedback else []
    return [*([actions(*row)] if row else []), *asked]


def words_for(end: ReplyEnd) -> str:
    """Return a line to stand under a reply in place of buttons; empty when there is nothing to say.

    Slack has no commands in threads, so what is said is said to the bot.
    """
    told = []
    if _kept(end):
        told.append("remembered: say “undo” to me and I take it back")
    if end.used:
        told.append("say “why” and I show what I used")
    return " · ".join(told)


def stopping_blocks(user_id: str, source_id: str) -> list[Block]:
    """Return the button that stops a reply while it is being given."""
    return [actions(button("stop", user_id, source_id, label="Stop"))]


def _remembering(end: ReplyEnd, user_id: str, source_id: str) -> Iterator[Block]:
    if _kept(end):
        yield button("undo", user_id, source_id, label="remembered · undo")
    for proposed in [memory for action, memory in _outcomes(end) if action is Action.PROPOSED][:1]:
        yield button("keep", user_id, proposed.id, label="Remember it", style="primary")
        yield button("decline", user_id, proposed.id, label="Don't")


def _feedback(user_id: str, source_id: str) -> Block:
    def half(label: str, value: str) -> Block:
        return {"text": plain(label), "value": value_of(user_id, source_id, value)}

    return {
        "type": "context_actions",
        "elements": [
            {
                "type": "feedback_buttons",
                "action_id": "feedback",
                "positive_button": half("Good answer", "good"),
                "negative_button": half("Bad answer", "bad"),
            }
        ],
    }


def _outcomes(end: ReplyEnd) -> list[tuple[Action, Memory]]:
    return [(outcome.action, outcome.memory) for outcome in end.outcomes if outcome.memory is not None]


def _kept(end: ReplyEnd) -> bool:
    return any(action in _KEPT for action, _ in _outcomes(end))
