"""The marks under a reply as buttons or words, and the button that stops one. What they do is in `buttons`."""

from __future__ import annotations

from adapters.marks import Mark, has_kept, marks_under
from adapters.slack.interface.kit import Block, actions, plain
from adapters.slack.interface.presses import button, value_of
from adapters.slack.services import Services
from bot.events import ReplyEnd


def blocks_for(
    end: ReplyEnd, user_id: str, source_id: str, services: Services, *, rereads: bool = True, feedback: bool = False
) -> list[Block]:
    """Return the blocks under a reply; none when there is nothing to press, or no buttons are wanted.

    Args:
        user_id: who asked, and alone may press.
        source_id: what was answered, and may have taught something.
        rereads: the bot may read the message once more, without which it cannot answer it again.
        feedback: it is asked whether the answer was good, as agents do in their threads.
    """
    if services.bot.replies.marks != "buttons":
        return []
    row = [_button(mark, user_id) for mark in marks_under(end, source_id) if rereads or mark.verb != "again"]
    asked = [_feedback(user_id, source_id)] if feedback else []
    return [*([actions(*row)] if row else []), *asked]


def words_for(end: ReplyEnd) -> str:
    """Return a line to stand under a reply in place of buttons; empty when there is nothing to say.

    Slack has no commands in threads, so what is said is said to the bot.
    """
    told = []
    if has_kept(end):
        told.append("remembered: say “undo” to me and I take it back")
    if end.used:
        told.append("say “why” and I show what I used")
    return " · ".join(told)


def stopping_blocks(user_id: str, source_id: str) -> list[Block]:
    """Return the button that stops a reply while it is being given."""
    return [actions(button("stop", user_id, source_id, label="Stop"))]


def _button(mark: Mark, user_id: str) -> Block:
    return button(mark.verb, user_id, mark.about, label=mark.label, style="primary" if mark.proposed else "")


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
