"""The text of a reply while it grows: notices, the answer, notices; cut into messages when looked at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from adapters.links import Style, defuse
from adapters.slack.interface.commands import as_called
from adapters.slack.mrkdwn import MARKDOWN_CHARACTERS, inert, small_print, spelled_out
from adapters.slack.sending import Block, Content
from adapters.splitting import split
from adapters.streaming import certain_prefix, closed, stable_prefix

_NO_TEXT = "I have no answer to that."


class Draft:
    """One reply's text.

    Args:
        hosts: hosts that the answer may link to.
        said: what the person wrote, whose own links may stand in the answer too.
        prefix: of the names of slash commands.
        is_answer_to_command: its text is the bot's own, and names commands too.
    """

    def __init__(self, hosts: Iterable[str], said: str, prefix: str, *, is_answer_to_command: bool) -> None:
        self._hosts = frozenset(hosts)
        self._said = said
        self._prefix = prefix
        self._is_own = is_answer_to_command
        self._above: list[Block] = []
        self._answer: list[str] = []
        self._below: list[Block] = []

    @property
    def begins_with_notice(self) -> bool:
        """Whether something is to be read before the answer."""
        return bool(self._above)

    def notice(self, text: str) -> None:
        """Add a notice: before the answer until that has begun, then after it."""
        (self._below if self._answer else self._above).append(small_print(as_called(text, self._prefix)))

    def note(self, *blocks: Block) -> None:
        """Add blocks after everything."""
        self._below.extend(blocks)

    def grow(self, text: str) -> None:
        """Add to the answer."""
        self._answer.append(text)

    def own_words(self) -> None:
        """Take the answer for the bot's own, which may name commands."""
        self._is_own = True

    def so_far(self) -> list[Content]:
        """Return the messages that can be shown of an unfinished reply; none while nothing of the answer is certain."""
        answer = stable_prefix("".join(self._answer))
        return self._messages(answer, ()) if answer.strip() else []

    def flowing(self) -> str:
        """Return what can be shown of an unfinished reply in one message that can only be added to."""
        return self._safe(certain_prefix("".join(self._answer)))

    def whole(self) -> list[Content]:
        """Return the messages of the finished reply, at least one."""
        answer = "".join(self._answer).rstrip()
        return self._messages(closed(answer or _NO_TEXT), self._below)

    def _messages(self, answer: str, below: Sequence[Block]) -> list[Content]:
        texts = split(self._safe(answer), MARKDOWN_CHARACTERS) or [_NO_TEXT]
        last = len(texts) - 1
        return [
            Content(text, tuple(self._above) if at == 0 else (), tuple(below) if at == last else ())
            for at, text in enumerate(texts)
        ]

    def _safe(self, answer: str) -> str:
        named = as_called(answer, self._prefix) if self._is_own else answer
        linked = defuse(spelled_out(named), allowed_hosts=self._hosts, said=self._said, style=Style.SLACK)
        return inert(linked)
